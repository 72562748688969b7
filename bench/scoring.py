"""What scores cost: one month of an office from scratch, and some of it after changes, beside one SQL statement.

The yardstick computes over the same rows, in the same database and run, what a bare report would: per person and day
the union of intervals (`range_agg`), the cap of a day, the month's sum against its target, written into a table. It has
no explanation, attendance, placements, policies, conflicts, coverage, history or feed.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import process_time
from typing import Final

from sqlalchemy import text

from bench.cpu import family_of
from bench.figures import Book, Target
from bench.grounds import POSTGRESQL, Ground
from bench.office import ORG, make_office, now_ms, opened, remove
from lontara_server.jobs.scores import drain_scores
from lontara_server.storage.engine import Connection, transaction
from lontara_server.storage.scores import PersonMonth, mark_dirty

PERIOD: Final = "2026-10"
WORKDAYS: Final = 22
TARGET_MINUTES: Final = WORKDAYS * 300
MEGABYTE: Final = 1024 * 1024
_POLL_SECONDS: Final = 0.05


@dataclass(frozen=True)
class Size:
    """Staff, each with so many approved entries in the month, and how many of them are dirty in the second part."""

    staff: int
    entries: int
    dirty: int


FULL: Final = Size(staff=8_000, entries=125, dirty=500)
MIDDLE: Final = Size(staff=400, entries=125, dirty=25)
QUICK: Final = Size(staff=40, entries=25, dirty=5)


@dataclass
class Spent:
    """Seconds by the clock, CPU of the program with all its processes and of the database, and most memory at once."""

    seconds: float = 0.0
    program_cpu: float = 0.0
    database_cpu: float = 0.0
    peak_bytes: int = 0

    @property
    def cpu(self) -> float:
        return self.program_cpu + self.database_cpu


def measure_scores(ground: Ground, book: Book, size: Size, number: int) -> None:
    """One round: yardstick, full recompute, the same again, 500 dirty, yardstick once more."""
    name = f"scores_{number}"
    office = make_office(ground, name, [])
    fill(office.url, size)
    ground.bytes_of(name)
    with opened(office.url) as engine, transaction(engine) as connection:
        connection.execute(text("ANALYZE"))

    start = _run_program(ground, ["--version"])
    bare = [_statement(ground, office.url, size)]
    full = _recompute(ground, office.url, office.data_dir)
    _check(office.url, size)
    again = _recompute(ground, office.url, office.data_dir)
    bare.append(_statement(ground, office.url, size))
    few = _dirty(ground, office.url, size)

    ground.drop(name)
    remove(office)
    _tell(book, size, min(bare, key=lambda each: each.seconds), full, again, few)
    group = _group(size)
    book.add(group, "the program's start alone, which is in them: time", "s", start.seconds)
    book.add(group, "the program's start alone, which is in them: CPU", "s", start.cpu)


def _group(size: Size) -> str:
    return f"scores of a month, {size.staff:,} staff, {size.staff * size.entries:,} entries, PostgreSQL"


def _tell(book: Book, size: Size, bare: Spent, full: Spent, again: Spent, few: Spent) -> None:
    group = _group(size)
    three, tenth = Target(3.0, "at most", of_ratio=True), Target(0.1, "at most", of_ratio=True)
    book.add(group, "all from scratch: time, beside the statement", "s", full.seconds, yardstick=bare.seconds, target=three)
    book.add(group, "all from scratch: CPU, beside the statement", "s", full.cpu, yardstick=bare.cpu, target=three)
    book.add(group, "CPU of the program's processes", "s", full.program_cpu)
    book.add(group, "CPU of the database", "s", full.database_cpu, yardstick=bare.database_cpu)
    book.add(group, "CPU for each person", "ms", 1000 * full.cpu / size.staff)
    book.add(group, "most memory of all processes at once", "MB", full.peak_bytes / MEGABYTE,
             target=Target(300, "at most"))  # fmt: skip
    book.add(group, "all once more over the stored ones: time", "s", again.seconds, yardstick=bare.seconds)
    book.add(group, "all once more over the stored ones: CPU", "s", again.cpu, yardstick=bare.cpu)
    dirty = f"{size.dirty} dirty of {size.staff:,}"
    book.add(group, f"{dirty}, one process: time, beside all", "s", few.seconds, yardstick=full.seconds, target=tenth)
    book.add(group, f"{dirty}, one process: CPU, beside all", "s", few.cpu, yardstick=full.cpu, target=tenth)


def fill(url: str, size: Size) -> None:
    """Staff, entries and attendance of the month, written by the database itself; seeded, so that all runs are alike."""
    with opened(url) as engine, transaction(engine) as connection:
        connection.execute(text("SELECT setseed(0.5)"))
        for statement in _FILLING.split(";"):
            connection.execute(text(statement), {"org": ORG, "staff": size.staff, "entries": size.entries})


# Entries lie one after the other on a day from 07:30 on, ten minutes apart or overlapping a little in one of eight.
_FILLING: Final = """
CREATE TEMPORARY TABLE day AS SELECT row_number() OVER (ORDER BY d) - 1 AS place, d::date AS day
FROM generate_series('2026-10-01'::date, '2026-10-31'::date, '1 day') d WHERE extract(isodow FROM d) < 6;

CREATE TEMPORARY TABLE person AS SELECT n, gen_random_uuid() AS id FROM generate_series(1, :staff) n;

INSERT INTO employee (org_id, id, revision, voided, nip, full_name, active)
SELECT :org, id, 1, false, '19910309201503' || lpad(n::text, 4, '0'), 'Ambo Upe ' || n, true FROM person;

INSERT INTO assignment (org_id, id, revision, voided, employee, org_unit, position, valid_from)
SELECT :org, gen_random_uuid(), 1, false, p.id, (SELECT id FROM org_unit WHERE org_id = :org LIMIT 1),
  'Pengelola Layanan', '2020-01-01' FROM person p;

INSERT INTO allowance_base (org_id, employee, valid_from, amount, by, at)
SELECT :org, id, '2020-01-01', 4000000, 'bench', 0 FROM person;

INSERT INTO attendance_day (org_id, employee, day, status, late_minutes, early_leave_minutes, has_check_in,
  has_check_out, origin)
SELECT :org, p.id, d.day, 'present', CASE WHEN random() < 0.15 THEN 1 + (random() * 100)::int ELSE 0 END, 0, true,
  random() > 0.03, 'punches'
FROM person p CROSS JOIN day d;

INSERT INTO activity_entry (org_id, id, revision, voided, owner, work_date, start_time, end_time, duration_minutes,
  title, description, quantity, output_unit, category, review_state, captured_at, recorded_at, writer_device, writer_seq)
SELECT :org, gen_random_uuid(), 2, false, p.id, d.day, to_char(t.start * interval '1 minute', 'HH24:MI'),
  to_char((t.start + t.length) * interval '1 minute', 'HH24:MI'), t.length, 'Menyusun laporan kegiatan ' || s.n,
  'Menghimpun bahan, menyusun dan memeriksa laporan kegiatan bulanan', '1', 'Dokumen',
  (ARRAY['main_duty','main_duty','main_duty','additional_duty','special_instruction'])[1 + s.n % 5], 'approved',
  extract(epoch FROM d.day)::bigint * 1000 + 36000000, extract(epoch FROM d.day)::bigint * 1000 + 40000000, p.id, s.n
FROM person p CROSS JOIN generate_series(0, :entries - 1) s(n) JOIN day d ON d.place = s.n % 22
CROSS JOIN LATERAL (SELECT 450 + (s.n / 22) * 80 + (random() * 20)::int AS start,
  CASE WHEN random() < 0.125 THEN 90 ELSE 30 + (random() * 35)::int END AS length) t
"""

_MINUTE: Final = "(substr({0}, 1, 2)::int * 60 + substr({0}, 4, 2)::int)"
_BARE: Final = f"""
INSERT INTO bare_score (org_id, employee, period, minutes, value)
SELECT :org, owner, '{PERIOD}', sum(minutes), round(least(100, sum(minutes) * 100.0 / {TARGET_MINUTES}), 2)
FROM (
  SELECT owner, work_date, least(480, (SELECT sum(upper(part) - lower(part)) FROM unnest(covered) AS part)) AS minutes
  FROM (
    SELECT owner, work_date, range_agg(int4range(started, ended + CASE WHEN ended <= started THEN 1440 ELSE 0 END)) AS covered
    FROM (
      SELECT owner, work_date, {_MINUTE.format("start_time")} AS started, {_MINUTE.format("end_time")} AS ended
      FROM activity_entry
      WHERE org_id = :org AND work_date BETWEEN '2026-10-01' AND '2026-10-31' AND review_state = 'approved' AND NOT voided
    ) entry GROUP BY owner, work_date
  ) day
) month GROUP BY owner
ON CONFLICT (org_id, employee, period) DO UPDATE SET minutes = excluded.minutes, value = excluded.value
"""
_BARE_TABLE: Final = (
    "CREATE TABLE IF NOT EXISTS bare_score (org_id bigint, employee uuid, period text, minutes bigint, value numeric,"
    " PRIMARY KEY (org_id, employee, period))"
)


def _statement(ground: Ground, url: str, size: Size) -> Spent:
    with opened(url) as engine:
        with transaction(engine) as connection:
            connection.execute(text(_BARE_TABLE))

        def run() -> None:
            with transaction(engine) as connection:
                found = connection.execute(text(_BARE), {"org": ORG})
                assert found.rowcount == size.staff, "everybody has entries"

        return _spent(ground, run)


def _recompute(ground: Ground, url: str, data_dir: Path) -> Spent:
    """Everything of the month, with one process a core."""
    options = ["--data-dir", str(data_dir), "--database-url", url]
    return _run_program(ground, [*options, "recompute", "--period", PERIOD, "--processes", str(ground.processes)])


def _run_program(ground: Ground, words: Sequence[str]) -> Spent:
    """The real program, from its start to its end."""
    command = [sys.executable, "-c", "from lontara_server.cli.main import main; main()", *words]
    before, began = ground.cpu(), time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as program, _watched(program.pid) as spent:
        ended = os.wait4(program.pid, 0)
        spent.seconds = time.monotonic() - began
        program.returncode = os.waitstatus_to_exitcode(ended[1])
    if program.returncode:
        raise SystemExit(f"the program ended with {program.returncode}")
    spent.program_cpu = ended[2].ru_utime + ended[2].ru_stime
    spent.database_cpu = ground.cpu() - before
    return spent


@contextmanager
def _watched(pid: int) -> Iterator[Spent]:
    """Look at the memory of a program and its processes for as long as the block lasts."""
    spent, done = Spent(), threading.Event()

    def look() -> None:
        while not done.wait(_POLL_SECONDS):
            spent.peak_bytes = max(spent.peak_bytes, sum(map(_memory_of, family_of(pid))))

    watching = threading.Thread(target=look)
    watching.start()
    try:
        yield spent
    finally:
        done.set()
        watching.join()


def _memory_of(pid: int) -> int:
    """What a process holds; what it shares with others counts in part (PSS)."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))


def _dirty(ground: Ground, url: str, size: Size) -> Spent:
    """What the job does after somebody has changed an entry of so many people."""
    with opened(url) as engine:
        with transaction(engine) as connection:
            _change_some(connection, size.dirty)

        def run() -> None:
            assert drain_scores(engine, now_ms) == size.dirty

        return _spent(ground, run)


def _change_some(connection: Connection, count: int) -> None:
    rows = connection.execute(
        text("SELECT id FROM employee WHERE org_id = :org AND nip LIKE '19910309201503%' ORDER BY nip LIMIT :count"),
        {"org": ORG, "count": count},
    )
    people = [str(row[0]) for row in rows]
    connection.execute(
        text(
            "UPDATE activity_entry SET end_time = '23:50', revision = revision + 1 WHERE org_id = :org AND id IN"
            " (SELECT DISTINCT ON (owner) id FROM activity_entry WHERE org_id = :org AND owner = ANY(:people)"
            " AND work_date BETWEEN '2026-10-01' AND '2026-10-31' ORDER BY owner, id)"
        ),
        {"org": ORG, "people": people},
    )
    mark_dirty(connection, ORG, [PersonMonth(each, PERIOD) for each in people], now_ms())


def _spent(ground: Ground, run: Callable[[], None]) -> Spent:
    own, database, began = process_time(), ground.cpu(), time.monotonic()
    run()
    seconds = time.monotonic() - began
    return Spent(seconds, process_time() - own, ground.cpu() - database)


def _check(url: str, size: Size) -> None:
    """End the run where a score is missing, or its counted minutes are not what the statement makes of the entries."""
    with opened(url) as engine, transaction(engine) as connection:
        held = connection.scalar(text("SELECT count(*) FROM score WHERE org_id = :org"), {"org": ORG})
        other = connection.scalar(
            text(
                "SELECT count(*) FROM score s JOIN bare_score b ON b.org_id = s.org_id AND b.employee = s.employee"
                " AND b.period = s.period WHERE s.org_id = :org AND abs(b.value -"
                " (((s.summary::json -> 'parts' -> 0) ->> 'percent')::numeric)) > 0"
            ),
            {"org": ORG},
        )
    if held is None or held < size.staff or other:
        raise SystemExit(f"{held} scores of {size.staff} staff, {other} of them with other minutes than the statement's")


def grounds_for(engines: list[Ground]) -> list[Ground]:
    """Those that the statement runs on."""
    return [each for each in engines if each.name == POSTGRESQL]
