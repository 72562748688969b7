"""The sentence that tells a worker what was decided about their entries, and why, in Indonesian and English.

The console's preview, the server's command line and the device all read it from here, so that all say the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from lontara_core.record_types import RECORD_TYPES
from lontara_core.terms import term
from lontara_core.value_words import label, short_date, value, values

_ENTRY: Final = RECORD_TYPES["activity_entry"]
# Settled without anybody's decision.
BY_ITSELF: Final = frozenset({"edited", "arrived"})
_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "about": ("“{title}”, {date}", "“{title}”, {date}"),
    "and": (" dan ", " and "),
    "your_entry": ("catatan Anda", "your entry"),
    "your_device": ("perangkat Anda", "your device"),
    "decided": ("{by} sudah memutuskan tentang {what}.", "{by} has decided about {what}."),
    "edited": ("{what}: selesai dengan sendirinya, catatannya sudah diperbaiki.",
               "{what}: settled by itself, the entry has been mended."),
    "arrived": ("{what}: selesai dengan sendirinya, semua pekerjaannya sudah tiba di server.",
                "{what}: settled by itself, all of its work has arrived at the server."),
    "stays": ("Yang ada di server tetap dipakai: {values}.", "What the server holds stays: {values}."),
    "stands": ("Catatan tetap seperti adanya.", "The entry stays as it is."),
    "counts": ("Catatan itu ikut dihitung.", "The entry counts."),
    "noted": ("Tidak ada catatan yang berubah.", "No entry was changed."),
    "used": ("Dipakai: {values}.", "Used: {values}."),
    "existence": ("catatan {value}", "the entry {value}"),
    "from_device": ("{value} dari perangkat", "{value} from the device"),
    "from_server": ("{value} dari server", "{value} from the server"),
    "from_base": ("{value} dari versi asal", "{value} from the base version"),
    "keep_both": ("Semua catatan tetap ada.", "All entries stay."),
    "merge": ("Digabung ke {kept}; yang lain dibatalkan dan tetap terbaca di riwayat.",
              "Merged into {kept}; the others are voided and stay readable in the history."),
    "void": ("Dibatalkan dan tetap terbaca di riwayat: {voided}.",
             "Voided, and still readable in the history: {voided}."),
    "reason": ("Alasan: {reason}", "Reason: {reason}"),
}  # fmt: skip


def decision_sentence(conflict: Mapping[str, Any], entries: Sequence[Mapping[str, Any]], language: str) -> str:
    """What the worker reads of a conflict that is resolved: who decided about which entries, what is used, and why.

    conflict: `kind`, `clashes` (each field's base, server's value and candidates) and `resolution`.
    entries: those that it is about, as they stand after the decision, each with `voided`; as many as are at hand.
    """
    resolution = conflict["resolution"]
    what = _subject(conflict, entries, language)
    if resolution["choice"] in BY_ITSELF:
        sentence = _say(language, resolution["choice"], what=what)
        return f"{sentence[:1].upper()}{sentence[1:]}"
    # Whoever decides and is no employee of the org is its admin.
    parts = [
        _say(language, "decided", by=resolution.get("name") or term(language, "role.admin"), what=what),
        _outcome(conflict, resolution, entries, language),
    ]
    if resolution.get("reason"):
        parts.append(_say(language, "reason", reason=resolution["reason"]))
    return " ".join(parts)


def _say(language: str, key: str, **given: object) -> str:
    indonesian, english = _WORDS[key]
    return (english if language == "en" else indonesian).format(**given)


def _subject(conflict: Mapping[str, Any], entries: Sequence[Mapping[str, Any]], language: str) -> str:
    if not entries:
        return _say(language, "your_device" if conflict["kind"] == "fork" else "your_entry")
    return _say(language, "and").join(_about(each, language) for each in entries[:2])


def _about(entry: Mapping[str, Any], language: str) -> str:
    return _say(language, "about", title=entry["title"], date=short_date(entry["work_date"], language))


def _outcome(
    conflict: Mapping[str, Any], resolution: Mapping[str, Any], entries: Sequence[Mapping[str, Any]], language: str
) -> str:
    choice, clashes = resolution["choice"], conflict["clashes"]
    voided = [each for each in entries if each.get("voided")]
    if choice == "merge":
        kept = [each for each in entries if not each.get("voided")]
        return _say(language, "merge", kept=_joined(kept, language))
    if choice == "void":
        return _say(language, "void", voided=_joined(voided, language))
    if choice == "keep_both":
        return _say(language, "keep_both")
    if conflict["kind"] == "fork":
        return _say(language, "noted")
    standing = {name: _held(name, clash, entries) for name, clash in clashes.items()}
    if choice == "keep_server":
        if not clashes:
            return _say(language, "counts" if conflict["kind"] == "after_lock" else "stands")
        return _say(language, "stays", values=_in_words(standing, {}, entries, language))
    # What was not set stays as the server has it, and is said too.
    used = {**standing, **(resolution.get("values") or {})}
    return _say(language, "used", values=_in_words(used, clashes, entries, language))


def _joined(entries: Sequence[Mapping[str, Any]], language: str) -> str:
    return ", ".join(_about(each, language) for each in entries) or _say(language, "your_entry")


def _held(name: str, clash: Mapping[str, Any], entries: Sequence[Mapping[str, Any]]) -> Any:
    # The entry as it stands: another field of the group may have moved since the clash was told.
    return clash["server"] if not entries else entries[0].get(name)


def _in_words(
    held: Mapping[str, Any], clashes: Mapping[str, Any], entries: Sequence[Mapping[str, Any]], language: str
) -> str:
    """`jumlah 14 orang dari perangkat, waktu 24 Nov · 07.40–11.30 dari server`: a group of fields is said once."""
    entry = entries[0] if entries else {}
    groups: dict[tuple[str, ...], dict[str, Any]] = {}
    for name in sorted(held, key=_place):
        groups.setdefault(_ENTRY.group_of(name) if name in _ENTRY.fields else (name,), {})[name] = held[name]
    return ", ".join(_group_in_words(each, clashes, entry, language) for each in groups.values())


def _group_in_words(
    held: Mapping[str, Any], clashes: Mapping[str, Any], entry: Mapping[str, Any], language: str
) -> str:  # fmt: skip
    (first, only), *others = held.items()
    text = value(first, only, language) if not others and first != "quantity" else values(held, entry, language)
    # Times tell their minutes; the label is of what is said.
    said = f"{label(tuple(held), language).lower()} {text}"
    if first == "voided":
        said = _say(language, "existence", value=text)
    source = _source(held, clashes)
    return said if source is None else _say(language, source, value=said)


def _source(held: Mapping[str, Any], clashes: Mapping[str, Any]) -> str | None:
    """Whose values these are, where all of them are one side's."""
    told = {name: clashes[name] for name in held if name in clashes}
    if not told:
        return None
    devices = {each["device"] for clash in told.values() for each in clash["candidates"]}
    for device in sorted(devices):
        if all(_wish(clash, device) == [held[name]] for name, clash in told.items()):
            return "from_device"
    if all(clash["server"] == held[name] for name, clash in told.items()):
        return "from_server"
    if all(clash["base"] == held[name] for name, clash in told.items()):
        return "from_base"
    return None


def _wish(clash: Mapping[str, Any], device: str) -> list[Any]:
    return [each["value"] for each in clash["candidates"] if each["device"] == device]


def _place(name: str) -> tuple[int, str]:
    names = tuple(_ENTRY.fields)
    return (names.index(name) if name in names else len(names), name)
