"""What a demo plays: the invented office of a month, or the office whose log is given. Reads files, starts nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

from lontara_demo import office, punches
from lontara_demo.office import UNITS, Person
from lontara_demo.punches import TravelDay
from lontara_demo.source_files import SourceFiles, read_file, top_unit
from lontara_demo.source_log import SourceEntry, read_source_log
from lontara_server.services.import_runs import SourceFile
from lontara_server.services.orgs import TIME_ZONE_DEFAULT

SEED: Final = 20261


@dataclass(frozen=True)
class Feeds:
    """What scores rest on beside entries. `punches` and their form; whose each PIN is; hours by weekday, if known.

    since: from when on hours and bases of allowances hold. A base of each person is invented in any case.
    """

    since: date
    punches: SourceFile | None
    form: str
    pins: Mapping[str, str]
    hours: Mapping[int, tuple[str, str]]
    holidays: SourceFile | None = None
    travel: Sequence[TravelDay] = ()


@dataclass(frozen=True)
class Material:
    """An office with its people and feeds, and what they write: the lines of a log, or the plan of `month`."""

    org_name: str
    people: Sequence[Person]
    feeds: Feeds
    unit_names: Mapping[str, str]
    lines: Sequence[SourceEntry] = ()
    month: date | None = None
    units: SourceFile | None = None


def invented_material(workers: Sequence[Person], month: date) -> Material:
    """The invented office in the month of `month`."""
    feeds = Feeds(
        since=month,
        punches=SourceFile(punches.attlog_of(workers, month, seed=SEED).encode(), "attlog.dat"),
        form="attlog",
        pins=punches.pins_of(workers),
        hours=punches.HOURS,
        travel=[each for each in punches.travel_days(month) if each.nip in {person.nip for person in workers}],
    )
    names = {unit.code: unit.name for unit in UNITS}
    return Material("Kabupaten Wajo", [*office.SUPERVISORS, *workers], feeds, names, month=month)


def material_of(files: SourceFiles) -> Material:
    """An invented employee for each person of a log, and one who leads them all; what lies beside the log, as it is.

    Working hours are in no file, so nobody is late. Raises Problem file_unreadable, import_refused.
    """
    lines = read_source_log(files.log, ZoneInfo(TIME_ZONE_DEFAULT))
    log, holidays, units = (
        None if path is None else read_file(path) for path in (files.punches, files.holidays, files.units)
    )
    top = None if units is None else top_unit(units)
    codes = {line.person: line.unit_code for line in lines}
    chief = Person(
        "197001011995031001", "Kepala Kantor", top[0] if top else min(codes.values()), "Kepala", "", ("Laptop Kepala",)
    )
    workers = [
        Person(f"19800101200503{number + 1:04d}", name, codes[name], "Staf", chief.nip, (f"Laptop {name}",))
        for number, name in enumerate(sorted(codes), start=1000)
    ]
    # A machine of the log's office knows people by the same name.
    feeds = Feeds(
        since=min(line.work_date for line in lines).replace(day=1),
        punches=log,
        form="csv",
        pins={person.full_name: person.nip for person in workers} if log else {},
        hours={},
        holidays=holidays,
    )
    names = {} if units else {code: f"Unit {code}" for code in codes.values()}
    return Material(top[1] if top else "Kantor", [chief, *workers], feeds, names, lines, units=units)
