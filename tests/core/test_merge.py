"""The field merge: what each rule claims, for any values."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lontara_core.clock import Hlc
from lontara_core.merge import (
    Clash,
    Current,
    Merged,
    Wish,
    check_create,
    is_final,
    join_candidates,
    merge_set,
    union_of_lists,
)
from lontara_core.operations import Refused
from lontara_core.record_types import RECORD_TYPES

ENTRY, UNIT = RECORD_TYPES["activity_entry"], RECORD_TYPES["org_unit"]
WHEN = {"work_date": "2026-11-18", "start_time": "08:00", "end_time": "09:00", "duration_minutes": 60}
words = st.sampled_from(["sawah", "kebun", "kakao", "rapat", "laporan"])
maybe = st.none() | words
stamps = st.tuples(st.integers(1, 5), st.integers(0, 2))
sets = st.lists(words, unique=True, max_size=4) | st.none()


def merge(
    current: dict[str, Any], fields: dict[str, Any], was: dict[str, Any], *, hlc: Hlc = (1, 0), **more: Any
) -> Merged:
    sides = {name: more[name] for name in ("stamps", "contested", "final") if name in more}
    return merge_set(ENTRY, Current(current, **sides), Wish(fields, was, hlc, more.get("authority", "author")))


def after(current: dict[str, Any], merged: Merged) -> dict[str, Any]:
    values = {**current, **merged.changes}
    return {name: value for name, value in values.items() if value is not None}


@given(server=words, base=words, device=words)
def test_manual_takes_what_is_clean_and_asks_about_the_rest(server: str, base: str, device: str) -> None:
    merged = merge({"title": server}, {"title": device}, {"title": base})

    if base == device or server == device:
        assert (merged.changes, merged.clashes) == ({}, {})
    elif server == base:
        assert (merged.changes, merged.former) == ({"title": device}, {"title": server})
    else:
        assert (merged.changes, merged.clashes) == ({}, {"title": Clash(base, server, device)})


@given(server=words, base=words, device=words)
def test_the_same_set_twice_changes_nothing_the_second_time(server: str, base: str, device: str) -> None:
    current = {"title": server}
    first = merge(current, {"title": device}, {"title": base})

    again = merge(after(current, first), {"title": device}, {"title": base})

    assert again.changes == {}


@given(maybe, maybe, maybe, maybe)
def test_a_group_moves_together_or_not_at_all(server: Any, base: Any, device: Any, other: Any) -> None:
    current = {name: value for name, value in (("quantity", server), ("output_unit", other)) if value is not None}

    merged = merge(current, {"quantity": device}, {"quantity": base, "output_unit": base})

    assert not (merged.changes and merged.clashes)
    if merged.changes:
        assert {after(current, merged).get(name) for name in ("quantity",)} == {device}


def test_a_group_of_which_one_field_was_not_as_seen_asks_although_the_changed_one_was() -> None:
    current = {**WHEN, "work_date": "2026-11-17"}

    merged = merge(current, {"start_time": "07:00"}, WHEN)

    assert merged.changes == {}
    assert {"start_time", "work_date"} <= set(merged.clashes)


def test_new_times_tell_the_new_duration() -> None:
    merged = merge(dict(WHEN), {"end_time": "10:30"}, WHEN)

    assert merged.changes == {"end_time": "10:30", "duration_minutes": 150}


@given(first=st.tuples(words, stamps), second=st.tuples(words, stamps))
def test_latest_ends_alike_in_either_order_of_writes_that_did_not_see_each_other(
    first: tuple[str, Hlc], second: tuple[str, Hlc]
) -> None:
    def end(*writes: tuple[str, Hlc]) -> Any:
        current: dict[str, Any] = {"place": "awal"}
        held: dict[str, Hlc] = {}
        for value, hlc in writes:
            merged = merge(current, {"place": value}, {"place": "awal"}, hlc=hlc, stamps=held)
            current, held = after(current, merged), {**held, **merged.stamps}
        return current

    assert end(first, second) == end(second, first)


@given(hlc=stamps, held=stamps)
def test_latest_who_saw_the_value_comes_after_it_whatever_the_clocks_say(hlc: Hlc, held: Hlc) -> None:
    merged = merge({"place": "Siwa"}, {"place": "Sengkang"}, {"place": "Siwa"}, hlc=hlc, stamps={"place": held})

    assert merged.changes == {"place": "Sengkang"}
    assert merged.stamps["place"] > held


def test_latest_keeps_the_value_that_it_puts_aside() -> None:
    merged = merge(
        {"place": "Siwa"}, {"place": "Sengkang"}, {"place": "Belawa"}, hlc=(1, 0), stamps={"place": (9, 0)}
    )  # fmt: skip

    assert (merged.changes, merged.lost, merged.decided) == ({}, {"place": "Sengkang"}, {"place"})


@given(base=sets, first=sets, second=sets)
def test_union_ends_alike_in_either_order(base: Any, first: Any, second: Any) -> None:
    one = union_of_lists(base, union_of_lists(base, base, first), second)
    other = union_of_lists(base, union_of_lists(base, base, second), first)

    assert one == other


@given(base=sets, server=sets, device=sets)
def test_union_keeps_what_was_added_drops_what_was_removed_and_repeats_nothing(
    base: Any, server: Any, device: Any
) -> None:
    kept = union_of_lists(base, server, device)

    old, here, there = set(base or ()), set(server or ()), set(device or ())
    assert (here | there) - old <= set(kept)
    assert not set(kept) & (old - (here & there))
    assert kept == sorted(set(kept)) == union_of_lists(base, kept, device)


@given(server=words, base=words, device=words)
def test_server_order_takes_the_operation_that_comes_last(server: str, base: str, device: str) -> None:
    wish = Wish({"name": device}, {"name": base}, (1, 0), "server")

    merged = merge_set(UNIT, Current({"name": server}), wish)

    expected = server if base == device else device
    assert {"name": server, **merged.changes} == {"name": expected}
    assert merged.clashes == {}


@pytest.mark.parametrize(
    ("name", "code"),
    [("source_entered_at", "immutable_field"), ("review_note", "server_field"), ("owner", "server_field")],
)
def test_what_is_not_the_author_s_to_set_is_refused_with_the_field(name: str, code: str) -> None:
    with pytest.raises(Refused) as caught:
        merge({}, {name: "x"}, {name: None})

    assert (caught.value.code, caught.value.field) == (code, name)


def test_a_returned_entry_may_be_sent_again_by_its_author() -> None:
    merged = merge(
        {"review_state": "needs_revision"}, {"review_state": "submitted"}, {"review_state": "needs_revision"}
    )

    assert merged.changes == {"review_state": "submitted"}


def test_an_author_approves_nothing() -> None:
    with pytest.raises(Refused) as caught:
        merge({"review_state": "submitted"}, {"review_state": "approved"}, {"review_state": "submitted"})

    assert caught.value.code == "state_not_allowed"


def test_a_move_that_was_allowed_only_from_the_state_that_was_seen_asks() -> None:
    merged = merge({"review_state": "approved"}, {"review_state": "submitted"}, {"review_state": "needs_revision"})

    assert set(merged.clashes) == {"review_state"}


@given(name=st.sampled_from(["title", "place", "description"]), device=words)
def test_on_a_final_record_even_a_clean_field_becomes_a_candidate(name: str, device: str) -> None:
    merged = merge({name: "awal"}, {name: device}, {name: "awal"}, final=True)

    assert (merged.changes, merged.clashes) == ({}, {name: Clash("awal", "awal", device)})


def test_on_a_final_record_a_union_becomes_a_candidate() -> None:
    merged = merge({}, {"attachments": ["sha256:" + "0" * 64]}, {"attachments": None}, final=True)

    assert (merged.changes, set(merged.clashes)) == ({}, {"attachments"})


@given(server=words, base=words, device=words)
def test_a_field_that_waits_for_a_person_never_changes(server: str, base: str, device: str) -> None:
    merged = merge({"title": server}, {"title": device}, {"title": base}, contested=frozenset({"title"}))

    assert merged.changes == {}
    assert set(merged.clashes) == (set() if base == device else {"title"})


@given(st.dictionaries(st.sampled_from(["title", "place", "category", "description"]), words, min_size=1), st.data())
def test_every_wished_field_ends_as_the_server_has_it_or_changed_or_asked_about(
    fields: dict[str, str], data: st.DataObject
) -> None:
    was = {name: data.draw(maybe) for name in fields}
    current = {name: data.draw(words) for name in fields}

    merged = merge(current, fields, was)

    for name, value in fields.items():
        told = name in merged.changes or name in merged.clashes or name in merged.lost
        assert told or value in (current[name], was[name])


def test_a_create_that_sets_what_the_server_writes_is_refused() -> None:
    with pytest.raises(Refused) as caught:
        check_create(ENTRY, {"title": "x", "flags": ["late"]}, "author")

    assert (caught.value.code, caught.value.field) == ("server_field", "flags")


def test_a_create_starts_its_state_at_the_beginning() -> None:
    with pytest.raises(Refused) as caught:
        check_create(ENTRY, {"review_state": "approved"}, "author")

    assert caught.value.code == "state_not_allowed"


@pytest.mark.parametrize(
    ("state", "final"), [("submitted", False), ("needs_revision", False), ("approved", True), ("rejected", True)]
)
def test_approved_and_rejected_entries_are_final(state: str, final: bool) -> None:
    assert is_final(ENTRY, {"review_state": state}) is final


@given(st.lists(st.tuples(st.sampled_from("abc"), words), min_size=1, max_size=6))
def test_a_conflict_holds_one_candidate_a_device_and_the_last_one_it_wrote(writes: list[tuple[str, str]]) -> None:
    clashes: dict[str, Any] = {}
    for number, (device, value) in enumerate(writes):
        clashes = join_candidates(clashes, {"title": Clash("a", "b", value)}, device=device, by=None, at=number)

    held = {each["device"]: each["value"] for each in clashes["title"]["candidates"]}
    assert held == dict(writes)
    assert len(clashes["title"]["candidates"]) == len(held)
