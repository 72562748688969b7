"""Every kind of operation by every kind of writer, on what is their own, another person's, another org's, and not there.

The table says the verdict for each; a kind that is not in it fails a test. What a writer cannot have read is answered
like a record that the server does not know.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest

from authorisation.offices import DEVICES, NOWHERE, Offices, open_offices
from engines.places import Place
from lontara_core.messages import SyncAnswer
from lontara_core.operations import KINDS, Judged
from lontara_core.problems import Problem
from lontara_core.record_types import RECORD_TYPES
from lontara_server.services.conflicts import list_conflicts
from lontara_server.storage.engine import transaction
from server.logged_tablet import LoggedTablet, entry_fields, stored
from server.ready import WORKER

APPLIED: Final = ("applied", None)
NOT_PERMITTED: Final = ("rejected", "not_permitted")
NOT_THERE: Final = ("parked", "unknown_record")
ID_TAKEN: Final = ("rejected", "id_taken")
# Their device may have read the worker's entry: its author's own, and those of who supervises or stands in.
READERS: Final = frozenset({"author", "chief", "acting"})
# What becomes of an operation on the worker's entry, or on the conflict about it, by those who can have read it.
WRITERS: Final[dict[str, dict[str, tuple[str, str | None]]]] = {
    "set": {"author": APPLIED, "chief": NOT_PERMITTED, "acting": NOT_PERMITTED},
    "void": {"author": APPLIED, "chief": NOT_PERMITTED, "acting": NOT_PERMITTED},
    "restore": {"author": APPLIED, "chief": NOT_PERMITTED, "acting": NOT_PERMITTED},
    "review": {"author": NOT_PERMITTED, "chief": APPLIED, "acting": APPLIED},
    "answer": {"author": APPLIED, "chief": APPLIED, "acting": APPLIED},
    "resolve": {"author": NOT_PERMITTED, "chief": NOT_PERMITTED, "acting": NOT_PERMITTED},
    "reopen": {"author": NOT_PERMITTED, "chief": NOT_PERMITTED, "acting": NOT_PERMITTED},
}
MADE_UP: Final = Judged(hash="0" * 64, revision=1)
OF_A_CONFLICT: Final = frozenset({"answer", "resolve", "reopen"})


@pytest.fixture
def offices(place: Place, tmp_path: Path) -> Iterator[Offices]:
    opened = open_offices(place, tmp_path)
    yield opened
    opened.database.dispose()


def expected(kind: str, who: str) -> tuple[str, str | None]:
    if kind == "create":
        # An id is the org's; whoever names one that is taken in it is told so.
        return APPLIED if who == "author" or who.startswith("foreign") else ID_TAKEN
    return WRITERS[kind][who] if who in READERS else NOT_THERE


def fresh_entry(offices: Offices, number: int) -> str:
    """An entry of the worker's, on a day of its own."""
    tablet = offices.tablet("author")
    entry = tablet.create(title=f"Kegiatan ke-{number}", work_date=f"2026-{1 + number // 28:02}-{1 + number % 28:02}")
    tablet.sync()
    return entry


def fresh_conflict(offices: Offices, number: int) -> str:
    """A conflict about two entries of the worker's at the same time."""
    tablet = offices.tablet("author")
    day = f"2025-{1 + number // 28:02}-{1 + number % 28:02}"
    one = tablet.create(title=f"Rapat ke-{number}", work_date=day)
    tablet.create(title=f"Survei ke-{number}", work_date=day)
    tablet.sync()
    with transaction(offices.database) as connection:
        (found,) = (each["id"] for each in list_conflicts(connection, 1) if one in each["records"])
    return str(found)


def fresh(offices: Offices, kind: str, number: int) -> str:
    """What this kind of operation is about."""
    return fresh_conflict(offices, number) if kind in OF_A_CONFLICT else fresh_entry(offices, number)


def write(tablet: LoggedTablet, kind: str, record: str, known: LoggedTablet | None) -> None:
    """Add an operation in order to the device's log; `known` has read the entry, else what was judged is made up."""
    judged = MADE_UP
    if known is not None and kind in ("void", "restore", "review"):
        judged = known.judged(record)
    fields: dict[str, dict[str, Any]] = {
        "create": entry_fields(work_date="2026-06-01"),
        "set": {"description": "Bersama penyuluh"},
        "void": {"reason": "ganda"},
        "restore": {"reason": "keliru"},
        "review": {"verdict": "approved"},
        "answer": {"text": "Saya yang menulis"},
        "resolve": {"choice": "keep_both", "reason": "x"},
        "reopen": {"reason": "x"},
    }
    more: dict[str, Any] = {"type": "conflict"} if kind in OF_A_CONFLICT else {}
    if kind == "set":
        more["was"] = {"description": None}
    if kind in ("void", "restore", "review", "resolve"):
        more["judged"] = judged
    tablet.write(kind, record, fields=fields[kind], **more)


def verdict(answer: SyncAnswer) -> tuple[str, str | None]:
    assert answer.batch is not None
    results = {each.seq: (each.verdict, each.code) for each in answer.batch.results}
    return results.get(1, APPLIED)


def ask(offices: Offices, kind: str, who: str, record: str) -> SyncAnswer:
    tablet = offices.tablet(who)
    author = LoggedTablet(offices.database, nip=WORKER) if record != NOWHERE else None
    write(tablet, kind, record, author)
    return tablet.sync()


def told(answer: SyncAnswer, record: str) -> bytes:
    """Everything that the answer tells, without what names the request, the device's log and the record."""
    plain = msgspec.to_builtins(answer)
    for name in ("request", "head"):
        del plain[name]
    return msgspec.json.encode(plain).replace(record.encode(), b"RECORD")


def test_every_kind_of_operation_is_in_the_table() -> None:
    assert set(WRITERS) | {"create"} == set(KINDS)
    assert all(set(row) == READERS for row in WRITERS.values())


def test_every_kind_by_every_writer_becomes_what_the_table_says(offices: Offices) -> None:
    wanted = {(kind, who): expected(kind, who) for kind in KINDS for who in DEVICES}

    found = {
        (kind, who): verdict(ask(offices, kind, who, fresh(offices, kind, number)))
        for number, (kind, who) in enumerate(wanted)
    }

    assert found == wanted


def test_what_a_writer_cannot_have_read_is_answered_in_every_respect_like_what_is_not_there(offices: Offices) -> None:
    differ = {}
    for number, kind in enumerate(WRITERS):
        hidden = fresh(offices, kind, number)
        for who in DEVICES.keys() - READERS:
            answers = [told(ask(offices, kind, who, record), record) for record in (hidden, NOWHERE)]
            if answers[0] != answers[1]:
                differ[kind, who] = answers

    assert differ == {}


def test_a_refused_operation_leaves_the_entry_as_it_was(offices: Offices) -> None:
    entry = fresh_entry(offices, 1)
    before = stored(offices.database, entry)

    for who in DEVICES.keys() - {"author"}:
        for kind in ("set", "void", "restore"):
            ask(offices, kind, who, entry)

    assert stored(offices.database, entry) == before


def test_records_of_the_server_are_nobody_s_to_write_there_or_not(offices: Offices) -> None:
    unit = str(stored(offices.database, offices.things["near"].entry).fields["org_unit"])
    found: dict[str, set[tuple[str, str | None]]] = {}
    for record_type in RECORD_TYPES.keys() - {"activity_entry"}:
        for who in ("author", "chief", "foreign-worker"):
            for record in (unit, NOWHERE):
                tablet = offices.tablet(who)
                tablet.write("void", record, type=record_type, fields={}, judged=MADE_UP)
                found.setdefault(record_type, set()).add(verdict(tablet.sync()))

    # A conflict and an objection are looked for first: they may be on their way.
    assert found.pop("conflict") == found.pop("objection") == {NOT_THERE}
    assert all(verdicts == {NOT_PERMITTED} for verdicts in found.values())


def test_an_org_s_device_is_nobody_to_the_other_org(offices: Offices) -> None:
    foreign = offices.tablet("foreign-worker")
    # It signs its log as if it were a log of the other org.
    foreign.org = 1
    foreign.create(title="Kegiatan orang lain")

    with pytest.raises(Problem) as refused:
        foreign.sync()

    assert refused.value.code == "bad_signature"
