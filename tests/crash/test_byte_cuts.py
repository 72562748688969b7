"""A connection cut at any byte of a request or an answer: each operation has one effect, and both sides agree."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from crash.cutting import Exchange, Lost, every_cut
from crash.planted import sent_is_received

# Every so many bytes; the long run takes each.
STEP = 83


@pytest.fixture
def exchange(tmp_path: Path) -> Iterator[Exchange]:
    exchange = Exchange(tmp_path / "exchange")
    yield exchange
    exchange.close()


def test_an_exchange_cut_at_any_byte_has_its_effect_once(exchange: Exchange) -> None:
    whole = exchange.run(None)

    cuts = list(every_cut(whole, STEP))
    for cut in cuts:
        exchange.run(cut)

    assert len(exchange.operations) == 3
    assert len(cuts) > 30


def test_a_device_that_takes_what_it_sent_for_received_is_seen(exchange: Exchange) -> None:
    whole = exchange.run(None)

    with sent_is_received(), pytest.raises(Lost, match="the server holds 0 operations"):
        exchange.run(next(every_cut(whole)))
