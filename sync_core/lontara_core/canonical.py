"""The canonical form: the one way in which a value is written as bytes, and what may stand in it.

JSON with ASCII keys in byte order, no whitespace, no floats, integers within ±(2^53 - 1), text in NFC without
NUL, control characters (other than tab and line feed) or lone surrogates (sync_protocol.md §3). Hashes and
signatures are taken over these bytes and nothing else. Message framing does not belong here.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import unicodedata
from typing import Any, Final, TypeAlias

import msgspec

INTEGER_MAX: Final = 2**53 - 1
DEPTH_MAX: Final = 16

# A JSON value; spelling out the recursion costs more in casts than it finds.
Json: TypeAlias = Any

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f]")
# Of JSON's escapes only those that can stand for text of the canonical form: quote, backslash, line feed, tab.
_PLAIN_ESCAPES = re.compile(rb'[^\\\x7f]*+(?:\\["\\nt][^\\\x7f]*+)*+\Z')
_HASH = re.compile(r"[0-9a-f]{64}\Z")


class NotCanonical(ValueError):
    """The bytes or the value are not in canonical form; `args[0]` says what is wrong, in words."""


def _refuse_float(text: str) -> float:
    raise NotCanonical(f"a number with a fraction or an exponent: {text[:40]}")


_encoder = msgspec.json.Encoder(order="sorted")
_decoder = msgspec.json.Decoder(float_hook=_refuse_float)
# What bytes that re-encode to themselves may still hide is told from this picture of them: escapes and DEL (`!`),
# brackets (`(`) and rows of digits (`0`). It costs a tenth of walking through the value.
_PICTURE: Final = bytes(
    ord("!") if sign in b"\\\x7f" else ord("(") if sign in b"[{" else ord("0") if sign in b"0123456789" else ord(" ")
    for sign in range(256)
)
_DIGITS_IN_DOUBT: Final = b"0" * 16


def encode(value: object) -> bytes:
    """The canonical bytes of `value`; the caller vouches that it holds no floats and only NFC text."""
    return _encoder.encode(value)


def decode(raw: bytes) -> Json:
    """The value that canonical bytes hold.

    Raises NotCanonical for anything that `encode` would not have written: whitespace, unsorted or doubled keys,
    floats, integers out of range, text that is not NFC.
    """
    try:
        value = _decoder.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise NotCanonical(f"not JSON: {error}") from error
    if _is_in_doubt(raw):
        check_value(value)
    if _encoder.encode(value) != raw:
        raise NotCanonical(
            "not in canonical form: keys sorted and written once, no whitespace, no escapes beyond JSON's own"
        )
    return value


def _is_in_doubt(raw: bytes) -> bool:
    """Whether the value has to be walked through: plain ASCII with few brackets and short numbers hides nothing."""
    if not raw.isascii():
        return True
    picture = raw.translate(_PICTURE)
    return b"!" in picture or _DIGITS_IN_DOUBT in picture or picture.count(b"(") > DEPTH_MAX


def is_plain(raw: bytes, value: object) -> bool:
    """Whether `raw` is surely the canonical bytes of `value`, told by whole bytes and not value by value.

    The caller vouches for what the value's type bounds: depth, integers, no floats. False says only that `decode`
    has to look.
    """
    if (b"\\" in raw or b"\x7f" in raw) and _PLAIN_ESCAPES.match(raw) is None:
        return False
    if not raw.isascii() and not unicodedata.is_normalized("NFC", raw.decode("utf-8", "replace")):
        return False
    return _encoder.encode(value) == raw


def check_value(value: object, *, depth: int = 0) -> None:
    """Raise NotCanonical when `value` holds what the canonical form has no place for."""
    if isinstance(value, str):
        _check_text(value)
    elif value is None or isinstance(value, bool):
        return
    elif isinstance(value, int):
        if not -INTEGER_MAX <= value <= INTEGER_MAX:
            raise NotCanonical("an integer beyond 2^53 - 1")
    elif depth >= DEPTH_MAX:
        raise NotCanonical(f"nested deeper than {DEPTH_MAX}")
    elif isinstance(value, list):
        for item in value:
            check_value(item, depth=depth + 1)
    elif isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str) or not key.isascii() or _CONTROL.search(key):
                raise NotCanonical("a key that is not printable ASCII")
            check_value(item, depth=depth + 1)
    else:
        raise NotCanonical(
            f"a {type(value).__name__}, where only text, integers, booleans, null, lists and objects may stand"
        )


def _check_text(text: str) -> None:
    if not text.isascii():
        try:
            text.encode("utf-8")
        except UnicodeEncodeError as error:
            raise NotCanonical("text with a lone surrogate") from error
        if not unicodedata.is_normalized("NFC", text):
            raise NotCanonical("text that is not in Unicode normal form C")
    if _CONTROL.search(text):
        raise NotCanonical("text with a control character")


def tidy_text(text: str) -> str:
    """`text` as an author's device stores it: NFC, line ends as LF, no control characters, no blanks around it."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    text = text.encode("utf-8", "replace").decode("utf-8")
    return _CONTROL.sub("", text).strip()


def sha256(*parts: bytes) -> bytes:
    """SHA-256 over the parts one after the other (32 bytes)."""
    return hashlib.sha256(b"".join(parts)).digest()


def sha256_hex(raw: bytes) -> str:
    """SHA-256 as 64 lower-case hex digits, the form of every hash on the wire."""
    return hashlib.sha256(raw).hexdigest()


def is_hash(text: str) -> bool:
    """Whether `text` is 64 lower-case hex digits."""
    return _HASH.match(text) is not None


def to_base64(raw: bytes) -> str:
    """URL-safe base64 without padding, the form of keys and signatures on the wire."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def from_base64(text: str) -> bytes:
    """The bytes of an unpadded URL-safe base64 text; raises NotCanonical."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise NotCanonical("not URL-safe base64") from error
    if to_base64(raw) != text:
        raise NotCanonical("base64 that is not in its shortest form")
    return raw
