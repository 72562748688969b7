"""How a feed row names its records."""

import pytest

from lontara_core.record_types import RECORD_TYPES
from lontara_server.storage.feed_records import CODES, pack_records, unpack_records

ID = "01a1ee56-5e01-898d-92be-f9153276fc7f"


@pytest.mark.parametrize("revision", [1, 127, 128, 16_383, 16_384, 2**53 - 1])
def test_records_are_named_as_they_were_packed(revision: int) -> None:
    records = [(record_type, ID, revision) for record_type in CODES]

    found = unpack_records(pack_records(records))

    assert found == records


def test_a_first_revision_takes_eighteen_bytes() -> None:
    packed = pack_records([("activity_entry", ID, 1)])

    assert packed == bytes([1]) + bytes.fromhex(ID.replace("-", "")) + bytes([1])


def test_every_record_type_has_a_number_of_its_own() -> None:
    assert set(CODES) == set(RECORD_TYPES)
    assert len(set(CODES.values())) == len(CODES)
