"""A power cut at any write or sync of the store leaves everything that was said to be saved, and nothing by halves."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from random import Random

import apsw
import pytest

from crash.disk import SECTOR, Call, Platter
from crash.planted import (
    NotSynced,
    answer_in_two_transactions,
    operation_before_its_row,
    upgrade_in_two_transactions,
)
from crash.power import Ground, Lost
from crash.upgrading import cut_an_upgrade

CUTS: int = 60


@pytest.mark.parametrize("seed", range(1, 6))
def test_nothing_that_was_said_to_be_saved_is_lost_in_a_power_cut(tmp_path: Path, seed: int) -> None:
    tally = Ground(tmp_path).play(seed, CUTS)

    assert tally.failures == []
    assert tally.schedules >= CUTS - 1


@pytest.mark.parametrize("seed", [1, 2])
def test_an_upgrade_that_is_cut_goes_on_at_the_next_start(tmp_path: Path, seed: int) -> None:
    cuts = cut_an_upgrade(seed, tmp_path)

    assert cuts > 20


def test_an_upgrade_in_two_transactions_is_seen(tmp_path: Path) -> None:
    with upgrade_in_two_transactions(), pytest.raises((Lost, apsw.Error)):
        cut_an_upgrade(1, tmp_path)


def test_a_store_that_does_not_wait_for_the_disk_is_seen(tmp_path: Path) -> None:
    tally = Ground(tmp_path, NotSynced).play(1, CUTS)

    assert tally.lost > CUTS / 4
    assert "older state than was said to be saved" in tally.failures[0]


@pytest.mark.parametrize("planted", [operation_before_its_row, answer_in_two_transactions])
def test_a_change_in_two_transactions_is_seen(
    tmp_path: Path, planted: Callable[[], AbstractContextManager[None]]
) -> None:
    with planted():
        tally = Ground(tmp_path).play(2, CUTS)

    assert any("half a transaction" in failure for failure in tally.failures)


def _after(calls: list[Call], image: dict[str, bytes] | None = None) -> set[tuple[tuple[str, bytes], ...]]:
    """Every state of the disk that cuts after these calls have left."""
    platter = Platter(image or {})
    for call in calls:
        platter.take(call)
    return {tuple(sorted(platter.after_cut(Random(seed)).items())) for seed in range(200)}


def test_what_was_not_synced_is_kept_lost_or_torn_between_sectors() -> None:
    old, new = b"a" * SECTOR * 2, b"b" * SECTOR * 2

    left = _after([Call("write", 1, "store.db", 0, new)], {"store.db": old})

    half = SECTOR
    assert left == {(("store.db", each),) for each in (old, new, old[:half] + new[half:], new[:half] + old[half:])}


def test_what_was_synced_is_kept() -> None:
    calls = [Call("write", 1, "store.db", 0, b"b" * SECTOR), Call("sync", 1, "store.db")]

    left = _after(calls, {"store.db": b"a" * SECTOR})

    assert left == {(("store.db", b"b" * SECTOR),)}


def test_a_new_name_is_kept_once_its_folder_is_synced() -> None:
    made = [Call("create", 1, "store.db"), Call("create", 2, "store.db-wal")]

    before = _after(made)
    after = _after([*made, Call("sync", 2, "store.db-wal")])

    assert () in before
    assert after == {(("store.db", b""), ("store.db-wal", b""))}
