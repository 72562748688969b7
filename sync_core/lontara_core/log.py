"""The device log's hash chain (sync_protocol.md §5): pure arithmetic over the bytes of operations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from lontara_core.canonical import encode, sha256

SHORT_HASH_BYTES: Final = 16


def genesis(org: str, device: str) -> bytes:
    """The chain hash before a device's first operation."""
    return sha256(encode({"device": device, "log": "lontara-log-1", "org": org}))


def chain(prev: bytes, operations: Iterable[bytes]) -> list[bytes]:
    """The chain hash after each operation: h[n] = SHA-256(h[n-1] || canonical bytes of operation n)."""
    hashes = []
    for raw in operations:
        prev = sha256(prev, raw)
        hashes.append(prev)
    return hashes


def pack(hashes: Sequence[bytes]) -> bytes:
    """The first 16 bytes of each chain hash one after the other: what the server keeps to know a repeat."""
    return b"".join(whole[:SHORT_HASH_BYTES] for whole in hashes)


def short_hash(packed: bytes, index: int) -> bytes:
    """The index-th (from 0) of the hashes that `pack` wrote."""
    return packed[index * SHORT_HASH_BYTES : (index + 1) * SHORT_HASH_BYTES]
