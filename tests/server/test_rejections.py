"""Every code with which the server rejects one operation, caused by a real device: its text stays, and nothing else
of the batch is held up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from sqlalchemy import select

from house.test_wire_words import raised_codes
from lontara_core.operations import OPERATION_BYTES_MAX
from lontara_server.storage.engine import Engine, transaction
from lontara_server.storage.models import ActivityEntry, Attention
from server.logged_tablet import LoggedTablet, entry_fields, stored
from server.ready import CHIEF

TITLE = "Mendata sawah di Pammana"


def raw(tablet: LoggedTablet, **changes: Any) -> None:
    """A create whose bytes are as given, whatever a real client would write."""
    tablet.clock += 1
    operation = {
        "at": tablet.clock, "fields": entry_fields(), "hlc": [tablet.clock, 0], "kind": "create", "offset": 480,
        "type": "activity_entry", **changes,
    }  # fmt: skip
    tablet.raws.append(msgspec.json.encode(operation, order="sorted"))


def edit(tablet: LoggedTablet, entry: str, **fields: Any) -> None:
    tablet.write("set", entry, fields=fields, was=dict.fromkeys(fields))


# By code, how a device comes by it: `entry` is its own that the server has, `others` belongs to somebody else.
CAUSES: dict[str, Callable[[LoggedTablet, str, str], object]] = {
    "operation_too_large": lambda tablet, entry, others: raw(tablet, boot="x" * OPERATION_BYTES_MAX),
    "not_canonical": lambda tablet, entry, others: tablet.raws.append(b'{ "kind":"create"}'),
    "malformed_operation": lambda tablet, entry, others: raw(tablet, offset=9_000),
    "unknown_type": lambda tablet, entry, others: raw(tablet, type="recipe"),
    "unknown_schema_version": lambda tablet, entry, others: raw(tablet, v=2),
    "unknown_field": lambda tablet, entry, others: raw(tablet, fields=entry_fields(mood="baik")),
    "invalid_field": lambda tablet, entry, others: raw(tablet, fields=entry_fields(work_date="2026-02-30")),
    "missing_field": lambda tablet, entry, others: raw(tablet, fields={"work_date": "2026-11-18"}),
    "immutable_field": lambda tablet, entry, others: edit(tablet, entry, source="imported"),
    "server_field": lambda tablet, entry, others: edit(tablet, entry, review_note="bagus"),
    "state_not_allowed": lambda tablet, entry, others: tablet.write(
        "set", entry, fields={"review_state": "approved"}, was={"review_state": "submitted"}
    ),
    "not_permitted": lambda tablet, entry, others: tablet.write(
        "review", entry, fields={"verdict": "approved"}, judged=tablet.judged(entry)
    ),
    "id_taken": lambda tablet, entry, others: tablet.write("create", others, fields=entry_fields()),
}
# Tested where they come up: corrections, objections, and what an admin decides.
ELSEWHERE = {"already_corrected", "already_exists", "conflict_changed"}


@pytest.mark.parametrize("code", sorted(CAUSES))
def test_an_operation_is_rejected_with_its_code_and_its_text_is_kept(database: Engine, code: str) -> None:
    tablet, chief = LoggedTablet(database).enrolled(), LoggedTablet(database, nip=CHIEF).enrolled()
    entry, others = tablet.create(), chief.create(title="Menyusun jadwal")
    tablet.sync(), chief.sync()
    CAUSES[code](tablet, entry, others)
    after = tablet.create(title="Rapat", start_time="10:00", end_time="11:00")

    answer = tablet.sync()

    assert answer.batch is not None
    assert [(each.seq, each.verdict, each.code) for each in answer.batch.results] == [(2, "rejected", code)]
    assert [(each.seq, each.code) for each in answer.attention] == [(2, code)]
    assert (answer.head_seq, stored(database, after).fields["title"]) == (3, "Rapat")
    with transaction(database) as connection:
        kept = connection.scalars(select(Attention.operation)).one()
        titles = set(connection.scalars(select(ActivityEntry.title)))
    assert (kept, titles) == (tablet.raws[1], {TITLE, "Menyusun jadwal", "Rapat"})


def test_every_code_that_rejects_an_operation_is_caused_by_a_test() -> None:
    codes = raised_codes("Refused") | {"not_permitted"}

    assert codes - ELSEWHERE == set(CAUSES)
