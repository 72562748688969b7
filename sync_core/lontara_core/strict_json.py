"""Strict JSON: how a message is read that need not be in canonical form (sync_protocol.md §7).

UTF-8 without a byte order mark, each key once, nested at most 32 deep, whole numbers within ±(2^53 - 1), no lone
surrogate and no NUL. Where two readers could understand a message differently, it is refused. The operations inside
of a batch are held to the stricter canonical form, each by itself, so that one of them never fails the others.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final, NoReturn, TypeVar

import msgspec

from lontara_core.canonical import INTEGER_MAX, Json
from lontara_core.messages import SyncRequest

DEPTH_MAX: Final = 32
_INTEGER_CHARACTERS_MAX: Final = 17
_NUL: Final = "\x00"
_STRING: Final = re.compile(rb'"(?:[^"\\]|\\.)*+"?', re.DOTALL)
# Square brackets stand for both kinds, and everything else falls away.
_ROUND: Final = bytes.maketrans(b"{}", b"[]")
_NO_BRACKET: Final = bytes(sign for sign in range(256) if sign not in b"[]{}")

_Message = TypeVar("_Message")
_sync_requests = msgspec.json.Decoder(SyncRequest)
_message_encoder = msgspec.json.Encoder()


class NotStrict(ValueError):
    """The bytes are no strict JSON, or not of the form that was asked for; `args[0]` says why, in words."""


class _Enveloped(msgspec.Struct):
    batch: msgspec.Raw


class _Batched(msgspec.Struct):
    operations: msgspec.Raw


def read(raw: bytes) -> Json:
    """The value that strict JSON holds. Raises NotStrict."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NotStrict(f"not UTF-8 at byte {error.start}") from error
    _check_depth(raw)
    try:
        value = json.loads(
            text,
            object_pairs_hook=_each_key_once,
            parse_int=_integer,
            parse_float=_refuse_number,
            parse_constant=_refuse_number,
        )
    except json.JSONDecodeError as error:
        raise NotStrict(f"not JSON at character {error.pos}: {error.msg}") from error
    if "\\u" in text:
        _check_texts(value)
    return value


def decode(raw: bytes, message: type[_Message]) -> _Message:
    """The message of this type that strict JSON holds. Raises NotStrict."""
    read(raw)
    try:
        return msgspec.json.decode(raw, type=message)
    except msgspec.DecodeError as error:
        raise NotStrict(str(error)) from error


def decode_sync_request(raw: bytes) -> SyncRequest:
    """The request that strict JSON holds; the bytes of its operations are not looked at. Raises NotStrict.

    What reads back as the very bytes that came has no key twice, and nothing between its values; so the slow way is
    only for what another encoder wrote.
    """
    try:
        asked = _sync_requests.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise NotStrict(str(error)) from error
    except RecursionError as error:
        raise NotStrict(f"nested deeper than {DEPTH_MAX}") from error
    # One sign is looked for a hundred times faster than two.
    escaped = b"\\" in raw and b"\\u" in raw
    if escaped or _message_encoder.encode(asked) != raw:
        read(_without_operations(raw, asked))
    return asked


def _without_operations(raw: bytes, asked: SyncRequest) -> bytes:
    if asked.batch is None:
        return raw
    batch = msgspec.json.decode(raw, type=_Enveloped).batch
    return raw.replace(bytes(msgspec.json.decode(batch, type=_Batched).operations), b"[]", 1)


def _check_depth(raw: bytes) -> None:
    if raw.count(b"[") + raw.count(b"{") <= DEPTH_MAX:
        return
    left = _STRING.sub(b"", raw).translate(_ROUND, _NO_BRACKET)
    for _ in range(DEPTH_MAX):
        # Takes away the innermost pairs, one level at a time.
        before, left = left, left.replace(b"[]", b"")
        if len(left) == len(before):
            break
    if left:
        raise NotStrict(f"nested deeper than {DEPTH_MAX}, or brackets that do not match")


def _each_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        names = [name for name, _ in pairs]
        raise NotStrict(f"the key {next(name for name in names if names.count(name) > 1)!r} twice")
    return value


def _integer(text: str) -> int:
    if len(text) > _INTEGER_CHARACTERS_MAX or not -INTEGER_MAX <= int(text) <= INTEGER_MAX:
        raise NotStrict("an integer beyond 2^53 - 1")
    return int(text)


def _refuse_number(text: str) -> NoReturn:
    raise NotStrict(f"a number that is not whole: {text[:40]}")


def _check_texts(value: Json) -> None:
    if isinstance(value, str):
        if _NUL in value:
            raise NotStrict("text with a NUL")
        try:
            value.encode("utf-8")
        except UnicodeEncodeError as error:
            raise NotStrict("text with a lone surrogate") from error
    elif isinstance(value, list):
        for item in value:
            _check_texts(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            _check_texts(key)
            _check_texts(item)
