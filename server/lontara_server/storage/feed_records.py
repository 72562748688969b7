"""How a feed row names its records: for each a byte for the type, the id's 16 bytes, and the revision.

The revision is written seven bits a byte, the lowest first, the eighth bit set where more follow. A third of what the
same names take as text; a row of the feed is written for every batch.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from lontara_core.identifiers import bytes_of_id, id_of_bytes

# A number that was given once stays its type's for ever.
CODES: Final = {
    "activity_entry": 1, "review": 2, "conflict": 3, "score": 4, "employee": 5, "org_unit": 6, "assignment": 7,
    "period": 8, "work_result_plan": 9, "performance_plan": 10, "indicator": 11, "action_plan": 12, "objection": 13,
}  # fmt: skip
_TYPES: Final = {code: record_type for record_type, code in CODES.items()}
_ID_BYTES: Final = 16


def pack_records(records: Iterable[tuple[str, str, int]]) -> bytes:
    """The records (type, id, revision) as a feed row holds them."""
    packed = bytearray()
    for record_type, record, revision in records:
        packed.append(CODES[record_type])
        packed += bytes_of_id(record)
        while revision > 0x7F:
            packed.append(revision & 0x7F | 0x80)
            revision >>= 7
        packed.append(revision)
    return bytes(packed)


def unpack_records(packed: bytes) -> list[tuple[str, str, int]]:
    """The records that a feed row names, in order."""
    records = []
    place = 0
    while place < len(packed):
        record_type, place = _TYPES[packed[place]], place + 1
        record, place = id_of_bytes(packed[place : place + _ID_BYTES]), place + _ID_BYTES
        revision, shift = 0, 0
        while packed[place] & 0x80:
            revision |= (packed[place] & 0x7F) << shift
            place, shift = place + 1, shift + 7
        revision |= packed[place] << shift
        records.append((record_type, record, revision))
        place += 1
    return records
