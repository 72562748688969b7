"""The five faults after which other sync services lose entries or stand still, each played against the real server
with real stores. A fault returns what was written and what became of it; nothing is asserted here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Final, TypeAlias

from sqlalchemy import text

from engines.places import Place
from healing.office import PEOPLE, SECOND_UNIT, HandClock, Office, settle, titles, write
from lontara import Client
from lontara_server.services.orgs import create_org
from lontara_server.services.people import import_employees
from lontara_server.storage.engine import make_engine, transaction
from server.ready import CHIEF, WORKER, seeded_bytes

HOUR_MS: Final = 3_600_000
Fault: TypeAlias = "Callable[[Office, Random], Outcome]"


@dataclass(frozen=True)
class Outcome:
    """What was written on devices, what of it the server holds, what the server holds besides, what every device of the
    person shows, how many devices wait for something or show something else than the others, and how many faults the
    server's evidence has."""

    written: int
    arrived: int
    doubled: int
    readable: int
    stalled: int
    faults: int

    @property
    def lost(self) -> int:
        """How many entries are missing on the server or on a device of their author."""
        return self.written - min(self.arrived, self.readable)


def outcome(office: Office, written: dict[str, str], *devices: Client) -> Outcome:
    """Compare what was written (id: title) with the server and with these devices, all of the one person."""
    held = office.titles()
    shown = [titles(device) for device in devices]
    return Outcome(
        written=len(written),
        arrived=sum(held.get(entry) == title for entry, title in written.items()),
        doubled=len(held.keys() - written.keys()),
        readable=sum(all(each.get(entry) == title for each in shown) for entry, title in written.items()),
        stalled=sum(device.status()["unsent"] != 0 or each != shown[0] for device, each in zip(devices, shown, strict=True)),
        faults=len(office.faults()),
    )


def wrote(client: Client, count: int, what: str, day: int) -> dict[str, str]:
    made = write(client, count, what, day=day)
    return {entry: title for entry, title in titles(client).items() if entry in made}


def cloned_store(office: Office, chance: Random) -> Outcome:
    """A store is copied to a second laptop; both write, both send; the one that is told enrols again."""
    phone = office.device("phone")
    written = wrote(phone, chance.randint(1, 10), "Bersama", 1)
    if chance.random() < 0.8:
        phone.sync()
    phone, copy = office.copy(phone, "copy", "phone")
    written |= wrote(phone, chance.randint(1, 25), "Asli", 3)
    written |= wrote(copy, chance.randint(1, 25), "Salinan", 5)
    first, second = chance.sample([phone, copy], 2)
    first.sync()
    report = second.sync()
    if report.problem is not None and report.problem.code == "forked":
        office.enrol(second)
    settle(first, second)
    return outcome(office, written, phone, copy)


def clock_ahead(office: Office, chance: Random) -> Outcome:
    """A laptop's clock is 25 hours ahead while it writes and while it sends."""
    laptop = office.device("laptop", clock=HandClock(25 * HOUR_MS, office.clock))
    other = office.device("phone")
    written = wrote(laptop, chance.randint(1, 20), "Jam maju", 15)
    settle(laptop, other)
    return outcome(office, written, laptop, other)


def moved_unit(office: Office, chance: Random) -> Outcome:
    """The worker is moved to another unit and supervisor while the device is offline."""
    phone = office.device("phone")
    settle(phone)
    written = wrote(phone, chance.randint(1, 20), "Di unit lama", 1)
    moved = PEOPLE.replace(
        f"{WORKER},Ambo Upe Lamaru,KEC-01,Seksi Pelayanan Umum,{CHIEF}",
        f"{WORKER},Ambo Upe Lamaru,KEC-02,Seksi Pemerintahan,{SECOND_UNIT}",
    )
    with transaction(office.engine) as connection:
        import_employees(connection, 1, moved, by="tester", now_ms=office.clock.wall_ms())
    written |= wrote(phone, chance.randint(1, 10), "Belum tahu pindah", 17)
    settle(phone)
    return outcome(office, written, phone, office_copy(office))


def office_copy(office: Office) -> Client:
    """A second device of the person, enrolled at the end: it reads everything from the server alone."""
    other = office.device("second device")
    settle(other)
    return other


def restored_server(office: Office, chance: Random) -> Outcome:
    """The server is restored, once or twice, from the last backup or an older one; devices go on writing."""
    phone, laptop = office.device("phone"), office.device("laptop")
    written = wrote(phone, chance.randint(1, 10), "Sebelum", 1)
    settle(phone, laptop)
    backups = [office.backup()]
    for number in range(chance.randint(1, 2)):
        written |= wrote(chance.choice([phone, laptop]), chance.randint(1, 10), f"Sesudah {number}", 3 + 2 * number)
        settle(phone, laptop)
        if chance.random() < 0.5:
            backups.append(office.backup())
        written |= wrote(phone, chance.randint(0, 5), f"Diterima {number}", 9 + 2 * number)
        settle(phone, laptop)
        written |= wrote(laptop, chance.randint(0, 5), f"Belum terkirim {number}", 13 + 2 * number)
        office.restore(chance.choice(backups))
        if chance.random() < 0.5:
            settle(*chance.sample([phone, laptop], 2))
    settle(phone, laptop)
    return outcome(office, written, phone, laptop)


def stray_transaction(office: Office, chance: Random) -> Outcome:
    """Somebody leaves a transaction open elsewhere in the database, while devices write and read."""
    phone, laptop = office.device("phone"), office.device("laptop")
    with transaction(office.engine) as connection:
        create_org(connection, code="BONE", name="Kabupaten Bone", by="tester", now_ms=office.clock.wall_ms(),
                   random_bytes=seeded_bytes("bone"))  # fmt: skip
    with left_open(office):
        written = wrote(phone, chance.randint(1, 20), "Saat macet", 1)
        settle(phone, laptop)
        return outcome(office, written, phone, laptop)


@contextmanager
def left_open(office: Office) -> Iterator[None]:
    """A transaction that does not end: on PostgreSQL it has written; on SQLite, where one writes at a time, it reads."""
    stray = make_engine(office.url)
    with stray.connect() as connection:
        if stray.dialect.name == "sqlite":
            driver = connection.connection.driver_connection
            assert driver is not None
            driver.execute("BEGIN")
            driver.execute("SELECT count(*) FROM feed").fetchone()
        else:
            connection.execute(text("UPDATE org SET name = 'Bone' WHERE org_id = 2"))
            connection.execute(text("SELECT count(*) FROM feed WHERE org_id = 1"))
        yield
        connection.rollback()
    stray.dispose()


FAULTS: Final[tuple[Fault, ...]] = (
    cloned_store, clock_ahead, moved_unit, restored_server, stray_transaction,
)  # fmt: skip


def play(fault: Fault, seed: int, folder: Path, place: Place) -> Outcome:
    """One fault in an office of its own."""
    office = Office(folder, place)
    try:
        return fault(office, Random(seed))
    finally:
        office.close()
