"""The main job from end to end: an office writes offline, its devices drain over a bad link, and scores come out.

It wires the demo's parts with a real server of its own; nothing of the product is written here. The same seed gives
the same scores, whichever device is faster: what two devices change of one entry comes in a fixed order.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from rich.console import Console

from lontara.entries import Entry
from lontara_demo.fleet import (
    Drained,
    FieldDevice,
    drain_all,
    edit_on_each,
    enrol,
    import_offline,
    open_devices,
    write_offline,
)
from lontara_demo.link import PoorLink, Quality, Traffic
from lontara_demo.office import SUPERVISORS, WORKERS, Person, month_of
from lontara_demo.running import ADMIN, ORG, Office, page_address, running_office
from lontara_demo.source_log import SourceEntry, overlapping, read_source_log
from lontara_demo.telling import Counts, overlap_table, progress_bars, score_table, summary_table
from lontara_demo.words import say
from lontara_server.app import clock_ms
from lontara_server.config import Language
from lontara_server.services import conflict_desk
from lontara_server.services.conflicts import list_conflicts, resolve_conflict
from lontara_server.services.orgs import TIME_ZONE_DEFAULT
from lontara_server.services.scores import compute_period, recompute_all, show
from lontara_server.storage.engine import transaction
from lontara_server.storage.operations import entry_ids

SEED: Final = 20261
CLASHES_EACH: Final = 2
LATER_MINUTES: Final = (30, 60)


@dataclass(frozen=True)
class Stage:
    """Where the demo prints, and in which language."""

    console: Console
    language: Language

    def say(self, key: str, **values: object) -> str:
        """A text of the demo."""
        return say(self.language, key, **values)


@dataclass
class Sent:
    """What the replay has sent over the bad link."""

    unsent: int = 0
    requests: int = 0

    def add(self, drained: Mapping[str, Drained]) -> None:
        """Count one more drain; what is unsent is what its devices hold after it."""
        self.unsent = sum(each.unsent for each in drained.values())
        self.requests += sum(each.request_count for each in drained.values())


def main(
    *,
    folder: Path,
    source: Path | None,
    stays: bool,
    language: Language = "id",
    database_url: str | None = None,
    console: Console | None = None,
) -> int:
    """Replay a month in `folder` (made anew), or the log at `source`; with `stays` the server runs until stopped.

    database_url: a database with nothing in it; None is SQLite in the folder. Returns 0 when every entry is on the
    server exactly once, else 1. Raises Problem file_unreadable, import_refused, target_not_empty, address_unusable.
    """
    stage = Stage(console or Console(), language)
    lines = read_source_log(source, ZoneInfo(TIME_ZONE_DEFAULT)) if source else []
    people = _people_of(lines) if source else [*SUPERVISORS, *WORKERS]
    with running_office(folder, database_url, people, stage.console, language) as office:
        devices = open_devices(folder / "devices", people, seed=SEED, connect=office.transport)
        try:
            whole = _replay(office, devices, lines, stage)
        finally:
            for device in devices:
                device.client.close()
        if stays:
            address = page_address(office.port, "conflicts", language)
            stage.console.print(stage.say("open_conflicts", url=address), soft_wrap=True)
            stage.console.print(stage.say("stays"), soft_wrap=True)
            with suppress(KeyboardInterrupt):
                threading.Event().wait()
    return 0 if whole else 1


def _replay(office: Office, devices: Sequence[FieldDevice], lines: list[SourceEntry], stage: Stage) -> bool:
    with stage.console.status(stage.say("enrolling")):
        enrol(devices, f"http://127.0.0.1:{office.port}", office.code_for)
    workers = [device for device in devices if device.person.supervisor]
    written = _write(workers, lines, stage)
    sent = Sent()
    with PoorLink(office.port, Quality(), seed=SEED) as link:
        office.device_port = link.port
        sent.add(_drain(workers, stage.say("signal"), stage))
        sent.add(_drain(workers, stage.say("reading"), stage))
        pairs = _pairs(workers)
        for pair in pairs:
            _clash(pair)
        # One after the other, so that chance does not say whose value the server holds first.
        sent.add(_drain([first for first, _ in pairs], stage.say("first_edit"), stage))
        sent.add(_drain([second for _, second in pairs], stage.say("second_edit"), stage))
        traffic = link.traffic
    office.device_port = office.port
    _approve(devices, written, stage)
    resolved = _resolve_some(office, stage)
    with stage.console.status(stage.say("computing")):
        sent.unsent = sum(each.unsent for each in _drain(devices, stage.say("decisions"), stage).values())
    names = {device.person.nip: device.person.full_name for device in devices}
    return _tell(office, names, written, sent, traffic, resolved, lines, stage)


def _write(workers: Sequence[FieldDevice], lines: list[SourceEntry], stage: Stage) -> dict[str, tuple[str, str]]:
    """Write offline; returns person and month of each entry by its id."""
    month = _month()
    with progress_bars(stage.console) as bars:
        if lines:
            task = bars.add_task(stage.say("copying"), total=len(lines))
            by_person = {device.person.full_name: device for device in workers}
            sources = import_offline(by_person, lines, lambda _device: bars.advance(task))
            return {
                id_: (by_person[line.person].person.nip, f"{line.work_date:%Y-%m}") for id_, line in sources.items()
            }
        people = {device.person.nip: device.person for device in workers}
        plan = [entry for person in people.values() for entry in month_of(person, month, seed=SEED)]
        task = bars.add_task(stage.say("writing"), total=len(plan))
        planned = write_offline(workers, plan, lambda _device: bars.advance(task))
        return {id_: (entry.nip, f"{entry.work_date:%Y-%m}") for id_, entry in planned.items()}


def _drain(devices: Sequence[FieldDevice], title: str, stage: Stage) -> Mapping[str, Drained]:
    with progress_bars(stage.console) as bars:
        tasks = {device.name: bars.add_task(f"{title}: {device.name}", total=None) for device in devices}
        drained = drain_all(devices, lambda device, _report: bars.advance(tasks[device.name]))
        for device in devices:
            runs = drained[device.name].run_count
            bars.update(tasks[device.name], total=runs, completed=runs)
    return drained


def _pairs(workers: Sequence[FieldDevice]) -> list[tuple[FieldDevice, FieldDevice]]:
    seconds = {device.person.nip: device for device in workers if device.index == 1}
    return [(first, seconds[first.person.nip]) for first in workers if first.index == 0 and first.person.nip in seconds]


def _clash(pair: tuple[FieldDevice, FieldDevice]) -> None:
    """Let both devices lengthen the last work of the same days, each by another time."""
    known = {entry.id for entry in pair[1].client.entries()}
    last_of_day = {entry.work_date: entry for entry in sorted(pair[0].client.entries(), key=_in_order)}
    shared = [entry for _, entry in sorted(last_of_day.items()) if entry.id in known]
    for entry in shared[:CLASHES_EACH]:
        end = datetime.strptime(str(entry.fields["end_time"]), "%H:%M").replace(tzinfo=UTC)
        later = [f"{end + timedelta(minutes=minutes):%H:%M}" for minutes in LATER_MINUTES]
        edit_on_each(pair, entry.id, "end_time", later)


def _in_order(entry: Entry) -> tuple[str, str, str, str]:
    """The order of the work itself: that of ids is of the moment in which they were written."""
    return entry.work_date, str(entry.fields.get("start_time")), entry.nip, entry.title


def _approve(devices: Sequence[FieldDevice], written: Mapping[str, object], stage: Stage) -> None:
    """Supervisors read their teams, approve what waits but for one, return that with a note, and send it."""
    chiefs = [device for device in devices if not device.person.supervisor]
    _drain(chiefs, stage.say("chiefs_read"), stage)
    for chief in chiefs:
        waiting = sorted((entry for entry in chief.client.for_review() if entry.id in written), key=_in_order)
        for entry in waiting[1:]:
            chief.client.review(entry.id, "approved")
        for entry in waiting[:1]:
            chief.client.review(entry.id, "needs_revision", note=stage.say("return_note"))
    _drain(chiefs, stage.say("chiefs_review"), stage)


def _resolve_some(office: Office, stage: Stage) -> int:
    """Decide the first field conflict of each person for the device's value, in the admin's name."""
    with transaction(office.engine) as connection:
        found = [
            each for each in conflict_desk.list_all(connection, ORG, only_open=True) if each.document["kind"] == "field"
        ]
        firsts = {each.owner_name: each for each in sorted(found, key=lambda each: str(each.work_date), reverse=True)}
        for each in firsts.values():
            resolve_conflict(
                connection, ORG, str(each.document["id"]), choice="keep_device", reason=stage.say("reason"), by=ADMIN,
                now_ms=clock_ms(),
            )  # fmt: skip
    return len(firsts)


def _tell(
    office: Office, names: Mapping[str, str], written: Mapping[str, tuple[str, str]], sent: Sent, traffic: Traffic,
    resolved: int, lines: list[SourceEntry], stage: Stage,
) -> bool:  # fmt: skip
    months = sorted({month for _, month in written.values()})
    with transaction(office.engine) as connection:
        for month in months:
            compute_period(connection, ORG, month, clock_ms())
        recompute_all(connection, ORG, clock_ms())
        on_server = entry_ids(connection, ORG)
        still_open = len(list_conflicts(connection, ORG, only_open=True))
        # Everybody, as the console lists them: also those who lead and have written nothing.
        scores = [
            (names[nip], show(connection, ORG, nip, month))
            for month in months
            for nip in sorted(names, key=lambda nip: (names[nip], nip))
        ]
    stage.console.print(score_table(scores, stage.language))
    if lines:
        stage.console.print(overlap_table(overlapping(lines), stage.language))
        stage.console.print(stage.say("latest", days=max(line.days_late for line in lines)))
    arrived = len(on_server & set(written))
    counts = Counts(len(written), arrived, sent.unsent, sent.requests, still_open, resolved)
    stage.console.print(summary_table(counts, traffic, stage.language))
    return on_server == set(written) and sent.unsent == 0


def _people_of(lines: Sequence[SourceEntry]) -> list[Person]:
    """An invented employee for each person of a foreign log, and one who leads them all."""
    units = {line.person: line.unit_code for line in lines}
    chief = Person("197001011995031001", "Kepala Kantor", min(units.values()), "Kepala", "", ("Laptop Kepala",))
    workers = [
        Person(f"19800101200503{number + 1:04d}", name, units[name], "Staf", chief.nip, (f"Laptop {name}",))
        for number, name in enumerate(sorted(units), start=1000)
    ]
    return [chief, *workers]


def _month() -> date:
    """The month before this one, so that no entry of the demo lies in the future."""
    today = datetime.now(ZoneInfo(TIME_ZONE_DEFAULT)).date()
    return date(today.year - 1, 12, 1) if today.month == 1 else date(today.year, today.month - 1, 1)
