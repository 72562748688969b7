"""The main job from end to end: an office writes offline, its devices drain over a bad link, attendance comes in, and
scores come out, with the papers to sign.

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
from lontara_demo.link import PoorLink, Quality
from lontara_demo.material import SEED, Material, invented_material, material_of
from lontara_demo.office import WORKERS, month_of
from lontara_demo.reckoning import Replayed, reckon
from lontara_demo.running import ADMIN, ORG, Office, page_address, running_office
from lontara_demo.source_files import SourceFiles
from lontara_demo.telling import progress_bars
from lontara_demo.words import Stage
from lontara_server.app import clock_ms
from lontara_server.config import Language
from lontara_server.services import conflict_desk
from lontara_server.services.conflicts import resolve_conflict
from lontara_server.services.orgs import TIME_ZONE_DEFAULT
from lontara_server.storage.engine import transaction

CLASHES_EACH: Final = 2
LATER_MINUTES: Final = (30, 60)


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
    source: SourceFiles | None,
    stays: bool,
    language: Language = "id",
    database_url: str | None = None,
    console: Console | None = None,
) -> int:
    """Replay a month in `folder` (made anew), or the log of `source`; with `stays` the server runs until stopped.

    database_url: a database with nothing in it; None is SQLite in the folder. Returns 0 when every entry is on the
    server exactly once, else 1. Raises Problem file_unreadable, import_refused, target_not_empty, address_unusable.
    """
    stage = Stage(console or Console(), language)
    material = material_of(source) if source else invented_material(WORKERS, _month())
    with running_office(folder, database_url, material, stage.console, language) as office:
        if source:
            names = ", ".join(path.name for path in source.beside)
            stage.tell("beside", names=names or stage.say("nothing_beside"))
        devices = open_devices(folder / "devices", material.people, seed=SEED, connect=office.transport)
        try:
            replayed = _replay(office, devices, material, stage)
        finally:
            for device in devices:
                device.client.close()
        whole = reckon(office, folder, material, replayed, stage)
        if stays:
            stage.tell("open_conflicts", url=page_address(office.port, "conflicts", language))
            stage.tell("all_scores", url=page_address(office.port, "scores", language))
            stage.tell("stays")
            with suppress(KeyboardInterrupt):
                threading.Event().wait()
    return 0 if whole else 1


def _replay(office: Office, devices: Sequence[FieldDevice], material: Material, stage: Stage) -> Replayed:
    with stage.console.status(stage.say("enrolling")):
        enrol(devices, f"http://127.0.0.1:{office.port}", office.code_for)
    workers = [device for device in devices if device.person.supervisor]
    written = _write(workers, material, stage)
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
    # What was done long ago is not sent back.
    _approve(devices, written, stage, returned_each=0 if material.lines else 1)
    resolved = _resolve_some(office, stage)
    sent.unsent = sum(each.unsent for each in _drain(devices, stage.say("decisions"), stage).values())
    return Replayed(written, sent.unsent, sent.requests, resolved, traffic)


def _write(workers: Sequence[FieldDevice], material: Material, stage: Stage) -> dict[str, tuple[str, str]]:
    """Write offline; returns person and month of each entry by its id."""
    with progress_bars(stage.console) as bars:
        if material.month is None:
            task = bars.add_task(stage.say("copying"), total=len(material.lines))
            by_person = {device.person.full_name: device for device in workers}
            sources = import_offline(by_person, material.lines, lambda _device: bars.advance(task))
            return {
                id_: (by_person[line.person].person.nip, f"{line.work_date:%Y-%m}") for id_, line in sources.items()
            }
        people = {device.person.nip: device.person for device in workers}
        plan = [entry for person in people.values() for entry in month_of(person, material.month, seed=SEED)]
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


def _approve(
    devices: Sequence[FieldDevice], written: Mapping[str, object], stage: Stage, *, returned_each: int
) -> None:  # fmt: skip
    """Supervisors read their teams, return the first of what waits with a note, approve the others, and send it."""
    chiefs = [device for device in devices if not device.person.supervisor]
    _drain(chiefs, stage.say("chiefs_read"), stage)
    for chief in chiefs:
        waiting = sorted((entry for entry in chief.client.for_review() if entry.id in written), key=_in_order)
        for entry in waiting[returned_each:]:
            chief.client.review(entry.id, "approved")
        for entry in waiting[:returned_each]:
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


def _month() -> date:
    """The month before this one, so that no entry of the demo lies in the future."""
    today = datetime.now(ZoneInfo(TIME_ZONE_DEFAULT)).date()
    return date(today.year - 1, 12, 1) if today.month == 1 else date(today.year, today.month - 1, 1)
