"""An id as an operator types it: whole, or its end or beginning where no other of its kind has it."""

from __future__ import annotations

import re
from typing import Final, Literal, TypeAlias

from lontara_core.short_ids import LENGTH_MIN, bare, whole_id
from lontara_server.storage import short_ids as store
from lontara_server.storage.engine import Connection

Kind: TypeAlias = Literal["conflict", "device", "entry", "objection", "quarantine"]
_PART: Final = re.compile(r"[0-9a-f-]{1,36}")
_READ_MAX: Final = 10


def full_id(connection: Connection, org_id: int, kind: Kind, typed: str) -> str:
    """The id that ends or begins so; what was typed where none does, for the caller to say that it is not there.

    Raises Problem ambiguous_id where several do.
    """
    wanted = bare(typed)
    digits = wanted.replace("-", "")
    if not LENGTH_MIN <= len(digits) <= store.DIGITS or not _PART.fullmatch(wanted):
        return typed
    found = [
        *store.ids_beginning(connection, org_id, kind, digits, _READ_MAX),
        *store.ids_ending(connection, org_id, kind, digits, _READ_MAX),
    ]
    return whole_id(typed, found)
