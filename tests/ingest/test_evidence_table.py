"""evidence.csv: read with the scenario, its faults named, its claims in the report."""

from __future__ import annotations

from typing import Any

import pytest

from clearway.errors import InputError
from clearway.publish.evidence import contested_spans

HEADER = "target,from,until,taken,p_closed,contested,stands,says,weight,statement,speaker,chain,grade,said,claim_id"
ROW = (
    "crossing:bridge,2026-05-01T08:00:00+03:00,,closed,0.8,1,for,closed,2.2,It is shut,Mayor,Mayor > Radio,B2,"
    "2026-05-01T05:00:00+03:00,c1"
)


def read(tiny: Any, *rows: str) -> Any:
    tiny.files["evidence.csv"] = "\n".join([HEADER, *rows, ""]).encode()
    return tiny.read()


def test_claims_are_read(tiny: Any) -> None:
    scenario = read(tiny, ROW, "crossing:bridge,,2026-05-01T05:00:00+03:00,open,,,,,,over,Mayor,,,,")
    (evidence,) = scenario.evidence
    assert (evidence.target, evidence.from_s, evidence.said_s) == ("crossing:bridge", 7200.0, -3600.0)
    assert (evidence.chain, evidence.grade, evidence.weight) == ("Mayor > Radio", "B2", 2.2)
    assert evidence.is_contested
    assert contested_spans(scenario) == {link: [(7200.0, float("inf"))] for link in scenario.crossings[0].links}


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("closed,0.8", "shut,0.8", "taken"),
        ("0.8", "1.8", "p_closed"),
        ("crossing:bridge", "bridge", "target"),
        (",1,for", ",maybe,for", "contested"),
        (",for,", ",beside,", "stands"),
        ("2026-05-01T05:00:00+03:00", "dawn", "said"),
        (",2.2,", ",-1,", "weight"),
    ],
)
def test_faults_are_named(tiny: Any, old: str, new: str, field: str) -> None:
    with pytest.raises(InputError) as caught:
        read(tiny, ROW.replace(old, new, 1))
    (fault,) = caught.value.faults
    assert (fault.file, fault.row, fault.field) == ("evidence.csv", 2, field)


def test_without_claims_nothing_changes(tiny: Any) -> None:
    assert read(tiny).evidence == ()
