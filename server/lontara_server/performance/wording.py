"""Words for a score: each row of an explanation and each reason, in Indonesian and English. No markup.

Figures follow the language: 4.560 and 76,00 in Indonesian, 4,560 and 76.00 in English.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Literal

from lontara_server.performance.explanation import Node, Param, Unit

Language = Literal["id", "en"]

# code: (label, detail); the names in braces are the node's params and the figures of its children by code.
ROWS: dict[Language, dict[str, tuple[str, str]]] = {
    "id": {
        "score": ("Nilai", "{rating_id}, mulai {rating_from}"),
        "score_without_target": ("Nilai", "bulan ini tidak punya hari kerja, jadi tidak ada target"),
        "productivity": ("Produktivitas", "bobot {weight}; dihitung penuh selama disiplin belum ada datanya"),
        "discipline_missing": ("Disiplin", "bobot {weight}; belum ada data presensi, tidak dihitung nol"),
        "productivity_ratio": ("Persentase menit", "{counted_minutes} dari {target_minutes}"),
        "counted_minutes": ("Menit disetujui yang dihitung", ""),
        "target_minutes": ("Target menit", "{workdays} × {effective_minutes_per_day}"),
        "workdays": ("Hari kerja", "{holidays} hari libur tidak dihitung"),
        "effective_minutes_per_day": ("Menit efektif per hari", ""),
        "category": ("{category}", "{entries} catatan disetujui"),
        "entry_times": ("{date}, {start}–{end}", "revisi {revision}"),
        "entry_past_midnight": ("{date}, {start}–{end} hari berikutnya", "revisi {revision}"),
        "entry_duration": ("{date}, tanpa jam", "revisi {revision}"),
        "overlap": ("Jam tumpang tindih dihitung sekali", ""),
        "overlap_day": ("{date}", "{entries} catatan berbagi jam"),
        "over_day_cap": ("Di atas batas harian", "paling banyak {cap} menit sehari"),
        "over_day_cap_day": ("{date}", "{minutes} menit, dihitung {cap}"),
        "over_max": ("Di atas nilai tertinggi", "paling tinggi {max}"),
        "rounding": ("Pembulatan", "ke {places} angka di belakang koma"),
    },
    "en": {
        "score": ("Score", "{rating_en}, from {rating_from}"),
        "score_without_target": ("Score", "this month has no workdays, so there is no target"),
        "productivity": ("Productivity", "weight {weight}; counts whole while discipline has no data"),
        "discipline_missing": ("Discipline", "weight {weight}; no attendance data yet, not counted as zero"),
        "productivity_ratio": ("Percentage of minutes", "{counted_minutes} of {target_minutes}"),
        "counted_minutes": ("Approved minutes counted", ""),
        "target_minutes": ("Target minutes", "{workdays} × {effective_minutes_per_day}"),
        "workdays": ("Workdays", "public holidays left out: {holidays}"),
        "effective_minutes_per_day": ("Effective minutes a day", ""),
        "category": ("{category}", "approved entries: {entries}"),
        "entry_times": ("{date}, {start}–{end}", "revision {revision}"),
        "entry_past_midnight": ("{date}, {start}–{end} the next day", "revision {revision}"),
        "entry_duration": ("{date}, without times", "revision {revision}"),
        "overlap": ("Overlapping time counts once", ""),
        "overlap_day": ("{date}", "{entries} entries share time"),
        "over_day_cap": ("Over the daily cap", "at most {cap} minutes a day"),
        "over_day_cap_day": ("{date}", "{minutes} minutes, {cap} count"),
        "over_max": ("Over the highest score", "at most {max}"),
        "rounding": ("Rounding", "to {places} decimal places"),
    },
}
REASONS: dict[Language, dict[str, str]] = {
    "id": {
        "no_workdays": "Catatan tetap tersimpan. Bulan ini tidak punya hari kerja, jadi belum ada nilai.",
        "no_attendance": "Presensi belum masuk. Bagian disiplin belum dihitung, dan tidak dianggap nol.",
        "open_conflicts": "Catatan tetap tersimpan. Ada konflik yang masih dicek; versi server dihitung.",
        "unsynced_devices": "Catatan di perangkat tetap aman. Yang belum terkirim belum dihitung.",
    },
    "en": {
        "no_workdays": "The entries are kept. This month has no workdays, so there is no score yet.",
        "no_attendance": "Attendance has not arrived. Discipline is not counted yet, and not taken as zero.",
        "open_conflicts": "The entries are kept. A conflict is still open; the server's version counts.",
        "unsynced_devices": "Entries on devices are safe. What has not been sent is not counted yet.",
    },
}
CATEGORIES: dict[Language, dict[str, str]] = {
    "id": {
        "": "Tanpa kategori",
        "main_duty": "Tugas pokok",
        "additional_duty": "Tugas tambahan",
        "special_instruction": "Perintah khusus",
    },
    "en": {
        "": "Without a category",
        "main_duty": "Main duty",
        "additional_duty": "Additional duty",
        "special_instruction": "Special instruction",
    },
}
OPEN_CONFLICT: dict[Language, str] = {
    "id": "konflik masih terbuka, versi server yang dihitung",
    "en": "its conflict is still open, the server's version counts",
}
NO_VALUE: dict[Language, str] = {"id": "belum ada", "en": "none yet"}
UNITS: dict[Language, dict[Unit, str]] = {
    "id": {"points": "", "percent": "%", "minutes": " menit", "days": " hari"},
    "en": {"points": "", "percent": "%", "minutes": " minutes", "days": " days"},
}
MONTHS: dict[Language, tuple[str, ...]] = {
    "id": ("Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov", "Des"),
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
}


def label(node: Node, language: Language) -> str:
    """Return what the row is, in a few words."""
    return ROWS[language][node.code][0].format_map(_words_of(node, language))


def detail(node: Node, language: Language) -> str:
    """Return what the row rests on; empty where the label says it all."""
    text = ROWS[language][node.code][1].format_map(_words_of(node, language))
    if node.params.get("open_conflict"):
        text = f"{text}; {OPEN_CONFLICT[language]}"
    return text


def figure(node: Node, language: Language) -> str:
    """Return the row's value with its unit. Never rounded, so that the rows on a page add up."""
    if node.value is None:
        return NO_VALUE[language]
    return _number(node.value, language) + UNITS[language][node.unit]


def sentence(node: Node, language: Language) -> str:
    """Return the row as a sentence: label, figure, and what it rests on."""
    rests_on = detail(node, language)
    tail = f" ({rests_on})" if rests_on else ""
    return f"{label(node, language)}: {figure(node, language)}{tail}."


def reason_sentence(code: str, language: Language) -> str:
    """Return why a score is provisional. First says whether the work is safe, where that is in doubt."""
    return REASONS[language][code]


def _words_of(node: Node, language: Language) -> Mapping[str, str]:
    words = {child.code: figure(child, language) for child in node.children}
    for name, param in node.params.items():
        words[name] = _word(name, param, language)
    return words


def _word(name: str, param: Param, language: Language) -> str:
    text = "" if param is None else str(param)
    if name == "category":
        return CATEGORIES[language].get(text, text)
    if name == "date":
        year, month, day = text.split("-")
        return f"{int(day)} {MONTHS[language][int(month) - 1]} {year}"
    if name in ("start", "end"):
        return text.replace(":", ".") if language == "id" else text
    if isinstance(param, int):
        return _number(Decimal(param), language)
    return text


def _number(value: Decimal, language: Language) -> str:
    text = f"{value:,f}".replace("-", "−")
    whole, point, places = text.partition(".")
    text = f"{whole}{point}{places[:2]}{places[2:].rstrip('0')}"
    if language == "id":
        return text.translate(str.maketrans(",.", ".,"))
    return text
