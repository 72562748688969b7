"""The sentence that tells a worker what was decided about their entries, and why, in Indonesian and English.

The console's preview, the server's command line and the device all read it from here, so that all say the same.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from lontara_core.record_types import RECORD_TYPES
from lontara_core.terms import term
from lontara_core.value_words import hours, label, short_date, value, values

_ENTRY: Final = RECORD_TYPES["activity_entry"]
# Settled without anybody's decision.
BY_ITSELF: Final = frozenset({"edited", "arrived"})
_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "about": ("“{title}”, {date}", "“{title}”, {date}"),
    "about_at": ("“{title}”, {date}, {hours}", "“{title}”, {date}, {hours}"),
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
    "counts": ("Catatan itu ikut dihitung begitu disetujui.", "The entry counts once it is approved."),
    "noted": ("Tidak ada catatan yang berubah.", "No entry was changed."),
    "used": ("Dipakai: {values}.", "Used: {values}."),
    "existence": ("catatan {value}", "the entry {value}"),
    "from_device": ("{value} dari perangkat", "{value} from the device"),
    "from_named": ("{value} dari perangkat “{device}”", "{value} from the device “{device}”"),
    "from_decider": ("{value} ditulis sendiri oleh {by}", "{value} as written by {by}"),
    "from_server": ("{value} dari server", "{value} from the server"),
    "from_base": ("{value} dari versi asal", "{value} from the base version"),
    "keep_both": ("Semua catatan tetap ada.", "All entries stay."),
    "merge": ("Digabung ke {kept}; yang lain dibatalkan dan tetap terbaca di riwayat.",
              "Merged into {kept}; the others are voided and stay readable in the history."),
    "void": ("Dibatalkan dan tetap terbaca di riwayat: {voided}.",
             "Voided, and still readable in the history: {voided}."),
    "restored": ("Yang dibatalkan keputusan sebelumnya dipulihkan: {restored}.",
                 "Brought back, as the earlier decision no longer voids it: {restored}."),
    "void_author": ("Sudah dihapus pemiliknya sendiri, jadi tetap terhapus dan tidak dihitung: {voided}.",
                    "Deleted by its own author, so it stays deleted and does not count: {voided}."),
    "void_other": ("Sudah dibatalkan di luar keputusan ini, jadi tetap batal dan tidak dihitung: {voided}.",
                   "Voided by other means than this decision, so it stays void and does not count: {voided}."),
    "still_there": ("Tetap ada: {kept}.", "It stays: {kept}."),
    "resubmitted": ("Catatan diajukan lagi: isinya berubah, jadi atasan meninjaunya sekali lagi.",
                    "The entry is submitted again: its content has changed, so the supervisor reviews it once more."),
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
    parts = [
        _say(language, "decided", by=_decider(resolution, language), what=what),
        _outcome(conflict, resolution, entries, language),
        *_beside(resolution, entries, language),
    ]
    if resolution.get("reason"):
        parts.append(_say(language, "reason", reason=resolution["reason"]))
    return " ".join(each for each in parts if each)


def _decider(resolution: Mapping[str, Any], language: str) -> str:
    # Whoever decides and is no employee of the org is its admin.
    return str(resolution.get("name") or term(language, "role.admin"))


def _say(language: str, key: str, **given: object) -> str:
    indonesian, english = _WORDS[key]
    return (english if language == "en" else indonesian).format(**given)


def _subject(conflict: Mapping[str, Any], entries: Sequence[Mapping[str, Any]], language: str) -> str:
    if not entries:
        return _say(language, "your_device" if conflict["kind"] == "fork" else "your_entry")
    return _say(language, "and").join(_about(each, entries, language) for each in entries[:2])


def _about(entry: Mapping[str, Any], entries: Sequence[Mapping[str, Any]], language: str) -> str:
    """Title and date of an entry, with its hours where another one of the conflict is called the same."""
    alike = [each for each in entries if (each["title"], each["work_date"]) == (entry["title"], entry["work_date"])]
    key = "about_at" if len(alike) > 1 else "about"
    return _say(language, key, title=entry["title"], date=short_date(entry["work_date"], language),
                hours=hours(entry, language))  # fmt: skip


def _beside(resolution: Mapping[str, Any], entries: Sequence[Mapping[str, Any]], language: str) -> list[str]:
    """What the decision did besides, and what it could not: brought back, still void by somebody else, submitted again."""
    told = []
    if resolution.get("restored"):
        told.append(_say(language, "restored", restored=_joined(_these(entries, resolution["restored"]), entries, language)))
    already = resolution.get("void_already") or {}
    for who, key in (("author", "void_author"), ("other", "void_other")):
        theirs = [record for record, by in already.items() if by == who]
        if theirs:
            told.append(_say(language, key, voided=_joined(_these(entries, theirs), entries, language)))
    if resolution.get("resubmitted"):
        told.append(_say(language, "resubmitted"))
    return told


def _these(entries: Sequence[Mapping[str, Any]], records: Collection[str]) -> list[Mapping[str, Any]]:
    return [each for each in entries if each.get("id") in records]


def _outcome(
    conflict: Mapping[str, Any], resolution: Mapping[str, Any], entries: Sequence[Mapping[str, Any]], language: str
) -> str:
    choice, clashes = resolution["choice"], conflict["clashes"]
    if choice == "merge":
        kept = [each for each in entries if not _is_void(each, resolution)]
        return _say(language, "merge", kept=_joined(kept, entries, language))
    if choice == "void":
        voided = [each for each in entries if _is_void(each, resolution)]
        return _say(language, "void", voided=_joined(voided, entries, language))
    already = resolution.get("void_already")
    if already and not clashes:
        kept = [each for each in entries if each.get("id") not in already]
        return _say(language, "still_there", kept=_joined(kept, entries, language)) if kept else ""
    if choice == "keep_both":
        return _say(language, "keep_both")
    if conflict["kind"] == "fork":
        return _say(language, "noted")
    # As they stand after the decision.
    standing = {name: _held(name, clash, entries) for name, clash in clashes.items()}
    if choice == "keep_server":
        if not clashes:
            return _say(language, "counts" if conflict["kind"] == "after_lock" else "stands")
        return _say(language, "stays", values=_in_words(standing, {}, {}, entries, language))
    # What was not set stays as the server has it, and is said too.
    used = {**standing, **(resolution.get("values") or {})}
    return _say(language, "used", values=_in_words(used, clashes, resolution, entries, language))


def _is_void(entry: Mapping[str, Any], resolution: Mapping[str, Any]) -> bool:
    """Whether this decision voids the entry, whatever became of it since."""
    if "voided" in resolution and "id" in entry:
        return entry["id"] in resolution["voided"]
    return bool(entry.get("voided"))


def _joined(
    named: Sequence[Mapping[str, Any]], entries: Sequence[Mapping[str, Any]], language: str
) -> str:  # fmt: skip
    return ", ".join(_about(each, entries, language) for each in named) or _say(language, "your_entry")


def _held(name: str, clash: Mapping[str, Any], entries: Sequence[Mapping[str, Any]]) -> Any:
    # The entry as it stands: another field of the group may have moved since the clash was told.
    return clash["server"] if not entries else entries[0].get(name)


def _in_words(
    held: Mapping[str, Any], clashes: Mapping[str, Any], resolution: Mapping[str, Any],
    entries: Sequence[Mapping[str, Any]], language: str,
) -> str:  # fmt: skip
    """`jumlah 14 orang dari perangkat “Tablet”, waktu 24 Nov · 07.40–11.30 dari server`: a group of fields is said once,
    unless its values come from several sides."""
    entry = entries[0] if entries else {}
    groups: dict[tuple[str, ...], dict[str, Any]] = {}
    for name in sorted(held, key=_place):
        groups.setdefault(_ENTRY.group_of(name) if name in _ENTRY.fields else (name,), {})[name] = held[name]
    said = []
    for group in groups.values():
        for part, source in _parts(group, clashes, resolution) if clashes else [(group, None)]:
            said.append(_from(source, _group_in_words(part, entry, language), resolution, language))
    return ", ".join(said)


def _group_in_words(held: Mapping[str, Any], entry: Mapping[str, Any], language: str) -> str:
    (first, only), *others = held.items()
    text = value(first, only, language) if not others and first != "quantity" else values(held, entry, language)
    if first == "voided":
        return _say(language, "existence", value=text)
    # Times tell their minutes; the label is of what is said.
    return f"{label(tuple(held), language).lower()} {text}"


def _from(source: str | None, said: str, resolution: Mapping[str, Any], language: str) -> str:
    """What is said with whose it is; a source that is no side's name is a device's id."""
    if source is None:
        return said
    if source == "decider":
        return _say(language, "from_decider", value=said, by=_decider(resolution, language))
    if source in ("server", "base"):
        return _say(language, f"from_{source}", value=said)
    device = (resolution.get("devices") or {}).get(source)
    return _say(language, "from_named" if device else "from_device", value=said, device=device)


def _parts(
    held: Mapping[str, Any], clashes: Mapping[str, Any], resolution: Mapping[str, Any]
) -> list[tuple[Mapping[str, Any], str]]:  # fmt: skip
    """A group of fields with whose values they are, or field by field where they are several sides'."""
    whole = _source(held, clashes, resolution)
    if whole != "decider":
        return [(held, whole)]
    # The minutes follow from the times.
    plain = {name: each for name, each in held.items() if name != "duration_minutes" or len(held) == 1}
    sides = {name: _source({name: each}, clashes, resolution) for name, each in plain.items()}
    if len(set(sides.values())) == 1:
        return [(held, whole)]
    return [({name: held[name]}, side) for name, side in sides.items()]


def _source(held: Mapping[str, Any], clashes: Mapping[str, Any], resolution: Mapping[str, Any]) -> str:
    """Whose values these are: a device's by its id, the server's, the base's, or of who decided."""
    chosen = resolution.get("values") or {}
    if not any(name in chosen for name in held):
        return "server"
    told = {name: clashes[name] for name in held if name in clashes}
    devices = {each["device"] for clash in told.values() for each in clash["candidates"]}
    # Where several wrote the same, the one that was named.
    for device in sorted(devices, key=lambda each: (each != resolution.get("candidate"), each)):
        if all(_wish(clash, device) == [held[name]] for name, clash in told.items()):
            return str(device)
    for side in ("server", "base"):
        if told and all(clash[side] == held[name] for name, clash in told.items()):
            return side
    return "decider"


def _wish(clash: Mapping[str, Any], device: str) -> list[Any]:
    return [each["value"] for each in clash["candidates"] if each["device"] == device]


def _place(name: str) -> tuple[int, str]:
    names = tuple(_ENTRY.fields)
    return (names.index(name) if name in names else len(names), name)
