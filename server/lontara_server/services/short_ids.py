"""An id as an operator types it: whole, or how it begins where no other of its kind begins so."""

from __future__ import annotations

import re
from typing import Final, Literal, TypeAlias

from lontara_core.short_ids import LENGTH_MIN, whole_id
from lontara_server.storage import short_ids as store
from lontara_server.storage.engine import Connection

Kind: TypeAlias = Literal["conflict", "device", "entry", "quarantine"]
_BEGINNING: Final = re.compile(r"[0-9a-f]{1,8}(-[0-9a-f]{0,4}){0,3}(-[0-9a-f]{0,12})?")
_READ_MAX: Final = 10


def full_id(connection: Connection, org_id: int, kind: Kind, typed: str) -> str:
    """The id that begins so; what was typed where nothing does, for the caller to say that it is not there.

    Raises Problem ambiguous_id where several begin so.
    """
    wanted = typed.strip().lower()
    if len(wanted) < LENGTH_MIN or not _BEGINNING.fullmatch(wanted):
        return typed
    return whole_id(typed, store.ids_beginning(connection, org_id, kind, wanted.replace("-", ""), _READ_MAX))
