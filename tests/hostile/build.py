"""The small language in which the corpus says how a hostile body is made; nothing is sent here.

A value is JSON, in which an object with one key that begins with `$` stands for what it makes. Bytes are made from a
text, from hex, or by packing other bytes; so a body of a hundred thousand brackets takes one line of the corpus.
"""

from __future__ import annotations

import copy
import gzip
import json
import zlib
from collections.abc import Mapping, Sequence
from typing import Any, Final

ABSENT: Final = object()


def value(spec: Any, known: Mapping[str, Any]) -> Any:
    """The value that `spec` says. `known` holds what `$known` may name."""
    if isinstance(spec, list):
        return [value(each, known) for each in spec]
    if not isinstance(spec, dict):
        return spec
    if len(spec) == 1:
        ((word, inner),) = spec.items()
        match word:
            case "$known":
                return known[inner]
            case "$repeat":
                text, times = inner
                return value(text, known) * times
            case "$list":
                item, times = inner
                return [value(item, known)] * times
            case "$numbered":
                prefix, times = inner
                return {f"{prefix}{number}": number for number in range(times)}
            case "$nested":
                return _nested(inner)
            case "$join":
                return "".join(value(each, known) for each in inner)
            case "$signs":
                return "".join(chr(each) for each in inner)
    return {name: value(each, known) for name, each in spec.items()}


def _nested(depth: int) -> Any:
    made: Any = []
    for _ in range(depth - 1):
        made = [made]
    return made


def body(spec: Any, known: Mapping[str, Any]) -> bytes:
    """The bytes that `spec` says: a text, or an object with one of the words below."""
    if isinstance(spec, str):
        return spec.encode("utf-8")
    ((word, inner),) = spec.items()
    match word:
        case "$hex":
            return bytes.fromhex(inner)
        case "$json":
            return json.dumps(value(inner, known), separators=(",", ":")).encode()
        case "$encoded":
            text, encoding = inner
            return bytes(str(value(text, known)), encoding)
        case "$concat":
            return b"".join(body(each, known) for each in inner)
        case "$repeat":
            what, times = inner
            return body(what, known) * int(times)
        case "$gzip":
            return gzip.compress(body(inner, known), mtime=0)
        case "$deflate":
            return zlib.compress(body(inner, known))
        case "$cut":
            what, length = inner
            return body(what, known)[:length]
        case "$known":
            known_body = known[inner]
            assert isinstance(known_body, bytes)
            return known_body
        case "$text":
            return str(value(inner, known)).encode("utf-8")
    raise AssertionError(f"the corpus has no word {word}")


def changed(document: Mapping[str, Any], case: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    """The document with the case's `change` (dotted paths to values) and without its `drop`."""
    made = copy.deepcopy(dict(document))
    for path, spec in case.get("change", {}).items():
        *places, name = path.split(".")
        inner = made
        for place in places:
            inner = inner.setdefault(place, {})
        inner[name] = value(spec, known)
    for path in case.get("drop", []):
        *places, name = path.split(".")
        inner = made
        for place in places:
            inner = inner[place]
        del inner[name]
    return made


def rewritten(raw: bytes, pairs: Sequence[Sequence[str]]) -> bytes:
    """The bytes with each pair's first text, which must be there, replaced once by its second."""
    for old, new in pairs:
        assert old.encode() in raw, f"{old!r} is not in the body that the case rewrites"
        raw = raw.replace(old.encode(), _bytes(new), 1)
    return raw


def _bytes(text: str) -> bytes:
    # `\xNN` of a single byte is written as U+F7NN, which no body of ours holds.
    return b"".join(bytes([ord(sign) & 0xFF]) if 0xF700 <= ord(sign) <= 0xF7FF else sign.encode() for sign in text)
