"""What is not known about a scenario, as distributions that somebody has stated."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from statistics import NormalDist

CHANCE = "chance of individuals"  # the input that stands for the simulation's own draws
STANDARD_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class Distribution:
    """
    A distribution of one number, by its quantile function.

    ``kind`` and its parameters: constant (value); uniform (low, high); triangular (low, mode, high); normal (mean, sd);
    lognormal (median, sigma: standard deviation of the logarithm); exponential (mean, low); weibull (shape, scale, low;
    Weibull 1951); choice (``values`` with ``weights``). ``low`` of the last two is where they begin. ``low`` and
    ``high`` of a normal and a lognormal cut it off: the rest is scaled up.
    """

    kind: str
    parameters: tuple[tuple[str, float], ...] = ()
    values: tuple[float, ...] = ()
    weights: tuple[float, ...] = ()

    def get(self, name: str, default: float = math.nan) -> float:
        """A parameter."""
        return dict(self.parameters).get(name, default)

    @property
    def is_constant(self) -> bool:
        return self.kind == "constant"

    def support(self) -> tuple[float, float]:
        """The least and the largest value it can take."""
        low, high = self.get("low", 0.0), self.get("high", math.inf)
        if self.kind == "constant":
            return self.get("value"), self.get("value")
        if self.kind == "normal":
            return self.get("low", -math.inf), high
        if self.kind == "choice":
            return min(self.values), max(self.values)
        return low, high

    def quantile(self, share: float) -> float:
        """The value that a share (0 to 1, both exclusive) of all futures does not exceed."""
        if self.kind == "constant":
            return self.get("value")
        if self.kind == "choice":
            return self._choice(share)
        if self.kind in ("normal", "lognormal"):
            return self._normal(share)
        low = self.get("low", 0.0)
        if self.kind == "uniform":
            return low + share * (self.get("high") - low)
        if self.kind == "triangular":
            return self._triangular(share)
        shape, scale = (1.0, self.get("mean")) if self.kind == "exponential" else (self.get("shape"), self.get("scale"))
        return float(low + scale * (-math.log1p(-share)) ** (1.0 / shape))

    def _choice(self, share: float) -> float:
        total, passed = sum(self.weights), 0.0
        for value, weight in sorted(zip(self.values, self.weights, strict=True)):
            passed += weight
            if share * total < passed:
                return value
        return max(self.values)

    def _triangular(self, share: float) -> float:
        low, mode, high = self.get("low"), self.get("mode"), self.get("high")
        if share * (high - low) < mode - low:
            return low + math.sqrt(share * (high - low) * (mode - low))
        return high - math.sqrt((1.0 - share) * (high - low) * (high - mode))

    def _normal(self, share: float) -> float:
        is_log = self.kind == "lognormal"
        centre = math.log(self.get("median")) if is_log else self.get("mean")
        spread = self.get("sigma") if is_log else self.get("sd")

        def below(value: float) -> float:
            if math.isinf(value) or (is_log and value <= 0):
                return 0.0 if value <= 0 else 1.0
            return STANDARD_NORMAL.cdf(((math.log(value) if is_log else value) - centre) / spread)

        first, last = below(self.get("low", -math.inf)), below(self.get("high", math.inf))
        inside = min(max(first + share * (last - first), 1e-300), 1.0 - 2.0**-53)
        found = centre + spread * STANDARD_NORMAL.inv_cdf(inside)
        value = math.exp(found) if is_log else found
        return min(max(value, self.get("low", -math.inf)), self.get("high", math.inf))


@dataclass(frozen=True, slots=True)
class Target:
    """
    What an uncertainty bears on: ``kind`` all, link, crossing, site, zone or hazard.

    ``links`` are the link indices of a link or crossing; ``index`` is that of a site or zone; -1 for all others.
    """

    kind: str
    target_id: str = ""
    links: tuple[int, ...] = ()
    index: int = -1

    def __str__(self) -> str:
        return f"{self.kind}:{self.target_id}" if self.target_id else self.kind


@dataclass(frozen=True, slots=True)
class Loss:
    """
    One event that takes one target or several (a common cause), with ``probability``, at a time from the start.

    Each target is taken with probability ``each`` if it happens. ``left`` is the capacity factor that is left,
    ``lasts_s`` how long it lasts (None: until further notice); of sites, none is left.
    """

    name: str
    targets: tuple[Target, ...]
    probability: float
    time_s: Distribution
    left: Distribution
    lasts_s: Distribution | None = None
    each: float = 1.0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Factor:
    """
    A factor on what the tables say.

    ``kind``: "capacity" (of the target's roads), "hazard" (the speed at which hazards come: arrival time / factor),
    "population" (persons present), "beds".
    """

    name: str
    kind: str
    target: Target
    factor: Distribution
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting of the simulation's behaviour (`clearway.simulator.Behaviour`), in its units."""

    name: str
    setting: str
    value: Distribution
    reason: str = ""


@dataclass(frozen=True, slots=True)
class StateSpan:
    """How likely a target is closed, limited and open in [from_s, until_s); they add up to 1."""

    from_s: float
    until_s: float
    closed: float
    limited: float
    limited_factor: float


@dataclass(frozen=True, slots=True)
class BeliefState:
    """What a ledger believes of a target over time; one draw stands for all of it."""

    name: str
    target: Target
    spans: tuple[StateSpan, ...]


@dataclass(frozen=True, slots=True)
class Correlation:
    """Correlation of two inputs' normal scores (Gaussian copula)."""

    first: str
    second: str
    value: float


@dataclass(frozen=True)
class Uncertainty:
    """
    Everything uncertain about a scenario. Empty: nothing is.

    Its *inputs* are numbers between 0 and 1, each with a name, from which a future follows.
    """

    losses: tuple[Loss, ...] = ()
    factors: tuple[Factor, ...] = ()
    settings: tuple[Setting, ...] = ()
    states: tuple[BeliefState, ...] = ()
    correlations: tuple[Correlation, ...] = ()

    @cached_property
    def inputs(self) -> tuple[str, ...]:
        """Names of all inputs, the simulation's own chance last."""
        names: list[str] = []
        for loss in self.losses:
            names.append(loss.name)
            names += [f"{loss.name}: left"] if not loss.left.is_constant else []
            names += [f"{loss.name}: lasts"] if loss.lasts_s is not None and not loss.lasts_s.is_constant else []
            names += [f"{loss.name}: {target}" for target in loss.targets] if loss.each < 1 else []
        names += [one.name for one in self.factors] + [one.name for one in self.settings]
        names += [one.name for one in self.states]
        return (*names, CHANCE)

    @property
    def is_empty(self) -> bool:
        return len(self.inputs) == 1

    @cached_property
    def groups(self) -> tuple[tuple[str, tuple[int, ...]], ...]:
        """
        (name, indices of inputs): inputs that belong together, independent of all others.

        The draws of one loss, and all that are correlated, directly or through others.
        """
        place = {name: i for i, name in enumerate(self.inputs)}
        parent = list(range(len(place)))

        def root(i: int) -> int:
            while parent[i] != i:
                i = parent[i]
            return i

        main = 0
        for i, name in enumerate(self.inputs):
            if any(name == loss.name for loss in self.losses):
                main = i
            elif any(name.startswith(f"{loss.name}: ") for loss in self.losses):
                parent[i] = main
        for pair in self.correlations:
            a, b = sorted((root(place[pair.first]), root(place[pair.second])))
            parent[b] = a
        members: dict[int, list[int]] = {}
        for i in range(len(place)):
            members.setdefault(root(i), []).append(i)
        return tuple((self._group_name(found), tuple(found)) for found in members.values())

    def _group_name(self, members: list[int]) -> str:
        own = [self.inputs[i] for i in members]
        plain = [name for name in own if not any(name.startswith(f"{loss.name}: ") for loss in self.losses)]
        return " + ".join(plain or own)

    @cached_property
    def mixing(self) -> tuple[tuple[int, ...], tuple[tuple[float, ...], ...]]:
        """
        Indices of the correlated inputs, and the lower Cholesky factor of their correlation matrix.

        Raises ValueError where the correlations contradict each other (no positive definite matrix).
        """
        place = {name: i for i, name in enumerate(self.inputs)}
        named = sorted({place[name] for pair in self.correlations for name in (pair.first, pair.second)})
        row = {i: k for k, i in enumerate(named)}
        matrix = [[1.0 if a == b else 0.0 for b in named] for a in named]
        for pair in self.correlations:
            a, b = row[place[pair.first]], row[place[pair.second]]
            matrix[a][b] = matrix[b][a] = pair.value
        return tuple(named), cholesky(matrix)


def cholesky(matrix: list[list[float]]) -> tuple[tuple[float, ...], ...]:
    """The lower triangular factor of a positive definite matrix; ValueError where it is not."""
    n = len(matrix)
    lower = [[0.0] * n for _ in range(n)]
    for i in range(n):
        for j in range(i + 1):
            rest = matrix[i][j] - sum(lower[i][k] * lower[j][k] for k in range(j))
            if i == j:
                if rest <= 1e-12:
                    raise ValueError("the correlations contradict each other")
                lower[i][i] = math.sqrt(rest)
            else:
                lower[i][j] = rest / lower[j][j]
    return tuple(tuple(row) for row in lower)
