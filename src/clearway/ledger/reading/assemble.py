"""From findings to claims: speakers resolved, chains put together, force, polarity and stage told apart."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import tzinfo

from clearway.ledger.claims import About, Basis, Chain, Claim, Force, Polarity, Role, Span, Stage, Step, When
from clearway.ledger.reading import content
from clearway.ledger.reading.actors import Cast, is_outlet, outlet_name, plain
from clearway.ledger.reading.citations import Prepared
from clearway.ledger.reading.findings import Citation, Finding, Mention
from clearway.ledger.reading.languages import Language
from clearway.ledger.reading.places import Gazetteer
from clearway.ledger.reading.times import times_in
from clearway.ledger.reports import Report

__all__ = ["Read", "assemble", "document_step"]

N_COVERED = 0.6  # a sentence of which this share is somebody's words has no statement of the narrator's own
N_WORDS = 4
PLANNED_HEADLINE = re.compile(r"\bto\s+[A-Za-z]+", re.I)


@dataclass(slots=True)
class Read:
    """One sentence with what was found in it; `places` are names that the parser takes for places."""

    prepared: Prepared
    findings: list[Finding]
    places: tuple[tuple[int, int, str], ...] = ()
    persons: tuple[Mention, ...] = ()
    has_verb: bool = True
    inferred: tuple[Citation, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Setting:
    """What all claims of one report share."""

    report: Report
    language: Language
    gazetteer: Gazetteer
    zone: tzinfo | None
    cast: Cast


def assemble(
    report: Report, reads: list[Read], language: Language, gazetteer: Gazetteer, zone: tzinfo | None
) -> list[Claim]:
    """All claims of a report, in the order of the text."""
    cast = Cast(language)
    for read in reads:
        cast.meet(read.persons)
        cast.meet(m for f in read.findings for m in (f.speaker, f.source) if m is not None)
        cast.meet(c.source for c in read.prepared.citations)
    setting = Setting(report, language, gazetteer, zone, cast)
    _resolve(reads, cast)
    drafts: list[tuple[int, Callable[[str], Claim]]] = []
    for index, read in enumerate(reads):
        for finding in read.findings:
            drafts.append((finding.start, _drafted(setting, reads, index, finding)))
        own = _own(setting, reads, read)
        if own is not None:
            drafts.append((read.prepared.start, own))
    drafts.sort(key=lambda draft: draft[0])
    width = max(3, len(str(len(drafts))))
    return [make(f"{report.report_id}-{n:0{width}d}") for n, (_, make) in enumerate(drafts, 1)]


def _drafted(setting: Setting, reads: list[Read], index: int, finding: Finding) -> Callable[[str], Claim]:
    return lambda name: _claim(setting, reads, index, finding, name)


# -- speakers ---------------------------------------------------------------------------------------------------------


def _resolve(reads: list[Read], cast: Cast) -> None:
    """Give every speaker its name where a rule allows; a continued quotation keeps the speaker before it."""
    before: Mention | None = None
    medium = ""
    paragraph = -1
    for read in reads:
        if read.prepared.sentence.paragraph != paragraph:
            before, medium, paragraph = None, "", read.prepared.sentence.paragraph
        for citation in (c for c in read.prepared.citations if c.is_citing):
            for finding in read.findings:
                if finding.outer is None and not finding.is_aside and finding.source is None:
                    finding.source = citation.source
        for finding in sorted(read.findings, key=_depth):
            if finding.speaker is None:  # a quotation that goes on
                if before is not None:
                    finding.speaker = replace(before, basis=Basis.INHERITED)
                    finding.medium = medium
                continue
            around = before if finding.outer is None else finding.outer.speaker
            resolved = cast.resolve(finding.speaker, around)
            if finding.speaker.basis is Basis.INHERITED and resolved.basis is Basis.EXPLICIT:
                resolved = replace(resolved, basis=Basis.INHERITED)
            finding.speaker = resolved
        read.findings = [finding for finding in read.findings if finding.speaker is not None]
        _give_media(read)
        said = [f for f in read.findings if f.outer is None and not f.is_aside and f.speaker is not None]
        named = [f for f in said if f.speaker is not None and f.speaker.kind != "unnamed"]
        if named:
            before, medium = named[-1].speaker, named[-1].medium
        elif not read.findings and any(not c.is_outlet for c in read.prepared.citations):
            before = cast.resolve(next(c.source for c in read.prepared.citations if not c.is_outlet), before)


def _depth(finding: Finding) -> int:
    return 0 if finding.outer is None else 1 + _depth(finding.outer)


def _give_media(read: Read) -> None:
    """A medium goes with the verb of saying before it, and with those that share its subject."""
    for start, _, name in read.prepared.media:
        mains = [f for f in read.findings if f.outer is None and not f.is_aside and f.cue is not None]
        before = [f for f in mains if f.cue is not None and f.cue[0] < start and f.rule not in {"noun", "hedge"}]
        if not before:
            continue
        nearest = max(before, key=lambda f: f.cue[0] if f.cue else 0)
        for finding in mains:
            shares = finding.speaker is not None and nearest.speaker is not None
            shares = shares and plain(finding.speaker.text) == plain(nearest.speaker.text)  # type: ignore[union-attr]
            if finding is nearest or (shares and finding.cue is not None and finding.cue[0] > start):
                finding.medium = name


# -- chains -----------------------------------------------------------------------------------------------------------


def _steps(finding: Finding, role: Role, cast: Cast) -> list[Step]:
    """A finding's own steps and those of the one around it, from the inside outwards."""
    steps: list[Step] = []
    if finding.source is not None:
        source = cast.resolve(finding.source, finding.speaker)
        steps.append(Step(source.text, role, source.basis))
        role = Role.RELAY
    if finding.speaker is not None:
        name, basis = finding.speaker.text, finding.speaker.basis
        if not finding.speaker.is_person and is_outlet(name, cast.language):
            name, role = outlet_name(name, cast.language), Role.OUTLET
        steps.append(Step(name, role, basis))
    if finding.medium:
        basis = Basis.INHERITED if finding.speaker and finding.speaker.basis is Basis.INHERITED else Basis.EXPLICIT
        steps.append(Step(finding.medium, Role.MEDIUM, basis))
    if finding.to_outlet:
        steps.append(Step(finding.to_outlet, Role.OUTLET))
    if finding.outer is not None:
        known = {plain(step.name) for step in steps}
        steps += [step for step in _steps(finding.outer, Role.RELAY, cast) if plain(step.name) not in known]
    return steps


def _cited(citations: tuple[Citation, ...], cast: Cast, has_speaker: bool, basis: Basis) -> list[Step]:
    """The steps that citations add: sources relay what others say, and speak where nobody else does."""
    steps: list[Step] = []
    for citation in citations:
        if citation.is_citing:
            continue
        source = cast.resolve(citation.source, None)
        if citation.citing is not None:
            role = Role.RELAY if has_speaker or steps else Role.SPEAKER
            steps.append(Step(cast.resolve(citation.citing, None).text, role, basis))
        inner = has_speaker or bool(steps)
        role = Role.OUTLET if citation.is_outlet else Role.RELAY if inner else Role.SPEAKER
        known = source.basis if basis is Basis.EXPLICIT else basis
        name = outlet_name(source.text, cast.language) if citation.is_outlet else source.text
        steps.append(Step(name, role, known))
        if citation.relay:
            steps.append(Step(citation.relay, Role.RELAY, basis))
    return sorted(steps, key=lambda step: 0 if step.role is Role.SPEAKER else 1)


def _chain(setting: Setting, reads: list[Read], index: int, finding: Finding) -> Chain:
    steps = _steps(finding, Role.SPEAKER, setting.cast)
    if not finding.is_aside and not _is_within_aside(finding):
        citations = reads[index].prepared.citations
        more = _cited(citations, setting.cast, True, Basis.EXPLICIT)
        if not any(step.role is Role.OUTLET for step in [*steps, *more]):
            back = _carried_back(reads, index, finding)
            more += _cited(back, setting.cast, True, Basis.INFERRED)
        known = {plain(step.name) for step in steps}
        steps += [step for step in more if plain(step.name) not in known]
    return (*steps, document_step(setting.report))


def _is_within_aside(finding: Finding) -> bool:
    return finding.outer is not None and (finding.outer.is_aside or _is_within_aside(finding.outer))


def document_step(report: Report) -> Step:
    """The last step of every chain: the report itself."""
    return Step(report.outlet or report.title or report.report_id, Role.DOCUMENT)


def _carried_back(reads: list[Read], index: int, finding: Finding) -> tuple[Citation, ...]:
    """The citation that a later sentence of the paragraph, or of the same speaker, ends with."""
    here = reads[index].prepared.sentence
    for read in reads[index + 1 :]:
        outlets = tuple(c for c in read.prepared.citations if c.is_outlet)
        if not outlets:
            continue
        if read.prepared.sentence.paragraph == here.paragraph:
            return outlets
        names = {plain(f.speaker.text) for f in read.findings if f.speaker is not None and f.speaker.kind == "name"}
        is_named = finding.speaker is not None and finding.speaker.kind == "name"
        return outlets if is_named and finding.speaker and plain(finding.speaker.text) in names else ()
    return ()


# -- claims -----------------------------------------------------------------------------------------------------------


def _claim(setting: Setting, reads: list[Read], index: int, finding: Finding, name: str) -> Claim:
    text, language = setting.report.text, setting.language
    said = text[finding.start : finding.end]
    force, act = _performed(said, finding, language)
    negated = finding.is_negated != finding.is_negative_cue
    if negated and force is Force.ASSERTED:
        force, act = Force.DENIED, "deny"
    stage = content.stage_of(said, force, language)
    about = content.about(said, force, negated, language, setting.gazetteer, _places(reads[index], finding))
    about = _placed(setting, about, said, finding)
    if finding.addressee:
        about = replace(about, addressee=finding.addressee)
    chain = _chain(setting, reads, index, finding)
    return Claim(
        claim_id=name,
        report_id=setting.report.report_id,
        statement=re.sub(r"\s+", " ", said),
        force=force,
        chain=chain,
        about=about,
        span=Span(finding.start, finding.end, said),
        cue=None if finding.cue is None else Span(*finding.cue, text[slice(*finding.cue)]),
        act=act,
        polarity=Polarity.NEGATED if negated else Polarity.AFFIRMED,
        stage=stage,
        said=_said(setting, reads[index], finding),
        holds=_holds(setting, said, stage),
        rule=finding.rule,
        confidence=_confidence(finding, chain),
    )


def _placed(setting: Setting, about: About, said: str, finding: Finding) -> About:
    """
    With the targets that "the city" and "the bridge" stand for, and, where somebody tells people to leave or stay
    and no place of the scenario is named, the place that the speaker is described by ("the head of the X province").
    """
    more = setting.gazetteer.generic(said, setting.report.text[: finding.start], setting.language)
    about = replace(about, targets=tuple(dict.fromkeys([*about.targets, *more])))
    if about.frame == "order" and not about.targets and finding.speaker is not None:
        office = " ".join([finding.speaker.text, *setting.cast.titles.get(plain(finding.speaker.text), [])])
        about = replace(about, places=tuple(dict.fromkeys([*about.places, *setting.gazetteer.find(office).places])))
    return about


def _performed(said: str, finding: Finding, language: Language) -> tuple[Force, str]:
    """The force of the verb of saying, or of a quotation that performs one itself: "We are asking everyone to ..."."""
    if finding.rule.startswith("quote"):
        match = language.performative.match(said)
        saying = language.verbs.get(language.verb_forms.get(match.group("verb").lower(), "")) if match else None
        if saying is not None and saying.force in content.DIRECTIVES | {Force.PLEDGED}:
            return saying.force, saying.act
    return finding.force, finding.act


def _confidence(finding: Finding, chain: Chain) -> float:
    lowered = sum(0.1 for step in chain if step.basis is Basis.INFERRED) + sum(
        0.2 for step in chain[:1] if step.basis is Basis.UNRESOLVED
    )
    return round(max(0.1, finding.confidence - lowered), 2)


def _places(read: Read, finding: Finding) -> list[str]:
    return [name for start, end, name in read.places if finding.start <= start and end <= finding.end]


def _said(setting: Setting, read: Read, finding: Finding) -> When:
    """When it was said: a time beside the verb, not one within what is said."""
    if finding.outer is not None or finding.is_aside:
        return When()
    text = setting.report.text
    inside = [(f.start, f.end) for f in read.findings]
    inside += [(s, e) for s, e in read.prepared.quotes]
    day = [(m[0], m[1]) for m in read.prepared.media]
    start, end = read.prepared.start, read.prepared.end
    for dated in times_in(text[start:end], setting.report.published, setting.zone, False):
        at = start + dated.start
        in_medium = any(a <= at < b for a, b in day)
        if dated.when.grain == "event":
            continue
        if in_medium or not any(a <= at < b for a, b in inside):
            return dated.when
    return When()


def _holds(setting: Setting, said: str, stage: Stage) -> When:
    ahead = stage in {Stage.PROSPECTIVE, Stage.DIRECTIVE}
    dated = times_in(said, setting.report.published, setting.zone, ahead)
    return dated[0].when if dated else When()


def _own(setting: Setting, reads: list[Read], read: Read) -> Callable[[str], Claim] | None:
    """The narrator's own statement of a sentence, or one that only a citation attributes; None where there is none."""
    prepared, sentence = read.prepared, read.prepared.sentence
    is_heading = sentence.kind == "heading"
    body = prepared.body.text
    if len(body.split()) < N_WORDS or body.rstrip().endswith("?") or not (read.has_verb or is_heading):
        return None
    covered = sum(f.end - f.start for f in read.findings if f.outer is None and not f.is_aside)
    if covered >= N_COVERED * max(1, prepared.end - prepared.start) or prepared.is_only_quote:
        return None
    if not is_heading and _says_all(read):
        return None
    return lambda name: _own_claim(setting, reads, read, name)


def _says_all(read: Read) -> bool:
    """Whether the sentence's main verb is one of saying, so that the narrator adds nothing but that it was said."""
    return any(
        f.outer is None and not f.is_aside and f.rule not in {"noun", "hedge", "common-knowledge"} and f.is_main
        for f in read.findings
    )


def _own_claim(setting: Setting, reads: list[Read], read: Read, name: str) -> Claim:
    text, language, prepared = setting.report.text, setting.language, read.prepared
    start, end = prepared.body.span(0, len(prepared.body.text))
    while end > start and text[end - 1] in " ,.;:!?":
        end -= 1
    said = text[start:end]
    is_heading = prepared.sentence.kind == "heading"
    cited = _cited(prepared.citations, setting.cast, False, Basis.EXPLICIT)
    speaker = next((c.source for c in prepared.citations if not c.is_outlet and not c.is_citing), None)
    if cited and cited[0].role is Role.SPEAKER and speaker is not None:
        voiced = Finding(start, end, None, "", Force.ASSERTED, setting.cast.resolve(speaker, None), "citation", 0.0)
        if not any(step.role is Role.OUTLET for step in cited):
            back = _carried_back(reads, reads.index(read), voiced)
            cited += _cited(back, setting.cast, True, Basis.INFERRED)
    negated = content.is_negated(said, language)
    force, act = Force.ASSERTED, "report"
    if is_heading:
        force, act = (Force.PLANNED if PLANNED_HEADLINE.search(said) else Force.ASSERTED), "headline"
    elif cited:
        force, act = (Force.DENIED, "deny") if negated else (Force.ASSERTED, "assert")
    stage = content.stage_of(said, force, language)
    inside = Finding(start, end, None, act, force, None, "narrator", 0.5)
    subject = content.about(said, force, negated, language, setting.gazetteer, _places(read, inside))
    citation = prepared.citations[0] if prepared.citations else None
    return Claim(
        claim_id=name,
        report_id=setting.report.report_id,
        statement=re.sub(r"\s+", " ", said),
        force=force,
        chain=(*cited, document_step(setting.report)),
        about=_placed(setting, subject, said, inside),
        span=Span(start, end, said),
        cue=None if citation is None else Span(*citation.cue, text[slice(*citation.cue)]),
        act=act,
        polarity=Polarity.NEGATED if negated else Polarity.AFFIRMED,
        stage=Stage.PROSPECTIVE if force is Force.PLANNED else stage,
        holds=_holds(setting, said, stage),
        rule="heading" if is_heading else "citation" if cited else "narrator",
        confidence=0.3 if is_heading else 0.85 if cited else 0.5,
    )
