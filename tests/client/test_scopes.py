"""What comes and goes by several scopes at once: a supervisor reads two units, and an entry moves from one to the other."""

from typing import Any

import pytest

from lontara import Client
from lontara.settling import _take_page
from lontara_core.messages import Page, Removal, Row

ENTRY = "01a1ee56-5e00-8747-9d17-4c1e9e0d5b5d"
FIELDS: dict[str, Any] = {
    "title": "Mendata sawah", "work_date": "2026-01-05", "start_time": "08:00", "end_time": "09:00",
    "owner": "01a1ee56-5e00-8747-9d17-000000000001", "review_state": "submitted",
}  # fmt: skip


def take(client: Client, page: Page) -> None:
    store = client.store
    with store.transaction():
        _take_page(store, store.setting("device"), page, head_seq=0)


def arrived(revision: int) -> Page:
    return Page(scope="unit:B", next=2, rows=[Row(type="activity_entry", id=ENTRY, revision=revision, fields=FIELDS)])


def left(revision: int) -> Page:
    removal = Removal(type="activity_entry", id=ENTRY, revision=revision, reason="moved")
    return Page(scope="unit:A", next=2, removals=[removal])


@pytest.mark.parametrize("order", [(arrived(2), left(2)), (left(2), arrived(2))])
def test_an_entry_that_moved_between_two_units_that_one_device_reads_stays(
    client: Client, order: tuple[Page, Page]
) -> None:
    for page in order:
        take(client, page)

    held = client.store.row("activity_entry", ENTRY)
    assert held is not None
    assert held.server is not None


def test_an_entry_that_moved_to_a_unit_that_the_device_does_not_read_goes(client: Client) -> None:
    take(client, arrived(1))

    take(client, left(2))

    held = client.store.row("activity_entry", ENTRY)
    assert held is None or held.server is None
