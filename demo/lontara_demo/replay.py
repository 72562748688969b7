"""The main job from end to end: an office writes offline, its devices drain over a bad link, and scores come out.

It wires the demo's parts with a real server of its own; nothing of the product is written here.
"""

from __future__ import annotations

import secrets
import socket
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from rich.console import Console
from waitress.server import create_server

from lontara.transport import HttpTransport
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
from lontara_demo.office import SUPERVISORS, UNITS, WORKERS, Person, month_of
from lontara_demo.source_log import SourceEntry, overlapping, read_source_log
from lontara_demo.telling import Counts, overlap_table, progress_bars, score_table, summary_table
from lontara_server.app import clock_ms, create_app
from lontara_server.config import SECRET_BYTES, Config, database_url_of, prepare_data_dir, read_config
from lontara_server.services.accounts import create_user
from lontara_server.services.conflicts import list_conflicts, resolve_conflict
from lontara_server.services.devices import issue_code
from lontara_server.services.orgs import TIME_ZONE_DEFAULT, create_org, init_server
from lontara_server.services.people import import_employees
from lontara_server.services.scores import compute_period, recompute_all, show
from lontara_server.storage.engine import Engine, make_engine, transaction
from lontara_server.storage.operations import entry_ids
from lontara_server.storage.schema import upgrade

SEED: Final = 20261
PORT: Final = 8470
ORG: Final = 1
ADMIN: Final = "admin"
CLASHES: Final = 4
REASON: Final = "Dikonfirmasi lewat telepon dengan pegawai."


@dataclass
class Office:
    """The running server, with the port that its devices use at the moment."""

    engine: Engine
    config: Config
    port: int
    device_port: int

    def transport(self, _url: str) -> HttpTransport:
        """A transport to wherever the devices' way leads now."""
        return HttpTransport(f"http://127.0.0.1:{self.device_port}")

    def code_for(self, nip: str) -> str:
        """A new enrolment code for a person."""
        with transaction(self.engine) as connection:
            return issue_code(connection, ORG, nip, by=ADMIN, secret=self.config.secret, now_ms=clock_ms(),
                              random_bytes=secrets.token_bytes).code  # fmt: skip


def main(*, folder: Path, source: Path | None, stays: bool, console: Console | None = None) -> int:
    """Replay a month in `folder` (made anew), or the log at `source`; with `stays` the server runs until stopped.

    Returns 0 when every entry is on the server exactly once, else 1.
    """
    console = console or Console()
    lines = read_source_log(source, ZoneInfo(TIME_ZONE_DEFAULT)) if source else []
    people = _people_of(lines) if source else [*SUPERVISORS, *WORKERS]
    with _running_office(folder, people, console) as office:
        devices = open_devices(folder / "devices", people, seed=SEED, connect=office.transport)
        try:
            whole = _replay(office, devices, lines, console)
        finally:
            for device in devices:
                device.client.close()
        if stays:
            console.print(f"Konflik yang terbuka: http://127.0.0.1:{office.port}/conflicts · masuk dengan sandi di atas.")
            console.print("Server tetap berjalan (Ctrl-C untuk berhenti).")
            with suppress(KeyboardInterrupt):
                threading.Event().wait()
    return 0 if whole else 1


def _replay(office: Office, devices: Sequence[FieldDevice], lines: list[SourceEntry], console: Console) -> bool:
    with console.status("Mendaftarkan perangkat"):
        enrol(devices, f"http://127.0.0.1:{office.port}", office.code_for)
    workers = [device for device in devices if device.person.supervisor]
    written = _write(workers, lines, console)
    with PoorLink(office.port, Quality(), seed=SEED) as link:
        office.device_port = link.port
        drained = _drain(workers, "Sinyal kembali", console)
        _drain(workers, "Membaca yang lain", console)
        for device in _pairs(workers):
            _clash(device)
        _drain(workers, "Ubahan dua perangkat", console)
        traffic = link.traffic
    office.device_port = office.port
    _approve(devices, written, console)
    resolved = _resolve_some(office)
    with console.status("Menghitung nilai"):
        _drain(devices, "Kabar keputusan", console)
    names = {device.person.nip: device.person.full_name for device in devices}
    return _tell(office, names, written, drained, traffic, resolved, lines, console)


def _write(workers: Sequence[FieldDevice], lines: list[SourceEntry], console: Console) -> dict[str, tuple[str, str]]:
    """Write offline; returns person and month of each entry by its id."""
    month = _month()
    with progress_bars(console) as bars:
        if lines:
            task = bars.add_task("Menyalin log, tanpa sinyal", total=len(lines))
            by_person = {device.person.full_name: device for device in workers}
            sources = import_offline(by_person, lines, lambda _device: bars.advance(task))
            return {
                id_: (by_person[line.person].person.nip, f"{line.work_date:%Y-%m}") for id_, line in sources.items()
            }
        plan = [entry for person in WORKERS for entry in month_of(person, month, seed=SEED)]
        task = bars.add_task("Menulis di lapangan, tanpa sinyal", total=len(plan))
        planned = write_offline(workers, plan, lambda _device: bars.advance(task))
        return {id_: (entry.nip, f"{entry.work_date:%Y-%m}") for id_, entry in planned.items()}


def _drain(devices: Sequence[FieldDevice], title: str, console: Console) -> Mapping[str, Drained]:
    with progress_bars(console) as bars:
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
    last_of_day = {
        entry.fields["work_date"]: entry
        for entry in sorted(pair[0].client.entries(), key=lambda entry: str(entry.fields["start_time"]))
    }
    shared = [entry for _, entry in sorted(last_of_day.items()) if entry.id in known]
    for entry in shared[: CLASHES // 2]:
        end = datetime.strptime(str(entry.fields["end_time"]), "%H:%M").replace(tzinfo=UTC)
        later = [f"{end + timedelta(minutes=minutes):%H:%M}" for minutes in (30, 60)]
        edit_on_each(pair, entry.id, "end_time", later)


def _approve(devices: Sequence[FieldDevice], written: Mapping[str, object], console: Console) -> None:
    """Supervisors read their teams, approve what is not in conflict, return one with a note, and send that."""
    chiefs = [device for device in devices if not device.person.supervisor]
    _drain(chiefs, "Atasan membaca", console)
    for chief in chiefs:
        waiting = [entry for entry in chief.client.for_review() if entry.id in written]
        for entry in waiting[1:]:
            chief.client.review(entry.id, "approved")
        for entry in waiting[:1]:
            chief.client.review(entry.id, "needs_revision", note="Lengkapi uraian hasil kerja.")
    _drain(chiefs, "Atasan meninjau", console)


def _resolve_some(office: Office) -> int:
    """Decide half of the field conflicts for the device's value, in the admin's name."""
    with transaction(office.engine) as connection:
        found = [each for each in list_conflicts(connection, ORG, only_open=True) if each["kind"] == "field"]
        for conflict in found[: CLASHES // 2]:
            resolve_conflict(
                connection, ORG, conflict["id"], choice="keep_device", reason=REASON, by=ADMIN, now_ms=clock_ms()
            )
    return len(found[: CLASHES // 2])


def _tell(
    office: Office, names: Mapping[str, str], written: Mapping[str, tuple[str, str]],
    drained: Mapping[str, Drained], traffic: Traffic, resolved: int, lines: list[SourceEntry], console: Console,
) -> bool:  # fmt: skip
    with transaction(office.engine) as connection:
        for month in sorted({month for _, month in written.values()}):
            compute_period(connection, ORG, month, clock_ms())
        recompute_all(connection, ORG, clock_ms())
        on_server = entry_ids(connection, ORG)
        still_open = len(list_conflicts(connection, ORG, only_open=True))
        scores = [
            (f"{names[nip]} · {month}", show(connection, ORG, nip, month)) for nip, month in sorted(set(written.values()))
        ]
    unsent = sum(each.unsent for each in drained.values())
    requests = sum(each.request_count for each in drained.values())
    console.print(score_table(scores))
    if lines:
        console.print(overlap_table(overlapping(lines)))
        console.print(f"Paling lambat dicatat {max(line.days_late for line in lines)} hari sesudah kerjanya; diterima.")
    arrived = len(on_server & set(written))
    console.print(summary_table(Counts(len(written), arrived, unsent, requests, still_open, resolved), traffic))
    return on_server == set(written) and unsent == 0


@contextmanager
def _running_office(folder: Path, people: Sequence[Person], console: Console) -> Iterator[Office]:
    """A new server with its people and an admin, served on loopback for as long as the block lasts."""
    prepare_data_dir(folder, secrets.token_bytes(SECRET_BYTES))
    engine = make_engine(database_url_of(folder, None))
    upgrade(engine)
    password = secrets.token_urlsafe(9)
    with transaction(engine) as connection:
        now = clock_ms()
        init_server(connection, now_ms=now, random_bytes=secrets.token_bytes)
        create_org(connection, code="WAJO", name="Kabupaten Wajo", by=ADMIN, now_ms=now,
                   random_bytes=secrets.token_bytes)  # fmt: skip
        create_user(connection, ORG, login=ADMIN, password=password, role="admin", by=ADMIN, now_ms=now)
        import_employees(connection, ORG, _people_file(people), by=ADMIN, now_ms=now)
        chiefs = {f"atasan{number}": person for number, person in enumerate(_leaders(people), start=1)}
        for login, person in chiefs.items():
            create_user(connection, ORG, login=login, password=password, role="supervisor", by=ADMIN, now_ms=now,
                        nip=person.nip)  # fmt: skip
    config = read_config(folder, {})
    port = _free_port(console)
    server = create_server(create_app(config, engine=engine), host="127.0.0.1", port=port, threads=8)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    console.print(f"Server: http://127.0.0.1:{port}/", soft_wrap=True)
    console.print(f"Masuk sebagai {', '.join((ADMIN, *chiefs))}; sandi: {password}", soft_wrap=True)
    console.print(f"Data: {folder}", soft_wrap=True)
    try:
        yield Office(engine, config, port, port)
    finally:
        server.close()
        thread.join(timeout=5)
        engine.dispose()


def _leaders(people: Sequence[Person]) -> list[Person]:
    return [person for person in people if not person.supervisor]


def _free_port(console: Console) -> int:
    for port in range(PORT, PORT + 50):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                console.print(f"Port {port} sedang dipakai; mencoba {port + 1}.")
                continue
        return port
    raise SystemExit(f"Port {PORT} sampai {PORT + 49} sedang dipakai semua.")


def _people_file(people: Sequence[Person]) -> str:
    names = {unit.code: unit.name for unit in UNITS}
    rows = ["nip,full_name,unit_code,unit_name,supervisor_nip,position"]
    for person in people:
        unit_name = names.get(person.unit_code, f"Unit {person.unit_code}")
        rows.append(
            ",".join((person.nip, person.full_name, person.unit_code, unit_name, person.supervisor, person.position))
        )
    return "\n".join(rows) + "\n"


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
