"""Eight devices of one org write at once while others read: nothing is missed, nothing is doubled, and no number of
the feed is left out. With real services, each thread on connections of its own.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest
from sqlalchemy import func, select

from engines.places import Place
from lontara_core.messages import SyncAnswer
from lontara_server.services.orgs import identity_of
from lontara_server.services.sync import SignedRequest, settle_request
from lontara_server.services.verification import verify_org
from lontara_server.storage.engine import Engine, run_in_transaction, transaction
from lontara_server.storage.models import ActivityEntry, Batch, Feed
from lontara_server.storage.operations import entry_ids, org_counter
from server.logged_tablet import LoggedTablet, as_read, entry_fields
from server.ready import CHIEF, NOW, ready_server

WRITERS = 8
BATCHES = 25
WORKERS = [f"19910309201503{number:04d}" for number in range(1001, 1005)]
PEOPLE = f"""nip,full_name,unit_code,unit_name,supervisor_nip,position
{CHIEF},Andi Rahmatia Pallawa,KEC-01,Seksi Pelayanan Umum,,Kepala Seksi
""" + "".join(
    f"{nip},Pegawai {number},KEC-01,Seksi Pelayanan Umum,{CHIEF},Pengelola Layanan\n"
    for number, nip in enumerate(WORKERS, start=1)
)


@pytest.fixture
def database(place: Place) -> Iterator[Engine]:
    engine = ready_server(place, PEOPLE)
    yield engine
    engine.dispose()


class SteadyTablet(LoggedTablet):
    """A device that is served as over HTTP: what collides with another transaction is done again."""

    def send(self, signed: SignedRequest, now_ms: int = NOW) -> SyncAnswer:
        settled = run_in_transaction(
            self.database, lambda connection: settle_request(connection, identity_of(connection), signed, now_ms)
        )
        return as_read(settled.answer)


def write_batches(tablet: SteadyTablet) -> set[str]:
    """Send many small batches: new entries, and edits of the device's own first one, which its person's other edits
    may contradict."""
    made = set()
    for number in range(BATCHES):
        title = f"Tugas {number} {tablet.device}"
        made.add(tablet.create(title=title, start_time=None, end_time=None, duration_minutes=1))
        if number % 3 == 2:
            first = sorted(made)[0]
            tablet.write("set", first, fields={"place": title}, was={"place": None})
        tablet.sync()
    return made


@dataclass
class Follower:
    """Reads the feed as it grows, number by number."""

    database: Engine
    seen: list[int] = field(default_factory=list)
    polls: int = 0

    def poll(self) -> None:
        after = self.seen[-1] if self.seen else 0
        with transaction(self.database) as connection:
            upto = org_counter(connection, 1)
            # What the counter names is there to read: a number that comes later would be missed for ever.
            rows = connection.scalars(
                select(Feed.seq).where(Feed.org_id == 1, Feed.seq > after, Feed.seq <= upto).order_by(Feed.seq)
            ).all()
        assert list(rows) == list(range(after + 1, upto + 1))
        self.seen += rows
        self.polls += 1


def read_until(done: threading.Event, chief: SteadyTablet, follower: Follower) -> set[str]:
    """The entries that arrive at the supervisor's device, page by page, until the writers have ended and all is read."""
    arrived: set[str] = set()
    while True:
        last_look = done.is_set()
        follower.poll()
        while True:
            answer = chief.sync()
            arrived |= {row.id for page in answer.pages for row in page.rows if row.type == "activity_entry"}
            if not any(page.more for page in answer.pages):
                break
        if last_look:
            return arrived


def test_with_eight_writers_a_reader_misses_nothing_and_the_feed_has_no_gap(database: Engine) -> None:
    tablets = [SteadyTablet(database, nip=WORKERS[number % len(WORKERS)]) for number in range(WRITERS)]
    chief, follower, done = SteadyTablet(database, nip=CHIEF), Follower(database), threading.Event()
    for each in (chief, *tablets):
        each.enrolled()
    chief.sync()

    with ThreadPoolExecutor(WRITERS + 1) as pool:
        reading = pool.submit(read_until, done, chief, follower)
        writing: list[Future[set[str]]] = [pool.submit(write_batches, tablet) for tablet in tablets]
        try:
            made = set().union(*(each.result() for each in writing))
        finally:
            done.set()
        arrived = reading.result()

    with transaction(database) as connection:
        stored, counter, checked = entry_ids(connection, 1), org_counter(connection, 1), verify_org(connection, 1)
    assert (len(made), stored, arrived) == (WRITERS * BATCHES, made, made)
    assert follower.seen == list(range(1, counter + 1))
    assert (checked.faults, checked.batches >= WRITERS * BATCHES) == ([], True)
    assert follower.polls > 2


def test_one_operation_sent_six_times_at_once_has_one_effect(database: Engine) -> None:
    tablet, start = SteadyTablet(database, nip=WORKERS[0]), threading.Barrier(6)
    tablet.enrolled()
    tablet.write("create", fields=entry_fields())
    batch = tablet.batch(1)
    requests = [tablet.request(batch) for _ in range(6)]

    def send(signed: SignedRequest) -> SyncAnswer:
        start.wait(timeout=30)
        return tablet.send(signed)

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(send, requests))

    repeats = [bool(answer.batch and answer.batch.results and answer.batch.results[0].duplicate) for answer in answers]
    assert (sorted(repeats), {answer.head_seq for answer in answers}) == ([False] + [True] * 5, {1})
    with transaction(database) as connection:
        entries, batches, lines = (
            connection.execute(select(func.count()).select_from(model).where(model.org_id == 1, *of)).scalar_one()
            for model, of in (
                (ActivityEntry, ()),
                (Batch, (Batch.device == tablet.device,)),
                (Feed, (Feed.device == tablet.device,)),
            )
        )
    assert (entries, batches, lines) == (1, 1, 1)
