"""Ids: derived from what was written, the same wherever it is chained."""

from typing import Any
from uuid import RFC_4122, UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lontara_core.identifiers import NIL, derived_id, is_id, record_id

times = st.integers(0, 2**48 - 1)
fields = st.dictionaries(st.sampled_from(["title", "place", "work_date"]), st.text("abc", max_size=5))


@given(times, st.binary(max_size=40))
def test_an_id_is_a_uuid_of_version_8_that_tells_its_time(milliseconds: int, content: bytes) -> None:
    made = derived_id(milliseconds, content)

    assert is_id(made)
    assert (UUID(made).version, UUID(made).variant) == (8, RFC_4122)
    assert UUID(made).int >> 80 == milliseconds


@given(times, times, st.binary(max_size=8), st.binary(max_size=8))
def test_ids_sort_by_the_time_of_their_making(first: int, second: int, here: bytes, there: bytes) -> None:
    earlier, later = sorted((first, second))

    assert earlier == later or derived_id(earlier, here) < derived_id(later, there)


@given(fields, times, st.integers(0, 5))
def test_the_same_create_has_the_same_id_in_whatever_order_its_fields_stand(
    values: dict[str, Any], milliseconds: int, counter: int
) -> None:
    turned = dict(reversed(values.items()))

    assert record_id("activity_entry", turned, (milliseconds, counter)) == record_id(
        "activity_entry", values, (milliseconds, counter)
    )


@pytest.mark.parametrize(
    ("record_type", "values", "hlc"),
    [
        ("work_result_plan", {"title": "Rapat"}, (5, 0)),
        ("activity_entry", {"title": "rapat"}, (5, 0)),
        ("activity_entry", {"title": "Rapat", "place": None}, (5, 0)),
        ("activity_entry", {"title": "Rapat"}, (5, 1)),
        ("activity_entry", {"title": "Rapat"}, (6, 0)),
    ],
)
def test_type_fields_time_and_counter_each_make_another_record(
    record_type: str, values: dict[str, Any], hlc: tuple[int, int]
) -> None:
    made = record_id(record_type, values, hlc)

    assert made != record_id("activity_entry", {"title": "Rapat"}, (5, 0))


@pytest.mark.parametrize(
    "text",
    ["", NIL.replace("-", ""), NIL.replace("0", "A"), "{" + NIL + "}", NIL + "\n", " " + NIL, NIL[:-1], None, 0, b""],
)
def test_an_id_has_one_spelling(text: object) -> None:
    assert not is_id(text)
