"""The hash chain of a device's log: what it tells apart, and how it is cut."""

from hypothesis import given
from hypothesis import strategies as st

from lontara_core.canonical import sha256
from lontara_core.log import SHORT_HASH_BYTES, chain, genesis, pack, short_hash

ORG = "11111111-1111-4111-8111-111111111111"
DEVICE = "44444444-4444-4444-8444-444444444444"
OTHER = "66666666-6666-4666-8666-666666666666"
logs = st.lists(st.binary(min_size=1, max_size=12), max_size=8)


def test_each_device_and_each_org_begins_with_a_hash_of_its_own() -> None:
    starts = {genesis(ORG, DEVICE), genesis(ORG, OTHER), genesis(OTHER, DEVICE), genesis(DEVICE, ORG)}

    assert len(starts) == 4


def test_each_hash_covers_the_one_before_and_the_operation() -> None:
    start = genesis(ORG, DEVICE)

    first, second = chain(start, [b"one", b"two"])

    assert first == sha256(start + b"one")
    assert second == sha256(first + b"two")


def test_an_empty_run_moves_nothing() -> None:
    assert chain(genesis(ORG, DEVICE), []) == []


@given(logs, st.integers(0, 8))
def test_a_log_has_the_same_hashes_however_it_is_cut(operations: list[bytes], cut: int) -> None:
    start = genesis(ORG, DEVICE)
    whole = chain(start, operations)

    front = chain(start, operations[:cut])
    back = chain(front[-1] if front else start, operations[cut:])

    assert front + back == whole


@given(logs.filter(bool), st.data())
def test_a_changed_operation_changes_every_hash_from_there_on_and_none_before(
    operations: list[bytes], data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(operations) - 1))
    changed = [*operations[:at], operations[at] + b"!", *operations[at + 1 :]]
    start = genesis(ORG, DEVICE)

    here, there = chain(start, operations), chain(start, changed)

    assert [first == second for first, second in zip(here, there, strict=True)] == [
        number < at for number in range(len(operations))
    ]


@given(logs.filter(bool))
def test_each_short_hash_is_found_again_where_it_was_packed(operations: list[bytes]) -> None:
    hashes = chain(genesis(ORG, DEVICE), operations)

    packed = pack(hashes)

    assert len(packed) == SHORT_HASH_BYTES * len(hashes)
    assert [short_hash(packed, number) for number in range(len(hashes))] == [each[:SHORT_HASH_BYTES] for each in hashes]
