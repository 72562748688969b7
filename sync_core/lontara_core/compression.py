"""gzip as it stands in `Content-Encoding`, inflated only up to a limit (sync_protocol.md §7)."""

from __future__ import annotations

import gzip
import zlib
from typing import Final

from lontara_core.messages import INFLATED_BYTES_MAX

# Below this the gzip header costs more than it saves.
WORTH_COMPRESSING_BYTES: Final = 200
_GZIP_WINDOW: Final = 16 + zlib.MAX_WBITS


class NotGzip(ValueError):
    """The bytes are not one whole gzip stream, or hold more than the limit."""


def deflate(plain: bytes) -> bytes:
    """`plain` as gzip; the same bytes give the same stream, since it carries no time."""
    return gzip.compress(plain, compresslevel=6, mtime=0)


def inflate(packed: bytes, *, limit: int = INFLATED_BYTES_MAX) -> bytes:
    """The bytes that one gzip stream holds; raises NotGzip when it is cut, followed by anything, or beyond `limit`."""
    stream = zlib.decompressobj(wbits=_GZIP_WINDOW)
    try:
        plain = stream.decompress(packed, limit + 1)
    except zlib.error as error:
        raise NotGzip("not a gzip stream") from error
    if len(plain) > limit:
        raise NotGzip(f"inflates beyond {limit} bytes")
    if not stream.eof:
        raise NotGzip("a gzip stream that ends too early")
    if stream.unused_data:
        raise NotGzip("bytes after the gzip stream")
    return plain
