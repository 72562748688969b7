"""The stored bytes of a batch: its operations as they were signed, compressed.

A large batch is kept as the request brought it, since compressing it again costs as much as settling it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from lontara_core.compression import deflate, inflate
from lontara_core.messages import Batch

# Below this the rest of the request weighs more than compressing the operations costs.
KEPT_AS_CAME_MIN: Final = 24


class _Request(msgspec.Struct):
    batch: Batch


def body_of(operations: Sequence[bytes], request: bytes | None = None) -> bytes:
    """What is stored of these operations; `request` is the compressed request whose batch holds exactly these."""
    if request is not None and len(operations) >= KEPT_AS_CAME_MIN:
        return request
    return deflate(b"[" + b",".join(operations) + b"]")


def operations_in(body: bytes) -> list[bytes]:
    """The operations of a stored body, byte for byte as they were signed."""
    plain = inflate(body)
    if plain.startswith(b"["):
        return [bytes(each) for each in msgspec.json.decode(plain, type=list[msgspec.Raw])]
    return [bytes(each) for each in msgspec.json.decode(plain, type=_Request).batch.operations]
