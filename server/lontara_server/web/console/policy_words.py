"""What the console's pages about policies, trials and drift say, in Indonesian and English. No markup."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

POLICY_PAGES: Final[Mapping[str, tuple[str, str]]] = {
    "nav.policies": ("Kebijakan", "Policies"),
    "policies": ("Kebijakan penilaian", "Scoring policies"),
    "policies_lead": (
        "Angka-angka yang dipakai menghitung nilai. Ubahan selalu menjadi versi baru.",
        "The numbers that scores are computed with. A change is always a new version.",
    ),
    "policy": ("Kebijakan", "Policy"),
    "policy_version": ("versi {n}", "version {n}"),
    "policy_rates": ("Untuk", "Rates"),
    "policy_rates.month": ("nilai bulanan", "scores of months"),
    "policy_rates.year": ("predikat tahunan", "ratings of years"),
    "policy_valid": ("Masa berlaku", "Valid"),
    "policy_from_on": ("mulai {first}", "from {first} on"),
    "policy_from_to": ("{first} – {last}", "{first} – {last}"),
    "policy_use": ("Dipakai", "In use"),
    "policy_holds": ("berlaku sekarang", "holds now"),
    "policy_since": ("mulai {month}", "from {month} on"),
    "policy_not_used": ("belum dipakai", "not in use"),
    "policy_own": ("milik organisasi", "the org's own"),
    "policy_shipped": ("bawaan", "shipped"),
    "policy_basis": ("Dasar", "Basis"),
    "policy_numbers": ("Isi kebijakan", "What it says"),
    "policy_history": ("Riwayat pemakaian", "What was activated"),
    "policy_by": ("{by}, {when}", "{by}, {when}"),
    "trial": ("Coba pada bulan lalu", "Try it on a past month"),
    "trial_year": ("Coba pada tahun yang sudah dinilai", "Try it on a year that is rated"),
    "trial_why": (
        "Tidak ada yang disimpan. Terlihat nilai siapa yang akan berbeda.",
        "Nothing is stored. It shows whose result would be another.",
    ),
    "trial_do": ("Coba", "Try"),
    "trial_found": (
        "{changed} dari {people} pegawai akan bernilai lain pada {period}.",
        "{changed} of {people} people would have another result for {period}.",
    ),
    "trial_none": (
        "Tidak ada nilai yang akan berbeda pada {period}.",
        "No result would be another for {period}.",
    ),
    "trial_risen": ("Akan naik", "Would rise"),
    "trial_fallen": ("Akan turun", "Would fall"),
    "trial_mean": ("Rata-rata selisih", "Mean difference"),
    "trial_allowances": ("Selisih TPP semuanya", "Difference of all allowances"),
    "trial_order": (
        "Yang nilainya akan berbeda, selisih terbesar lebih dulu",
        "Whose result would be another, the largest difference first",
    ),
    "policy_section.weights": ("Bobot", "Weights"),
    "policy_section.working_time": ("Waktu kerja", "Working time"),
    "policy_section.productivity": ("Produktivitas", "Productivity"),
    "policy_section.discipline": ("Disiplin", "Discipline"),
    "policy_section.behaviour": ("Perilaku", "Behaviour"),
    "policy_section.entries": ("Catatan dan tinjauan", "Entries and reviews"),
    "policy_section.score": ("Nilai", "Score"),
    "policy_section.allowance": ("TPP", "Allowance (TPP)"),
    "policy_section.bands": ("Predikat", "Ratings"),
    "policy_section.achievement": ("Capaian", "Achievement"),
    "policy_section.levels": ("Tingkat ekspektasi", "Levels of expectation"),
    "policy_section.matrix": ("Matriks sembilan sel", "Matrix of nine cells"),
    "policy_section.rounding": ("Pembulatan", "Rounding"),
    "trial_now": ("Sekarang", "Now"),
    "trial_then": ("Dicoba", "Tried"),
    "trial_difference": ("Selisih", "Difference"),
    "trial_no_period": (
        "Belum ada nilai tersimpan yang bisa dicoba.",
        "There is no stored result yet that it could be tried on.",
    ),
    "allowance": ("TPP", "Allowance (TPP)"),
    "allowance_note": (
        "Hitungan saja: tidak membayar dan tidak memotong dengan sendirinya.",
        "A figure only: it pays nothing and cuts nothing by itself.",
    ),
    "activate": ("Pakai kebijakan ini", "Let this policy hold"),
    "activate_from": ("Mulai bulan", "From month"),
    "activate_from_year": ("Mulai tahun", "From year"),
    "activate_reason": ("Alasan, misalnya nomor peraturan", "Reason, for example the decree's number"),
    "activate_why": (
        ("Coba dulu di atas: terlihat nilai siapa yang berubah. Nilai sejak bulan itu dihitung ulang; bulan yang terkunci"
         " tetap memakai kebijakan lamanya. Kebijakan lama dapat dipakai lagi dengan cara yang sama."),
        ("Try it above first: it shows whose score changes. Scores from that month on are computed anew; locked months"
         " keep the policy that they were computed with. The former policy can be let hold again in the same way."),
    ),
    "activated": (
        "Tersimpan: berlaku mulai {since}. {n} nilai dihitung ulang.",
        "Saved: it holds from {since} on. {n} scores are computed anew.",
    ),
    "activated_kept": (
        "Bulan terkunci yang tetap memakai kebijakan lamanya: {months}.",
        "Locked months that keep the policy that they were computed with: {months}.",
    ),
    "policy_not_saved": ("Belum tersimpan. Semua nilai tetap seperti semula.", "Not saved. All scores are as they were."),
    "drift": ("Nilai terbit yang akan berbeda", "Published scores that would be others"),
    "drift_lead": (
        "Yang diketahui sesudah bulan dikunci tidak mengubah nilai terbit. Buka bulannya untuk menghitungnya.",
        "What was learned after a month was locked changes no published score. Open the month to count it.",
    ),
    "drift_at": ("Diperiksa {when}.", "Looked at {when}."),
    "drift_never": ("Pemeriksaan malam belum pernah berjalan.", "The nightly verification has never run yet."),
    "drift_none": ("Tidak ada nilai terbit yang akan berbeda", "No published score would be another"),
    "drift_published": ("Terbit", "Published"),
    "drift_fresh": ("Bila dibuka", "If opened"),
    "problem.policy_not_valid": (
        "Tidak ada yang berubah. Kebijakan ini belum atau tidak lagi berlaku pada bulan itu.",
        "Nothing was changed. This policy does not hold in that month yet, or no longer.",
    ),
}
