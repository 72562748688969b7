"""What the page of a score says of its parts, its days and its policy, in Indonesian and English. No markup."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

SCORE_PAGES: Final[Mapping[str, tuple[str, str]]] = {
    "score_summary": ("Ringkasan", "Summary"),
    "score_bar": ("Dari {max}: {parts}.", "Of {max}: {parts}."),
    "score_bar_part": ("{part} menyumbang {points} dari {weight}", "{part} adds {points} of {weight}"),
    "score_bar_unknown": ("{part} ({weight}) belum diketahui", "{part} ({weight}) is not known yet"),
    "not_known_yet": ("belum diketahui", "not known yet"),
    "part.productivity": ("Produktivitas", "Productivity"),
    "part.discipline": ("Disiplin", "Discipline"),
    "part.behaviour": ("Perilaku", "Behaviour"),
    "part.budget_absorption": ("Serapan anggaran", "Budget absorption"),
    "part.static": ("Bagian tetap", "Static part"),
    "days_to_come": (
        "Bulan ini masih berjalan: {n} hari kerja lagi.",
        "The month still goes on; {n} workday to come. | The month still goes on; {n} workdays to come.",
    ),
    "policy_named": ("Kebijakan: {title} ({policy}, versi {version}).", "Policy: {title} ({policy}, version {version})."),
    "no_sanction": (
        "Nilai ini tidak memicu sanksi dengan sendirinya.",
        "A score causes no sanction by itself.",
    ),
    "see_policy": ("Baca isi kebijakan", "Read what the policy says"),
    "open_all": ("Buka semua rincian", "Open every detail"),
    "score_search": ("Nama atau NIP", "Name or NIP"),
    "nobody_fits": ("Tidak ada yang cocok", "Nobody fits"),
    "nobody_fits_why": (
        "Coba sebagian nama atau beberapa angka NIP, atau pilih bulan lain.",
        "Try a part of the name or some digits of the NIP, or choose another month.",
    ),
    "being_recomputed": ("sedang dihitung ulang", "being computed again"),
}
