"""The built-in example: complete, sourced, true to the facts it was made from, and written whole or not at all."""

from __future__ import annotations

import csv
import importlib.util
import re
import tomllib
from datetime import datetime
from pathlib import Path

import pytest

import clearway.examples as examples_module
from clearway.errors import OutputError, UsageError
from clearway.examples import EXAMPLES, variants, write_example

TABLES = ("node", "link", "crossing", "zone", "site", "direction", "availability")
VARIANTS = ("base", "both-lost-48h", "bridge-closed", "dam-lost-36h")
DOCS = Path(__file__).parents[1] / "docs" / "example.md"
FACTS = Path(__file__).parents[2] / "shared" / "data" / "kherson"
START = datetime.fromisoformat("2022-10-19T06:00:00+03:00")
LANES_ASSUMED = {"141": "3", "144": "3"}  # the streets out of Kherson; docs/example.md

needs_facts = pytest.mark.skipif(not FACTS.is_dir(), reason=f"the facts the example was made from are not at {FACTS}")
needs_reader = pytest.mark.skipif(
    importlib.util.find_spec("clearway.ingest.folder") is None, reason="the scenario reader is not there"
)

Row = dict[str, str]


def rows_of(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def tables(tmp_path: Path) -> dict[str, list[Row]]:
    """The rows of every table of the example as it is written."""
    write_example("kherson", tmp_path / "kherson")
    return {name: rows_of(tmp_path / "kherson" / f"{name}.csv") for name in TABLES}


def test_the_written_folder_is_complete(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "kherson"
    write_example("kherson", folder)
    tables = {f"{name}.csv" for name in TABLES}
    assert {path.name for path in folder.iterdir()} == {"scenario.toml", "ledger.jsonl", "decisions.jsonl", *tables}
    assert [path.name for path in folder.parent.iterdir()] == ["kherson"], "nothing else is left behind"
    settings = tomllib.loads((folder / "scenario.toml").read_text(encoding="utf-8"))
    assert sorted(settings["files"].values()) == sorted(f"{name}.csv" for name in TABLES)
    assert settings["start"] == START
    assert all(sentence.endswith(".") for sentence in settings["assumptions"] + settings["credits"])


def test_the_variants_are_those_of_the_docs() -> None:
    assert EXAMPLES == ("kherson",)
    assert tuple(variants("kherson")) == VARIANTS
    assert all(text and "\n" not in text for text in variants("kherson").values())


def test_each_variant_is_the_same_scenario_with_other_availabilities(tmp_path: Path) -> None:
    statements = set()
    for variant in VARIANTS:
        folder = tmp_path / variant
        write_example("kherson", folder, variant)
        statements.add((folder / "availability.csv").read_bytes())
        settings = tomllib.loads((folder / "scenario.toml").read_text(encoding="utf-8"))
        assert settings["name"] == "Kherson, October 2022" + ("" if variant == "base" else f" ({variant})")
        for name in set(TABLES) - {"availability"}:
            assert (folder / f"{name}.csv").read_bytes() == (tmp_path / "base" / f"{name}.csv").read_bytes()
    assert len(statements) == len(VARIANTS)


def test_no_variant_named_is_the_base(tmp_path: Path) -> None:
    write_example("kherson", tmp_path / "unnamed")
    write_example("kherson", tmp_path / "named", "base")
    assert (tmp_path / "unnamed" / "availability.csv").read_bytes() == (
        tmp_path / "named" / "availability.csv"
    ).read_bytes()


@pytest.mark.parametrize(
    ("variant", "hours"),
    [
        ("base", {"antonivskyi": None, "kakhovka-dam": None}),
        ("bridge-closed", {"antonivskyi": 0, "kakhovka-dam": None}),
        ("dam-lost-36h", {"antonivskyi": None, "kakhovka-dam": 36}),
        ("both-lost-48h", {"antonivskyi": 48, "kakhovka-dam": 48}),
    ],
)
def test_a_crossing_is_lost_when_the_variant_says(tmp_path: Path, variant: str, hours: dict[str, int | None]) -> None:
    write_example("kherson", tmp_path / "kherson", variant)
    statements = rows_of(tmp_path / "kherson" / "availability.csv")
    lost = {
        row["target"].removeprefix("crossing:"): (datetime.fromisoformat(row["from"]) - START).total_seconds() / 3600
        for row in statements
        if float(row["capacity_factor"]) == 0
    }
    assert lost.pop("vasylivka-road") == 0
    assert lost == {crossing: hour for crossing, hour in hours.items() if hour is not None}


@pytest.mark.parametrize("variant", VARIANTS)
def test_statements_about_one_target_follow_each_other(tmp_path: Path, variant: str) -> None:
    write_example("kherson", tmp_path / "kherson", variant)
    end: dict[str, str] = {}
    for row in rows_of(tmp_path / "kherson" / "availability.csv"):
        assert row["from"] == end.get(row["target"], START.isoformat())
        end[row["target"]] = row["until"]
    assert set(end.values()) == {""}, "each is spoken for until further notice"


@pytest.mark.parametrize("name", TABLES)
def test_every_row_has_a_source(tables: dict[str, list[Row]], name: str) -> None:
    assert tables[name]
    assert all(row["source"] for row in tables[name])


def test_what_is_no_fact_is_marked_as_an_assumption(tables: dict[str, list[Row]]) -> None:
    for name in ("link", "zone", "site", "direction", "availability"):
        assert all("assumption" in row["source"] for row in tables[name]), name


def test_ids_are_unique_and_point_at_something(tables: dict[str, list[Row]]) -> None:
    ids = {name: [row[f"{name}_id"] for row in tables[name]] for name in ("node", "link", "crossing", "zone", "site")}
    assert all(len(set(found)) == len(found) for found in ids.values())
    ends = {row[end] for row in tables["link"] for end in ("from_node_id", "to_node_id")}
    assert ends | {row["node_id"] for row in tables["zone"] + tables["site"]} <= set(ids["node"])
    crossed = {link for row in tables["crossing"] for link in row["link_ids"].split(";")}
    assert crossed <= set(ids["link"])
    assert {row["target"].removeprefix("crossing:") for row in tables["availability"]} <= set(ids["crossing"])


def test_each_zones_shares_add_up_to_one_over_directions_that_have_sites(tables: dict[str, list[Row]]) -> None:
    shares: dict[str, float] = {row["zone_id"]: 0.0 for row in tables["zone"]}
    for row in tables["direction"]:
        shares[row["zone_id"]] += float(row["share"])
    assert set(shares.values()) == {1.0}
    assert {row["direction"] for row in tables["direction"]} == {row["direction"] for row in tables["site"]}


def test_the_two_crossings_and_the_way_round_are_all_that_joins_the_banks(tables: dict[str, list[Row]]) -> None:
    closed = {"155", "276", "541"}  # Antonivskyi bridge, Kakhovka dam, Zaporizhzhia to Vasylivka
    beside: dict[str, set[str]] = {}
    for row in tables["link"]:
        if row["link_id"] not in closed:
            beside.setdefault(row["from_node_id"], set()).add(row["to_node_id"])
            beside.setdefault(row["to_node_id"], set()).add(row["from_node_id"])
    todo = reached = {row["node_id"] for row in tables["zone"]}
    while todo:
        todo = {other for node in todo for other in beside[node]} - reached
        reached = reached | todo
    for row in tables["site"]:
        assert (row["node_id"] in reached) == (row["direction"] == "right-bank"), row["name"]


@needs_facts
def test_nodes_and_links_are_those_of_the_source(tables: dict[str, list[Row]]) -> None:
    for name in ("node", "link"):
        facts = rows_of(FACTS / f"{name}.csv")
        assert len(facts) == len(tables[name])
        for fact, row in zip(facts, tables[name], strict=True):
            if name == "link":
                fact["lanes"] = LANES_ASSUMED.get(fact["link_id"], fact["lanes"])
                fact["name"] = fact["name"] or fact["road_number"].translate(str.maketrans("МТР", "MTR"))
                fact["name"] = fact["name"].replace("#", ", ")
            assert fact == {column: row[column] for column in fact}


@needs_facts
def test_zones_are_the_right_bank_communities_with_their_populations(tables: dict[str, list[Row]]) -> None:
    places = {row["node_id"]: row for row in rows_of(FACTS / "place.csv")}
    zones = {row["node_id"]: row for row in tables["zone"]}
    expected = {
        node
        for node, place in places.items()
        if place["bank"] == "right" and place["oblast"] == "Kherson" and place["hromada_population_2022"]
    }
    snihurivka = next(node for node, place in places.items() if place["name"] == "Snihurivka")
    assert set(zones) == expected | {snihurivka}
    for node, zone in zones.items():
        assert (zone["name"], zone["population"]) == (places[node]["name"], places[node]["hromada_population_2022"])
    for site in tables["site"]:
        assert site["name"] == places[site["node_id"]]["name"]


@needs_reader
@pytest.mark.parametrize("variant", VARIANTS)
def test_the_reader_takes_each_variant_without_a_warning(tmp_path: Path, variant: str) -> None:
    from clearway.ingest.folder import read_scenario

    write_example("kherson", tmp_path / "kherson", variant)
    scenario = read_scenario(tmp_path / "kherson")
    assert scenario.warnings == ()
    parties = scenario.parties()
    figures = [
        sum(zone.population for zone in scenario.zones),
        sum(zone.present for zone in scenario.zones),
        sum(zone.without_vehicle for zone in scenario.zones),
        sum(party.persons for party in parties),
        sum(party.vehicles for party in parties),
    ]
    for direction in ("left-bank", "right-bank"):
        chosen = [party for party in parties if party.direction == direction]
        figures += [sum(party.persons for party in chosen), sum(party.vehicles for party in chosen)]
    figures += [sum(s.beds for s in scenario.sites if s.direction == d) for d in ("left-bank", "right-bank")]
    documented = DOCS.read_text(encoding="utf-8").split("\n## In figures\n")[1].split("\n## ")[0]
    in_rows = re.findall(r"(?<=\| )\d[\d,]*(?= \|)", documented)
    assert in_rows == [f"{figure:,.0f}" for figure in figures]


def test_an_unknown_example_is_refused_with_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no example 'atlantis'; there are: kherson"):
        write_example("atlantis", tmp_path / "new")
    with pytest.raises(UsageError, match=r"no example '\.\./kherson'"):
        variants("../kherson")


def test_an_unknown_variant_is_refused_with_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no variant 'tunnel' of 'kherson'; there are: base, both-lost-48h"):
        write_example("kherson", tmp_path / "new", "tunnel")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_holds_something_is_refused(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="not empty"):
        write_example("kherson", tmp_path)
    with pytest.raises(UsageError, match="is a file"):
        write_example("kherson", tmp_path / "note.txt")
    assert [path.name for path in tmp_path.iterdir()] == ["note.txt"]


def test_an_empty_folder_is_taken_but_not_the_current_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    with pytest.raises(UsageError, match="current folder"):
        write_example("kherson", Path())
    monkeypatch.chdir(tmp_path)
    write_example("kherson", Path("empty"))
    assert (tmp_path / "empty" / "scenario.toml").is_file()


def test_a_failure_half_way_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copied = []

    def fail_at_the_third(original: object, copy: object) -> None:
        copied.append(original)
        if len(copied) == 3:
            raise OSError("no space left on device")

    monkeypatch.setattr(examples_module.shutil, "copyfileobj", fail_at_the_third)
    with pytest.raises(OutputError, match="no space left"):
        write_example("kherson", tmp_path / "kherson")
    assert list(tmp_path.iterdir()) == []


def test_the_package_folder_is_itself_a_scenario_folder(tmp_path: Path) -> None:
    source = Path(examples_module.__file__).parent / "kherson"
    write_example("kherson", tmp_path / "written")
    for path in (tmp_path / "written").iterdir():
        assert path.read_bytes() == (source / path.name).read_bytes()
