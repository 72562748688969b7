"""Identifiers: how a record's id comes from what was written, and what an id looks like (sync_protocol.md §4).

The id of a new record is a UUIDv8: 48 bits of creation time and 74 bits of the hash of its type, fields and
hybrid clock. Device, sequence number and chain take no part, so an operation that is chained anew keeps its
record, and two copies of one store that write different things make different records.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from lontara_core.canonical import Json, encode, sha256

_ID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z")
NIL: Final = "00000000-0000-0000-0000-000000000000"


def is_id(text: object) -> bool:
    """Whether `text` is a UUID in lower case with hyphens, the only form that an id has on the wire."""
    return isinstance(text, str) and _ID.match(text) is not None


def record_id(record_type: str, fields: Mapping[str, Json], hlc: tuple[int, int]) -> str:
    """The id of the record that a create with these fields and this hybrid clock makes."""
    return derived_id(hlc[0], encode({"fields": fields, "hlc": list(hlc), "type": record_type}))


def derived_id(milliseconds: int, content: bytes) -> str:
    """A UUIDv8 of a time (ms since 1970 UTC, its low 48 bits) and the SHA-256 of `content`."""
    bits = int.from_bytes(sha256(content)[:16], "big")
    time = milliseconds & (2**48 - 1)
    value = (time << 80) | (8 << 76) | (((bits >> 64) & 0xFFF) << 64) | (2 << 62) | (bits & (2**62 - 1))
    return id_of_bytes(value.to_bytes(16, "big"))


@lru_cache(maxsize=8192)
def id_of_bytes(raw: bytes) -> str:
    """The id whose 16 bytes these are."""
    digits = raw.hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


@lru_cache(maxsize=8192)
def bytes_of_id(text: str) -> bytes:
    """The 16 bytes of an id; those of people, units and devices are asked for again and again."""
    return bytes.fromhex(text.replace("-", ""))
