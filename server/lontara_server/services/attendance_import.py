"""Taking punches in, from files and from pushes: each once by PIN, time and status, and the recaps of their days anew.

Nobody is found by guessing: a PIN that belongs to nobody is kept with its punches and told. Works in the transaction
that it is given.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

from lontara_core.problems import Problem
from lontara_server.services.access import local_date
from lontara_server.services.attendance_days import days_around, rebuild_days, rebuild_waiting
from lontara_server.services.attendance_file import (
    ATTLOG_COLUMNS,
    PunchFile,
    PunchLine,
    columns_of_preset,
    read_lines,
    read_rows,
    read_xml,
)
from lontara_server.services.file_faults import ERRORS_SHOWN, Fault
from lontara_server.services.import_runs import SourceFile, imported_before, remember_import
from lontara_server.services.mappings import columns_of, missing_columns, preset_of
from lontara_server.services.table_file import read_table
from lontara_server.storage import attendance as store
from lontara_server.storage import people
from lontara_server.storage.attendance import PunchRow
from lontara_server.storage.engine import Connection
from lontara_server.storage.orgs import add_audit

KIND: Final = "attendance"
ATTLOG: Final = "attlog"
FORMATS: Final = ("attlog", "xml", "csv")
_PINS_SHOWN: Final = 50
# From how many check-ins and check-outs on, and above what percent of one kind, a file is taken for misread.
_KINDS_FROM: Final = 20
_ONE_KIND_PERCENT: Final = 95
_YEAR: Final = timedelta(days=366)
_Key = tuple[str, str, int]


@dataclass
class ImportedPunches:
    """What an import took in, or in a dry run would take in. `unmapped_pins`: how many of its punches are nobody's.

    check_ins, check_outs: of the whole file, for who looks whether the columns are the right ones; so is `warnings`:
    one_kind (nearly all are of one), day_ahead and day_apart (days to come, and days more than a year from the others).
    """

    rows: int = 0
    new: int = 0
    unchanged: int = 0
    refused: int = 0
    days_changed: int = 0
    first_day: str | None = None
    last_day: str | None = None
    check_ins: int = 0
    check_outs: int = 0
    warnings: list[str] = field(default_factory=list)
    odd_days: list[str] = field(default_factory=list)
    same_file_before: bool = False
    unmapped_pins: dict[str, int] = field(default_factory=dict)
    errors: list[Fault] = field(default_factory=list)

    def document(self) -> dict[str, Any]:
        return {**vars(self), "errors": [each.document() for each in self.errors[:ERRORS_SHOWN]]}

    def outcome(self, texts: Mapping[int, str] | None = None) -> dict[str, Any]:
        """What the import run keeps; texts: the faulty lines themselves."""
        errors = [each.document() for each in self.errors[:ERRORS_SHOWN]]
        for each in errors if texts else ():
            each["text"] = (texts or {}).get(each["row"], "")
        names = ("rows", "new", "unchanged", "refused", "first_day", "last_day")
        some = dict(sorted(self.unmapped_pins.items())[:_PINS_SHOWN])
        return {**{name: getattr(self, name) for name in names}, "unmapped_pins": some, "errors": errors}


def import_punches(
    connection: Connection,
    org_id: int,
    file: SourceFile,
    form: str,
    *,
    by: str,
    now_ms: int,
    mapping: str | None = None,
    columns: Sequence[str] | None = None,
    dry_run: bool = False,
) -> ImportedPunches:
    """Take in the punches of a file. form: one of FORMATS; a second time it changes nothing.

    mapping: a saved mapping of columns; columns: the order of an attlog.dat's columns, instead of one.
    Rows that are no punch are told by number and stop no other. Raises Problem import_refused where none is one,
    file_too_large, not_found, invalid_field.
    """
    latest = local_date(connection, org_id, now_ms) + timedelta(days=1)
    held = _read(connection, org_id, file, form, latest, mapping, columns)
    if held.errors and not held.lines:
        raise _no_punch_in(file, held)
    before = imported_before(connection, org_id, KIND, file) is not None

    def remember(done: ImportedPunches) -> str | None:
        if done.new == 0 and before:
            return None
        return remember_import(connection, org_id, KIND, file, done.outcome(held.texts), by=by, now_ms=now_ms)

    done = take_in(connection, org_id, held, remember, now_ms=now_ms, dry_run=dry_run)
    done.same_file_before = before
    _look_at(done, [each.punch for each in held.lines], latest - timedelta(days=1))
    if done.new and not dry_run:
        facts = {"file": file.name, "format": form, "new": done.new, "refused": done.refused}
        add_audit(connection, org_id, "attendance.import", by=by, now_ms=now_ms, facts=facts)
    return done


def take_in(
    connection: Connection,
    org_id: int,
    held: PunchFile,
    remember: Callable[[ImportedPunches], str | None],
    *,
    now_ms: int,
    dry_run: bool = False,
) -> ImportedPunches:
    """Write the punches that are new and make the days of their people anew.

    remember: writes the import run down and returns its id, for the punches that it brought.
    """
    pins = store.pins_of(connection, org_id)
    lines, unknown = _of_known_people(connection, org_id, held.lines, pins)
    punches = {(each.punch.pin, each.punch.at, each.punch.status): each.punch for each in reversed(lines)}
    new = _new(connection, org_id, punches)
    unmapped: dict[str, int] = {}
    for pin, _, _ in punches:
        if pin not in pins:
            unmapped[pin] = unmapped.get(pin, 0) + 1
    days = sorted(at[:10] for _, at, _ in punches)
    errors = sorted((*held.errors, *unknown), key=lambda each: each.row)
    done = ImportedPunches(
        rows=held.rows, new=len(new), unchanged=len(lines) - len(new), refused=len(errors),
        first_day=days[0] if days else None, last_day=days[-1] if days else None, unmapped_pins=unmapped, errors=errors,
    )  # fmt: skip
    if dry_run:
        return done
    run = remember(done)
    store.put_pins(connection, org_id, _pins_by_nip(connection, org_id, lines, pins))
    reach = store.reach_of(connection, org_id, {each.machine for each in new.values()})
    store.add_punches(connection, org_id, list(new.values()), received_at=now_ms, import_run=run)
    touched: dict[str, set[date]] = {}
    for pin, at, _ in new:
        if pin in pins:
            touched.setdefault(pins[pin], set()).add(date.fromisoformat(at[:10]))
    around = {employee: days_around(theirs) for employee, theirs in touched.items()}
    done.days_changed = rebuild_days(connection, org_id, around, now_ms)
    done.days_changed += rebuild_waiting(connection, org_id, reach, now_ms)
    return done


def _look_at(done: ImportedPunches, punches: Sequence[PunchRow], today: date) -> None:
    """Count both kinds, and warn of what a wrong order of columns or another order of a date's parts looks like."""
    done.check_ins = sum(each.status == 0 for each in punches)
    done.check_outs = sum(each.status == 1 for each in punches)
    both = done.check_ins + done.check_outs
    if done.new and both >= _KINDS_FROM and max(done.check_ins, done.check_outs) * 100 > both * _ONE_KIND_PERCENT:
        done.warnings.append("one_kind")
    counted = Counter(date.fromisoformat(each.at[:10]) for each in punches)
    ahead = sorted(day for day in counted if day > today)
    apart = _days_apart(counted)
    done.warnings += [name for name, days in (("day_ahead", ahead), ("day_apart", apart)) if days]
    done.odd_days = [day.isoformat() for day in sorted({*ahead, *apart})]


def _days_apart(counted: Mapping[date, int]) -> list[date]:
    """The days that lie more than a year from those on which most punches are."""
    groups: list[list[date]] = []
    for day in sorted(counted):
        if groups and day - groups[-1][-1] <= _YEAR:
            groups[-1].append(day)
        else:
            groups.append([day])
    groups.sort(key=lambda days: sum(counted[day] for day in days))
    return [day for days in groups[:-1] for day in days]


def _read(
    connection: Connection,
    org_id: int,
    file: SourceFile,
    form: str,
    latest: date,
    mapping: str | None,
    columns: Sequence[str] | None,
) -> PunchFile:
    if form == "attlog":
        order = ATTLOG_COLUMNS if columns is None else tuple(columns)
        if mapping is not None:
            order = columns_of_preset(preset_of(connection, org_id, ATTLOG, mapping))
        return read_lines(file.content, order, latest)
    if form == "xml":
        return read_xml(file.content, latest)
    table = read_table(file.content, file.name)
    named = columns_of(connection, org_id, KIND, table, mapping)
    if "at" in named:
        named = {name: column for name, column in named.items() if name not in ("date", "time")}
    pairs = {"check_in", "check_out"} & named.keys()
    wanted = [
        name
        for name, is_there in (
            ("pin", "pin" in named or "nip" in named),
            ("at", "at" in named or ("date" in named and ("time" in named or pairs))),
            ("status", "status" in named or pairs),
        )
        if not is_there
    ]
    if wanted:
        raise missing_columns(wanted, table, ["pin", "at", "status"])
    return read_rows(table, named, latest)


def _of_known_people(
    connection: Connection, org_id: int, lines: Sequence[PunchLine], pins: dict[str, str]
) -> tuple[list[PunchLine], list[Fault]]:
    """The lines whose NIP is somebody's, or that name a PIN. A NIP that stands for a PIN is whose it is."""
    if all(each.nip is None for each in lines):
        return list(lines), []
    employees = {each.nip: each.id for each in people.employees_of(connection, org_id)}
    kept, faults = [], []
    for each in lines:
        if each.nip is not None and each.nip not in employees:
            faults.append(Fault(each.number, "nip", "nobody here has this NIP"))
            continue
        if each.nip is not None:
            pins.setdefault(each.nip, employees[each.nip])
        kept.append(each)
    return kept, faults


def _pins_by_nip(
    connection: Connection, org_id: int, lines: Sequence[PunchLine], pins: Mapping[str, str]
) -> dict[str, str]:
    named = {each.nip for each in lines if each.nip is not None}
    known = store.pins_of(connection, org_id) if named else {}
    return {nip: pins[nip] for nip in named if nip not in known}


def _new(connection: Connection, org_id: int, punches: Mapping[_Key, PunchRow]) -> dict[_Key, PunchRow]:
    if not punches:
        return {}
    times = [at for _, at, _ in punches]
    # A sign more than the last: what is found lies before it.
    known = {
        (each.pin, each.at, each.status)
        for each in store.punches_between(connection, org_id, {pin for pin, _, _ in punches}, min(times), max(times) + "~")
    }
    return {key: punch for key, punch in punches.items() if key not in known}


def _no_punch_in(file: SourceFile, held: PunchFile) -> Problem:
    return Problem(
        "import_refused",
        f"None of the {held.rows} rows is a punch. Nothing was imported.",
        {"file": file.name, "errors": [each.document() for each in held.errors[:5]]},
        "Check --format, and with --columns the order of the columns.",
    )
