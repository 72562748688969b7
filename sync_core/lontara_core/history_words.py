"""A line of a record's history in words: what a field was, what it is now, and what a device wrote that did not become it.

The console and the server's command line read it from here. Who did it when, and layout, live there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from lontara_core.terms import TERMS, term
from lontara_core.value_words import label, value

_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "clashed": ("{field}: yang ditulis di sini {wished}; versi asalnya {base}, di server {server} dan tetap begitu",
                "{field}: written here {wished}; the base version was {base}, the server held {server} and keeps it"),
    "changed": ("{field}: {was} → {now}", "{field}: {was} → {now}"),
    "kept": ("{field}: tetap {now}; versi asalnya {base}", "{field}: stays {now}; the base version was {base}"),
    "candidate": ("; perangkat “{device}” menulis {wished}", "; the device “{device}” wrote {wished}"),
    "reason": ("Alasan: {reason}", "Reason: {reason}"),
    "of_entry": ("Catatan {letter}: {told}", "Entry {letter}: {told}"),
    "reopened": ("Keputusan ditarik; konflik dibuka lagi", "The decision was taken back; the conflict is open again"),
}  # fmt: skip


def change_lines(
    changes: Mapping[str, Mapping[str, Any]], language: str, *, devices: Mapping[str, str], letter: str | None = None
) -> list[str]:
    """One text a field. letter: which of several entries it is about. devices: what the devices are called."""
    told = [_told(name, change, language, devices) for name, change in changes.items() if name != "reason"]
    if letter is not None:
        told = [_say(language, "of_entry", letter=letter, told=each) for each in told]
    if "reason" in changes:
        told.append(_say(language, "reason", reason=changes["reason"].get("now")))
    return told


def _told(name: str, change: Mapping[str, Any], language: str, devices: Mapping[str, str]) -> str:
    def said(held: Any) -> str:
        return value(name, held, language)

    if name == "state":
        return _say(language, "reopened")
    field = label((name,), language) if f"field.{name}" in TERMS else name
    if "wished" in change:
        return _say(language, "clashed", field=field, wished=said(change["wished"]), base=said(change.get("was")),
                    server=said(change.get("now")))  # fmt: skip
    if "was" in change or "candidates" not in change:
        told = _say(language, "changed", field=field, was=said(change.get("was")), now=said(change.get("now")))
    else:
        told = _say(language, "kept", field=field, now=said(change.get("now")), base=said(change.get("base")))
    for each in change.get("candidates", ()):
        device = devices.get(each["device"]) or term(language, "field.device")
        told += _say(language, "candidate", device=device, wished=said(each["value"]))
    return told


def _say(language: str, key: str, **given: object) -> str:
    indonesian, english = _WORDS[key]
    return (english if language == "en" else indonesian).format(**given)
