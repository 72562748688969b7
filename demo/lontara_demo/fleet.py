"""The demo's devices: real stores of the SDK that write a month offline and drain once there is a link.

It knows nothing of the server's code: an address and enrolment codes come in.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from lontara import Client
from lontara.clock import SystemClock
from lontara.engine import SyncReport
from lontara.transport import Transport
from lontara_demo.office import Person, PlannedEntry
from lontara_demo.source_log import SourceEntry

PIN: Final = "246810"
RUNS_MAX: Final = 40
PAUSE_SECONDS_MAX: Final = 0.2


class HurriedClock(SystemClock):
    """This machine's clock, with waits cut short: the link of the demo lies in its own process."""

    def pause(self, seconds: float) -> None:
        super().pause(min(seconds, PAUSE_SECONDS_MAX))


@dataclass(frozen=True)
class FieldDevice:
    """One device of one person."""

    person: Person
    index: int
    client: Client

    @property
    def name(self) -> str:
        """What it is called when it is enrolled."""
        return self.person.device_names[self.index]


@dataclass(frozen=True)
class Drained:
    """What it took until the device had nothing unsent: runs of `Client.sync`, and their sums."""

    run_count: int
    request_count: int
    bytes_up: int
    bytes_down: int
    unsent: int


def open_devices(
    folder: Path, people: Iterable[Person], *, seed: int, connect: Callable[[str], Transport] | None = None
) -> list[FieldDevice]:
    """A new store for each device of each person, below `folder`. They are not enrolled yet."""
    return [
        FieldDevice(
            person,
            index,
            Client.open(
                folder / person.nip / str(index + 1),
                pin=PIN,
                clock=HurriedClock(),
                chance=random.Random(f"{seed}:{person.nip}:{index}"),
                transport=connect,
            ),
        )
        for person in people
        for index in range(len(person.device_names))
    ]


def enrol(devices: Iterable[FieldDevice], url: str, code_for: Callable[[str], str]) -> None:
    """Enrol every device; `code_for` gives a new code for a NIP."""
    for device in devices:
        device.client.enrol(url, code_for(device.person.nip), name=device.name)


def write_offline(
    devices: Sequence[FieldDevice], plan: Iterable[PlannedEntry], on_entry: Callable[[FieldDevice], None]
) -> dict[str, PlannedEntry]:
    """Write every planned entry on its device, in the plan's order; returns what was planned by the id it got."""
    by_place = {(device.person.nip, device.index): device for device in devices}
    written: dict[str, PlannedEntry] = {}
    for planned in plan:
        device = by_place[planned.nip, planned.device_index]
        entry = device.client.record(
            work_date=planned.work_date.isoformat(),
            start_time=planned.start_time,
            end_time=planned.end_time,
            title=planned.title,
            quantity=str(planned.quantity),
            output_unit=planned.output_unit,
            category="main_duty",
        )
        written[entry.id] = planned
        on_entry(device)
    return written


def import_offline(
    devices: Mapping[str, FieldDevice], entries: Iterable[SourceEntry], on_entry: Callable[[FieldDevice], None]
) -> dict[str, SourceEntry]:
    """Write every line of a foreign log, marked imported, on the device of its person; by the id it got."""
    written: dict[str, SourceEntry] = {}
    for source in entries:
        device = devices[source.person]
        written[device.client.record(**source.fields()).id] = source
        on_entry(device)
    return written


def edit_on_each(devices: Sequence[FieldDevice], entry: str, field: str, values: Sequence[str]) -> None:
    """Give one field of one entry another value on each device, none knowing of the other: a clash once they sync."""
    for device, value in zip(devices, values, strict=True):
        changes: dict[str, Any] = {field: value}
        device.client.edit(entry, **changes)


def drain_all(
    devices: Sequence[FieldDevice], on_run: Callable[[FieldDevice, SyncReport], None]
) -> Mapping[str, Drained]:
    """Sync all devices side by side, each until it has nothing unsent; by the device's name.

    Bounded: after RUNS_MAX runs a device gives up, and `unsent` says what it still holds.
    """
    with ThreadPoolExecutor(max_workers=max(1, len(devices))) as pool:
        results = pool.map(lambda device: _drain(device, on_run), devices)
        return {device.name: drained for device, drained in zip(devices, results, strict=True)}


def _drain(device: FieldDevice, on_run: Callable[[FieldDevice, SyncReport], None]) -> Drained:
    reports: list[SyncReport] = []
    while len(reports) < RUNS_MAX:
        reports.append(device.client.sync())
        on_run(device, reports[-1])
        if reports[-1].problem is None and reports[-1].unsent == 0:
            break
    return Drained(
        run_count=len(reports),
        request_count=sum(report.requests for report in reports),
        bytes_up=sum(report.bytes_up for report in reports),
        bytes_down=sum(report.bytes_down for report in reports),
        unsent=reports[-1].unsent,
    )
