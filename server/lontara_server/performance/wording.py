"""Words for a score: each row of an explanation and each reason, in Indonesian and English. No markup.

Figures follow the language: 4.560 and 76,00 in Indonesian, 4,560 and 76.00 in English.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from lontara_server.performance.explanation import ARITHMETIC, Node, Param, Unit
from lontara_server.performance.wording_rows import ROWS, Language

__all__ = ["NO_VALUE", "ROWS", "Language", "detail", "figure", "label", "number", "reason_sentence", "sentence"]


REASONS: dict[Language, dict[str, str]] = {
    "id": {
        "no_workdays": "Catatan tetap tersimpan. Bulan ini tidak punya hari kerja, jadi belum ada nilai.",
        "no_target": "Catatan tetap tersimpan. Semua hari kerja bulan ini cuti, sakit atau belajar, jadi tidak ada target.",
        "no_entries": "Catatan di perangkat tetap aman. Belum ada yang masuk, dan itu tidak dianggap nol.",
        "attendance_incomplete": "Presensi sebagian hari belum masuk. Hari itu tidak dianggap tidak hadir.",
        "attendance_recap_only": "Presensi hanya diketahui dari rekap sebulan; per harinya dibaca paling ringan.",
        "no_behaviour": "Penilaian perilaku belum lengkap. Bagian itu belum dihitung, dan tidak dianggap nol.",
        "no_quality": "Nilai kualitas dari atasan belum ada. Bagian itu belum dihitung, dan tidak dianggap nol.",
        "no_budget_absorption": "Serapan anggaran belum ada. Bagian itu belum dihitung, dan tidak dianggap nol.",
        "no_plan": "Catatan tetap tersimpan. Rencana kinerja tahun ini belum punya capaian yang bisa dihitung.",
        "indicators_incomplete": "Realisasi sebagian indikator belum ada. Indikator itu tidak dianggap nol.",
        "no_attendance": "Presensi belum masuk. Bagian disiplin belum dihitung, dan tidak dianggap nol.",
        "review_incomplete": "Catatan tetap tersimpan. Sebagian masih menunggu tinjauan: belum dihitung, dan tidak dianggap nol.",
        "open_conflicts": "Catatan tetap tersimpan. Ada konflik yang masih dicek; versi server dihitung.",
        "unsynced_devices": "Catatan di perangkat tetap aman. Yang belum terkirim belum dihitung.",
    },
    "en": {
        "no_workdays": "The entries are kept. This month has no workdays, so there is no score yet.",
        "no_target": "The entries are kept. All workdays of this month are leave, sickness or study: there is no target.",
        "no_entries": "Entries on devices are safe. None has arrived yet, and that is not taken as zero.",
        "attendance_incomplete": "Attendance of some days has not arrived. Those days are not taken as absence.",
        "attendance_recap_only": "Attendance is only known from a recap of the month; its days are read at their lightest.",
        "no_behaviour": "Behaviour is not rated completely. That part is not counted yet, and not taken as zero.",
        "no_quality": "The supervisor's mark for quality is not there yet. It is not counted, and not taken as zero.",
        "no_budget_absorption": "Budget absorption is not known yet. It is not counted, and not taken as zero.",
        "no_plan": "The entries are kept. This year's plan has no achievement yet that could be computed.",
        "indicators_incomplete": "Some indicators have no realisation yet. They are not taken as zero.",
        "no_attendance": "Attendance has not arrived. Discipline is not counted yet, and not taken as zero.",
        "review_incomplete": "The entries are kept. Some still wait for a review: not counted yet, and not taken as zero.",
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
STATUSES: dict[Language, dict[str, str]] = {
    "id": {
        "present": "Hadir",
        "official_travel": "Dinas luar",
        "work_from_home": "Kerja dari rumah",
        "study": "Tugas belajar",
        "leave": "Cuti",
        "sick": "Sakit tanpa surat",
        "sick_with_letter": "Sakit dengan surat",
        "permission": "Izin",
        "half_day": "Setengah hari",
        "absent_unexcused": "Tanpa keterangan",
    },
    "en": {
        "present": "Present",
        "official_travel": "Official travel",
        "work_from_home": "Work from home",
        "study": "Study",
        "leave": "Leave",
        "sick": "Sick without a letter",
        "sick_with_letter": "Sick with a letter",
        "permission": "Permission",
        "half_day": "Half day",
        "absent_unexcused": "Absent without a word",
    },
}
BEHAVIOUR_VALUES: dict[Language, dict[str, str]] = {
    "id": {
        "service_oriented": "Berorientasi pelayanan",
        "accountable": "Akuntabel",
        "competent": "Kompeten",
        "harmonious": "Harmonis",
        "loyal": "Loyal",
        "adaptive": "Adaptif",
        "collaborative": "Kolaboratif",
    },
    "en": {
        "service_oriented": "Service-oriented",
        "accountable": "Accountable",
        "competent": "Competent",
        "harmonious": "Harmonious",
        "loyal": "Loyal",
        "adaptive": "Adaptive",
        "collaborative": "Collaborative",
    },
}
ASPECTS: dict[Language, dict[str, str]] = {
    "id": {"quantity": "Kuantitas", "quality": "Kualitas", "time": "Waktu", "cost": "Biaya"},
    "en": {"quantity": "Quantity", "quality": "Quality", "time": "Time", "cost": "Cost"},
}
LEFT_OUT: dict[Language, dict[str, str]] = {
    "id": {"open_conflict": "konfliknya masih terbuka", "late": "ditulis sesudah batas waktu"},
    "en": {"open_conflict": "its conflict is still open", "late": "written after the deadline"},
}
NO_UNIT: dict[Language, str] = {"id": "unit belum diketahui", "en": "unit not known yet"}
OPEN_CONFLICT: dict[Language, str] = {
    "id": "konflik masih terbuka, versi server yang dihitung",
    "en": "its conflict is still open, the server's version counts",
}
NO_VALUE: dict[Language, str] = {"id": "belum ada", "en": "none yet"}
HUNDREDTH = Decimal("0.01")
# Points of a part are no rounded figure, and the base of an allowance is multiplied by them as they are.
TEN_THOUSANDTH = Decimal("0.0001")
LESS_THAN_SHOWN: dict[Language, str] = {"id": "kurang dari 0,01", "en": "less than 0.01"}
UNITS: dict[Language, dict[Unit, str]] = {
    "id": {"points": "", "percent": "%", "minutes": " menit", "days": " hari", "rupiah": " rupiah", "amount": ""},
    "en": {"points": "", "percent": "%", "minutes": " minutes", "days": " days", "rupiah": " rupiah", "amount": ""},
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
    """Return the row's value with its unit, to two places: what lies beyond them is the row of the rounding.

    What an allowance's base is multiplied by is shown to four, so that the amount can be computed again.
    """
    if node.value is None:
        # A cell of the matrix is a rating in words and no figure.
        rating = node.params.get(f"rating_{language}") if node.rule == "cell" else None
        return str(rating or NO_VALUE[language])
    step = TEN_THOUSANDTH if node.code == "part_points" else HUNDREDTH
    shown = node.value.quantize(step, context=ARITHMETIC) if _is_longer(node.value) else node.value
    if node.value and not shown:
        return LESS_THAN_SHOWN[language]
    return number(shown, language) + UNITS[language][node.unit]


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
    # What a row divides may have one of several codes.
    for place, child in zip(("first_figure", "second_figure"), node.children, strict=False):
        words[place] = figure(child, language)
    words["done"], words["asked"] = words.get("first_figure", ""), words.get("second_figure", "")
    words["days_of_work"] = words.get("first_figure", "")
    for name, param in node.params.items():
        words[name] = _word(name, param, language)
    return words


CODED: dict[str, dict[Language, dict[str, str]]] = {
    "category": CATEGORIES,
    "status": STATUSES,
    "value": BEHAVIOUR_VALUES,
    "aspect": ASPECTS,
    "why": LEFT_OUT,
}


def _word(name: str, param: Param, language: Language) -> str:
    text = "" if param is None else str(param)
    if name in CODED:
        return CODED[name][language].get(text, text)
    if name in ("date", "first", "last"):
        year, month, day = text.split("-")
        return f"{int(day)} {MONTHS[language][int(month) - 1]} {year}"
    if name in ("start", "end"):
        return text.replace(":", ".") if language == "id" else text
    if name == "unit":
        return text or NO_UNIT[language]
    if name == "year":
        return text
    if isinstance(param, int):
        return number(Decimal(param), language)
    if name in ("percent", "max", "edge", "cap", "amount", "points", "rating_from") and text:
        return number(Decimal(text), language)
    return text


def _is_longer(value: Decimal) -> bool:
    exponent = value.as_tuple().exponent
    assert isinstance(exponent, int), "a figure is finite"
    return exponent < -2


def number(value: Decimal, language: Language) -> str:
    """Return a figure as the language writes it: 4.560,50 or 4,560.50."""
    text = f"{value:,f}".replace("-", "−")
    whole, point, places = text.partition(".")
    text = f"{whole}{point}{places[:2]}{places[2:].rstrip('0')}"
    if language == "id":
        return text.translate(str.maketrans(",.", ".,"))
    return text
