"""One town, one bridge, one shelter: small enough to work out by hand, in a folder as a user has it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from clearway.ingest.folder import read_scenario
from clearway.ingest.plan_folder import read_plan
from clearway.ingest.uncertainty import read_uncertainty
from clearway.planner import PlanParameters
from clearway.simulator import SimulationParameters
from clearway.stress import Case
from clearway.workflow import make_plan

TABLES = {
    # 600 vehicles of 2 people at 1,200 an hour: the last leaves after 30 minutes and arrives after 40
    "scenario.toml": (
        'name = "One bridge"\nstart = 2026-05-01T06:00:00+03:00\nhorizon_h = 12\nlength_unit = "km"\n'
        'speed_unit = "km/h"\ncapacity_factor = 1.0\n'
    ),
    "node.csv": "node_id,name,x_coord,y_coord\n1,Town,30.00,50.00\n2,Shelter,30.15,50.00\n",
    "link.csv": (
        "link_id,name,from_node_id,to_node_id,directed,length,free_speed,lanes,capacity\n"
        "b,River road,1,2,0,10.9,65.4,1,1200\n"
    ),
    "crossing.csv": "crossing_id,name,kind,link_ids\nbridge,Old bridge,bridge,b\n",
    "zone.csv": "zone_id,name,node_id,population,persons_per_vehicle\ntown,Town,1,1200,2\n",
    "site.csv": "site_id,name,node_id,beds\nshelter,Shelter,2,2000\n",
}
EVERYTHING = """
[[uncertainty.loss]]
name = "bridge"
target = "crossing:bridge"
probability = 0.5
time_h = { distribution = "uniform", low = 0.2, high = 1.2 }

[[uncertainty.capacity]]
name = "checks"
target = "crossing:bridge"
factor = { distribution = "triangular", low = 0.5, mode = 1, high = 1 }

[[uncertainty.population]]
name = "people"
factor = { distribution = "lognormal", median = 1, sigma = 0.2, low = 0.5, high = 2 }

[[uncertainty.behaviour]]
setting = "stay"
value = { distribution = "uniform", low = 0, high = 0.2 }

[[uncertainty.correlation]]
between = ["checks", "people"]
value = -0.5
"""


@pytest.fixture(scope="session")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with ``town`` (a scenario without uncertainty) and ``plan``."""
    folder = tmp_path_factory.mktemp("stress")
    (folder / "town").mkdir()
    for name, content in TABLES.items():
        (folder / "town" / name).write_text(content)
    make_plan(folder / "town", folder / "plan", PlanParameters(time_limit_s=20), lambda *_: None)
    return folder


@pytest.fixture
def scenario_with(bare: Path, tmp_path: Path) -> Callable[[str], Path]:
    """The town with some uncertainty stated, in a folder of its own."""

    def make(uncertainty: str) -> Path:
        folder = tmp_path / "town"
        folder.mkdir(exist_ok=True)
        for name, content in TABLES.items():
            (folder / name).write_text(content + uncertainty if name == "scenario.toml" else content)
        return folder

    return make


@pytest.fixture
def case_with(bare: Path, scenario_with: Callable[[str], Path]) -> Callable[[str], Case]:
    """The town's case under some uncertainty, one vehicle a platoon."""

    def make(uncertainty: str) -> Case:
        folder = scenario_with(uncertainty)
        scenario = read_scenario(folder)
        plan = read_plan(bare / "plan", scenario)
        params = SimulationParameters(platoon_vehicles=1, record_links=False)
        return Case(scenario, plan, read_uncertainty(folder, scenario), params)

    return make
