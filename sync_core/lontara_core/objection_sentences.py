"""The messages and next steps of problems about objections in Indonesian, by their English sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

OBJECTION_MESSAGES: Final[Mapping[str, str]] = {
    "An admin decides on an objection. Nothing was changed.": "Keberatan diputuskan admin.",
    "An objection is the person's own, or written down by an admin for them. Nothing was changed.":
        "Keberatan diajukan pegawainya sendiri, atau dicatat admin untuknya.",
    "An objection to {0} is open already. Nothing was changed.": "Keberatan atas {0} sudah ada dan menunggu jawaban.",
    "An objection to {0} is open already; nothing was saved.": "Keberatan atas {0} sudah ada dan menunggu jawaban.",
    "Nobody comments or decides on their own objection. Nothing was changed.":
        "Keberatan sendiri tidak ditanggapi atau diputuskan sendiri.",
    "Only an objection that is upheld corrects a score. Nothing was changed.":
        "Hanya keberatan yang diterima mengoreksi nilai.",
    "Only the person takes an objection back, or an admin for them. Nothing was changed.":
        "Keberatan dicabut pegawainya sendiri, atau oleh admin untuknya.",
    "The objection is {0} already. Nothing was changed.": "Keberatan ini sudah dijawab atau dicabut ({0}).",
    "The objection is {0} already; nothing was saved.": "Keberatan ini sudah dijawab atau dicabut ({0}).",
    "There is no objection {0}. Nothing was changed.": "Tidak ada keberatan {0}.",
    "There is no such objection here. Nothing was changed.": "Keberatan itu tidak ada di sini.",
    "This is for who supervises the person, or an admin. Nothing was changed.":
        "Ini wewenang atasan pegawai tersebut atau admin.",
    "It is more or fewer points, not 0, at most {0}, with at most 3 places. Nothing was changed.":
        "Isinya tambahan atau pengurangan poin, bukan 0, paling banyak {0}, dengan paling banyak tiga angka di belakang koma.",
    "It has at most {0} characters. Nothing was changed.": "Isinya paling banyak {0} huruf.",
    "{0} has not begun. Nothing was changed.": "{0} belum mulai.",
    "{0} has not begun; nothing was saved.": "{0} belum mulai.",
    "decision is required. Nothing was changed.": "Keputusan belum dipilih.",
    "text is missing; nothing was saved.": "Isinya belum ditulis.",
    "{0} is required. Nothing was changed.": "{0} wajib diisi.",
    "Say one of --uphold and --dismiss. Nothing was changed.": "Sebutkan salah satu: --uphold atau --dismiss.",
}  # fmt: skip

OBJECTION_NEXT_STEPS: Final[Mapping[str, str]] = {
    "Choose one and save.": "Pilih salah satu, lalu simpan.",
    "Look at it again; the person may object once more.": "Lihat lagi; pegawainya boleh mengajukan keberatan sekali lagi.",
    "Write it and save again.": "Tulislah, lalu simpan lagi.",
    "Wait for its answer, or withdraw it first.": "Tunggu jawabannya, atau cabut dahulu.",
    "Write a month that has begun, as YYYY-MM.": "Tulis bulan yang sudah mulai, seperti YYYY-MM.",
    "`lontara-server objection list` shows them.": "`lontara-server objection list` menampilkannya.",
}
