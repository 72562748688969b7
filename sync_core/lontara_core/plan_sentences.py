"""The messages and next steps of problems about plans, behaviour and marks in Indonesian, by their English sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

PLAN_MESSAGES: Final[Mapping[str, str]] = {
    "{0} is no work result of yours; nothing was saved.": "{0} bukan RHK Anda.",
    "A plan does not go from {0} to {1}. Nothing was changed.": "SKP tidak berpindah dari {0} ke {1}.",
    "A plan is returned with a reason, which its owner reads. Nothing was changed.":
        "SKP dikembalikan dengan alasan yang dibaca pemiliknya.",
    "A plan is written by the person, who leads them, or an admin. Nothing was changed.":
        "SKP ditulis oleh pegawainya, atasannya, atau admin.",
    "A post works at least one minute in a year. Nothing was changed.": "Menit kerja setahun paling sedikit satu.",
    "A reason has at most {0} characters. Nothing was changed.": "Alasan paling banyak {0} huruf.",
    "A note has at most {0} characters. Nothing was changed.": "Catatan paling banyak {0} huruf.",
    "A value is rated from 1 to {0}, with at most 2 places. Nothing was changed.":
        "Perilaku dinilai dari 1 sampai {0}, paling banyak dua angka di belakang koma.",
    "An admin names the assessor. Nothing was changed.": "Pejabat penilai ditetapkan admin.",
    "An admin tells how much of a budget is spent. Nothing was changed.": "Serapan anggaran diisi admin.",
    "Nobody decides on their own plan or rates themselves. Nothing was changed.":
        "SKP sendiri tidak diputuskan sendiri, dan perilaku sendiri tidak dinilai sendiri.",
    "Only an admin opens a plan again that is final. Nothing was changed.": "SKP yang final hanya dibuka lagi oleh admin.",
    "That is no year. Nothing was changed.": "Itu bukan tahun.",
    "The plan cannot be submitted: {0}. Nothing was changed.":
        "SKP belum dapat diajukan: belum ada RHK, atau ada RHK tanpa indikator.",
    "The plan is {0} and is not written on. Nothing was changed.": "SKP berkeadaan {0} dan tidak dapat diubah isinya.",
    "The work result is no longer as you saw it. Nothing was changed.": "RHK ini tidak lagi seperti yang Anda lihat.",
    "There is no indicator {0} in this plan. Nothing was changed.": "Tidak ada indikator {0} dalam SKP ini.",
    "There is no plan {0}. Nothing was changed.": "Tidak ada SKP {0}.",
    "There is no state {0}. Nothing was changed.": "Tidak ada keadaan {0}.",
    "There is no work result {0} in this plan. Nothing was changed.": "Tidak ada RHK {0} dalam SKP ini.",
    "There is no mark {0}. Nothing was changed.": "Tidak ada penilaian {0}.",
    "This is for the person's assessor or an admin. Nothing was changed.":
        "Ini wewenang pejabat penilai pegawai tersebut atau admin.",
    "value is missing. Nothing was changed.": "Belum ada nilai yang diisi.",
    "{0} has a plan for these days already. Nothing was changed.": "{0} sudah punya SKP untuk tanggal itu.",
    "{0} has no plan for {1}. Nothing was changed.": "{0} belum punya SKP {1}.",
    "{0} is given for a {1}. Nothing was changed.": "Penilaian {0} diberikan untuk satu bulan atau satu tahun, sesuai jenisnya.",
    "{0} is locked. Nothing was changed.": "{0} sudah dikunci.",
    "{0} is missing. Nothing was changed.": "{0} belum diisi.",
    "{0} is none of the seven values. Nothing was changed.": "{0} bukan salah satu dari tujuh nilai BerAKHLAK.",
    "{0} is not NAME=N. Nothing was changed.": "{0} bukan NAMA=N.",
    "The period has not begun. Nothing was changed.": "Periode itu belum mulai.",
    "It is none of the choices. Nothing was changed.": "Nilainya bukan salah satu pilihan.",
    "It is yes or no. Nothing was changed.": "Isinya ya atau tidak.",
    "It is a percentage from 0 to 100, with at most 2 places. Nothing was changed.":
        "Isinya persen dari 0 sampai 100, paling banyak dua angka di belakang koma.",
    "It has more than {0} characters. Nothing was changed.": "Isinya lebih dari {0} huruf.",
    "It belongs to another work result. Nothing was changed.": "Bagian itu milik RHK lain.",
    "A figure has at most 12 digits and 4 places. Nothing was changed.":
        "Angka paling banyak 12 digit dan empat angka di belakang koma.",
    "A quarter is 1, 2, 3 or 4. Nothing was changed.": "Triwulan adalah 1, 2, 3, atau 4.",
    "A target of 0 is met only where lower is better. Nothing was changed.":
        "Target 0 hanya berlaku bila makin rendah makin baik.",
    "A work result serves one of a superior. Nothing was changed.": "RHK mendukung RHK seorang atasan.",
    "A work result has at most {0} indicators and as many actions. Nothing was changed.":
        "Satu RHK paling banyak berisi {0} indikator dan {0} rencana aksi.",
    "A work result of this title is in the plan already. Nothing was changed.": "RHK dengan judul itu sudah ada dalam SKP ini.",
    "Two have the same title. Nothing was changed.": "Ada dua yang berjudul sama.",
    "A plan's year lies between {0} and {1}. Nothing was changed.": "Tahun SKP berada antara {0} dan {1}.",
    "The plan's days lie in its year, the first before the last. Nothing was changed.":
        "Masa SKP berada dalam tahunnya, dan awalnya sebelum akhirnya.",
    "Nobody assesses themselves. Nothing was changed.": "Tidak ada yang menilai dirinya sendiri.",
    "Nobody here has the NIP {0}. Nothing was changed.": "Tidak ada pegawai dengan NIP {0}.",
}  # fmt: skip

PLAN_NEXT_STEPS: Final[Mapping[str, str]] = {
    "See `lontara targets`.": "Lihat `lontara targets`.",
    "Add what is missing, then submit it.": "Lengkapi dulu, lalu ajukan.",
    "Ask the assessor or an admin.": "Minta kepada pejabat penilai atau admin.",
    "Fill it in and save again.": "Isi, lalu simpan lagi.",
    "Have it returned first.": "Minta dikembalikan dulu.",
    "Look at it again, then save.": "Lihat lagi, lalu simpan.",
    "Open it first: `lontara-server period unlock {0}`.": "Buka dulu: `lontara-server period unlock {0}`.",
    "Open that plan, or choose other days.": "Buka SKP itu, atau pilih tanggal lain.",
    "Open the plan again.": "Buka lagi SKP-nya.",
    "Values: {0}.": "Nilai: {0}.",
    "Write a month as YYYY-MM or a year as YYYY.": "Tulis bulan sebagai YYYY-MM atau tahun sebagai YYYY.",
    "Write less.": "Tulis lebih pendek.",
    "`lontara-server plan list` shows every plan.": "`lontara-server plan list` menampilkan semua SKP.",
}

# What is wrong in a cell of a file of plans.
PLAN_FAULTS: Final[Mapping[str, str]] = {
    "the cell is empty": "selnya kosong",
    "the value cannot be used": "isinya tidak dapat dipakai",
    "it is no year": "bukan tahun",
    "it is none of the choices": "bukan salah satu pilihan",
    "row {0} says otherwise of the same plan": "baris {0} mengatakan lain tentang SKP yang sama",
    "row {0} says otherwise of the same work result": "baris {0} mengatakan lain tentang RHK yang sama",
    "row {0} says otherwise of the same indicator": "baris {0} mengatakan lain tentang indikator yang sama",
    "another row says otherwise of the same action": "baris lain mengatakan lain tentang rencana aksi yang sama",
    "nobody assesses themselves": "tidak ada yang menilai dirinya sendiri",
    "there is another plan for these days": "sudah ada SKP lain untuk tanggal itu",
    "the plan's days lie in its year, the first before the last": "masa SKP berada dalam tahunnya, awal sebelum akhir",
    "the plan is {0} and is not written on; have it returned first":
        "SKP berkeadaan {0} dan isinya tidak dapat diubah; minta dikembalikan dulu",
    "no superior has a work result of this title": "tidak ada atasan yang punya RHK berjudul ini",
    "several have it: add supports_nip": "beberapa atasan memilikinya: tambahkan supports_nip",
}  # fmt: skip
