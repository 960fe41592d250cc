"""`clearway import`: outside networks become scenario folders."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from clearway.cli.terminal import clean_exit
from clearway.errors import UsageError

if TYPE_CHECKING:
    from clearway.ingest.write_folder import ImportReport, ImportSettings

imports = typer.Typer(no_args_is_help=True, help="Make a scenario folder from an outside network.")

OutOption = Annotated[Path, typer.Option("--out", help="The scenario folder to write: new or empty.")]
PlacesOption = Annotated[
    Path | None, typer.Option("--places", help="CSV of places with coordinates and population: the zones.")
]
SitesOption = Annotated[Path | None, typer.Option("--sites", help="CSV of reception sites with coordinates and beds.")]
NameOption = Annotated[str, typer.Option("--name", help="The scenario's name.")]
StartOption = Annotated[
    str, typer.Option("--start", help="Start, ISO 8601 with offset; the current hour if not given.")
]
HorizonOption = Annotated[float, typer.Option("--horizon-h", help="Hours the scenario lasts.")]
FactorOption = Annotated[
    float, typer.Option("--capacity-factor", help="Share of roads' nominal capacity a plan may use.")
]
LoadOption = Annotated[float, typer.Option("--persons-per-vehicle", help="Persons in a vehicle.")]
WithoutOption = Annotated[float, typer.Option("--share-without-vehicle", help="Share of people without a vehicle.")]
PresentOption = Annotated[
    float, typer.Option("--share-present", help="Share of the population that is there and leaves.")
]


def settings_from(name: str, start: str, numbers: dict[str, float]) -> ImportSettings:
    """What all imports share."""
    from clearway.ingest.write_folder import ImportSettings

    moment: dict[str, datetime] = {}
    if start:
        try:
            moment["start"] = datetime.fromisoformat(start)
        except ValueError:
            raise UsageError(f"--start takes a time such as 2026-11-23T08:00+02:00, not {start!r}") from None
        if moment["start"].tzinfo is None:
            raise UsageError(f"--start needs an offset, such as {start}+02:00")
    try:
        return ImportSettings(name=name, **moment, **numbers)  # type: ignore[arg-type]
    except ValueError as error:
        raise UsageError(str(error)) from None


def tell(report: ImportReport) -> None:
    """Notes to standard error, one line to standard output."""
    for note in report.notes:
        typer.echo(f"note: {note}", err=True)
    typer.echo(report.summary())
    typer.echo(f"Next: clearway info {report.folder}")


@imports.command()
def osm(
    file: Annotated[Path, typer.Argument(help="An OpenStreetMap extract: .osm.pbf or .osm.")],
    out: OutOption,
    places: PlacesOption = None,
    area: Annotated[Path | None, typer.Option("--area", help="GeoJSON polygon: the places in it are to leave.")] = None,
    sites: SitesOption = None,
    sites_at_boundary: Annotated[
        bool, typer.Option("--sites-at-boundary", help="Every road out of the area leads to safety.")
    ] = False,
    spread: Annotated[int, typer.Option("--spread", help="Most junctions a large place leaves by.")] = 12,
    name: NameOption = "",
    start: StartOption = "",
    horizon_h: HorizonOption = 72,
    capacity_factor: FactorOption = 0.9,
    persons_per_vehicle: LoadOption = 2.5,
    share_without_vehicle: WithoutOption = 0.0,
    share_present: PresentOption = 1.0,
) -> None:
    """From OpenStreetMap: roads, crossings, places."""
    from clearway.ingest.osm import import_osm

    with clean_exit():
        settings = settings_from(
            name or file.name.split(".")[0], start,
            {
                "horizon_h": horizon_h, "capacity_factor": capacity_factor, "persons_per_vehicle": persons_per_vehicle,
                "share_without_vehicle": share_without_vehicle, "share_present": share_present,
            },
        )  # fmt: skip
        tell(
            import_osm(
                file, out, places=places, area=area, sites=sites, sites_at_boundary=sites_at_boundary,
                spread=spread, settings=settings,
            )
        )  # fmt: skip


@imports.command()
def gmns(
    folder: Annotated[Path, typer.Argument(help="A folder with GMNS node.csv and link.csv.")],
    out: OutOption,
    places: PlacesOption = None,
    sites: SitesOption = None,
    length_unit: Annotated[str, typer.Option("--length-unit", help="Where config.csv does not tell.")] = "",
    speed_unit: Annotated[str, typer.Option("--speed-unit", help="Where config.csv does not tell.")] = "",
    crs: Annotated[str, typer.Option("--crs", help="local or EPSG:4326.")] = "",
    name: NameOption = "",
    start: StartOption = "",
    horizon_h: HorizonOption = 72,
    capacity_factor: FactorOption = 0.9,
    persons_per_vehicle: LoadOption = 2.5,
) -> None:
    """From GMNS tables."""
    from clearway.ingest.gmns import GmnsUnits, import_gmns

    with clean_exit():
        settings = settings_from(
            name or folder.name, start,
            {"horizon_h": horizon_h, "capacity_factor": capacity_factor, "persons_per_vehicle": persons_per_vehicle},
        )  # fmt: skip
        units = GmnsUnits(length_unit=length_unit, speed_unit=speed_unit, crs=crs)
        tell(import_gmns(folder, out, places=places, sites=sites, units=units, settings=settings))


@imports.command()
def tntp(
    net: Annotated[Path, typer.Argument(help="The network, *_net.tntp.")],
    out: OutOption,
    sites: Annotated[str, typer.Option("--sites", help="Node numbers of the sites (5,7) or a CSV of them.")] = "",
    node: Annotated[Path | None, typer.Option("--node", help="*_node.tntp; beside the network if not given.")] = None,
    trips: Annotated[
        Path | None, typer.Option("--trips", help="*_trips.tntp; beside the network if not given.")
    ] = None,
    zones: Annotated[
        str, typer.Option("--zones", help="Node numbers of the zones to leave; all with trips if not given.")
    ] = "",
    time_unit: Annotated[str, typer.Option("--time-unit", help="Unit of free-flow times.")] = "min",
    length_unit: Annotated[str, typer.Option("--length-unit", help="Unit of lengths.")] = "mi",
    capacity_hours: Annotated[float, typer.Option("--capacity-hours", help="Hours that capacities are for.")] = 1.0,
    crs: Annotated[str, typer.Option("--crs", help="local or EPSG:4326.")] = "local",
    name: NameOption = "",
    start: StartOption = "",
    horizon_h: HorizonOption = 72,
    capacity_factor: FactorOption = 0.9,
) -> None:
    """From a TNTP network (bstabler/TransportationNetworks)."""
    from clearway.ingest.tntp import TntpUnits, import_tntp

    with clean_exit():
        settings = settings_from(
            name or net.name.split(".")[0], start, {"horizon_h": horizon_h, "capacity_factor": capacity_factor}
        )
        units = TntpUnits(time_unit=time_unit, length_unit=length_unit, capacity_h=capacity_hours, crs=crs)
        place = Path(sites) if sites and Path(sites).is_file() else sites
        tell(import_tntp(net, out, sites=place, node=node, trips=trips, zones=zones, units=units, settings=settings))
