"""What the console's pages about objections, and what a score page owes a person, say in Indonesian and English. No markup."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

OBJECTION_PAGES: Final[Mapping[str, tuple[str, str]]] = {
    "nav.objections": ("Keberatan", "Objections"),
    "objections": ("Keberatan atas nilai", "Objections to scores"),
    "objections_lead": (
        "Keberatan tidak mengubah nilai dengan sendirinya; seseorang memeriksanya dan menjawab.",
        "An objection changes no score by itself; a person looks into it and answers.",
    ),
    "none_objected": ("Tidak ada keberatan di sini", "No objections here"),
    "none_objected_why": (
        ("Pegawai mengajukannya dari perangkatnya (lontara score object), juga tanpa sinyal; admin dapat mencatatnya di"
        " halaman nilai."),
        ("People object on their device (lontara score object), also without a signal; an admin can write one down on the"
        " page of a score."),
    ),
    "objection_of": ("Keberatan {name}", "Objection of {name}"),
    "objection_lead": ("Nilai {period} · diajukan {when}", "Score of {period} · opened {when}"),
    "written_down_by": ("Dicatat oleh {login}", "Written down by {login}"),
    "objected_by_themselves": ("Ditulis sendiri", "Written by the person"),
    "value_before": ("Nilai saat diajukan", "Score when it was opened"),
    "value_after": ("Nilai setelah dijawab", "Score after the answer"),
    "see_score": ("Lihat hitungan nilainya", "See how the score adds up"),
    "comments": ("Tanggapan", "Comments"),
    "comment": ("Beri tanggapan", "Comment"),
    "comment_why": (
        "Dibaca pegawai dan admin. Yang memutuskan tetap admin.",
        "Read by the person and by admins. An admin decides.",
    ),
    "objection_answer": ("Jawaban", "Answer"),
    "objection_answer_why": (
        "Wajib. Apa yang ditemukan, dan mengapa; dibaca {name} di perangkatnya.",
        "Required. What was found, and why; {name} reads it on the device.",
    ),
    "objection_final": (
        "Jawaban tidak dapat ditarik kembali; pegawai dapat mengajukan keberatan lagi atas bulan itu.",
        "An answer cannot be taken back; the person can object to the month again.",
    ),
    "correction": ("Koreksi (poin)", "Correction (points)"),
    "correction_why": (
        ("Misalnya 1,5 atau -1,5; menjadi baris tersendiri dalam nilai, beserta jawaban sebagai alasannya. Kosongkan bila"
        " datanya sudah dibetulkan: nilai dihitung ulang dari data itu."),
        ("For example 1.5 or -1.5; a row of its own in the score, with the answer as its reason. Leave it empty where the"
        " data has been mended: the score is computed again from it."),
    ),
    "objection_locked": (
        ("Bulan ini terkunci. Keberatan yang diterima ialah satu-satunya cara mengubah nilai yang sudah terbit; nilai lama"
        " tetap terbaca di riwayat."),
        ("This month is locked. An objection that is upheld is the one way to change its published score; the former one"
        " stays readable in the history."),
    ),
    "decide.upheld": ("Terima", "Uphold"),
    "decide.dismissed": ("Tidak diterima", "Dismiss"),
    "decide.withdrawn": ("Dicabut pegawainya", "Withdrawn by the person"),
    "objection_not_saved": ("Belum tersimpan. Tidak ada yang berubah.", "Not saved. Nothing was changed."),
    "object": ("Ajukan keberatan", "Object to this score"),
    "object_for": (
        "Catat keberatan {name}, yang disampaikan lisan atau di kertas. Nilai belum berubah karenanya.",
        "Write down the objection of {name}, made orally or on paper. It does not change the score yet.",
    ),
    "object_own": (
        "Tulis apa yang menurut Anda keliru. Admin memeriksa dan menjawab; nilai belum berubah karenanya.",
        "Write what you think is wrong. An admin looks into it and answers; it does not change the score yet.",
    ),
    "objection_text": ("Apa yang keliru", "What is wrong"),
    "field.text": ("teks", "text"),
    "field.answer": ("jawaban", "answer"),
    "field.correction": ("koreksi", "correction"),
    "field.decision": ("keputusan", "decision"),
    # What is not known yet of a score, and what it was before
    "not_arrived": ("Yang belum diketahui", "What is not known yet"),
    "days_without_feed": (
        "Presensi {n} hari kerja belum masuk; hari itu tidak dianggap tidak hadir: {days}",
        ("Attendance of {n} workday has not arrived; that day is not taken as absence: {days} | "
         "Attendance of {n} workdays has not arrived; those days are not taken as absence: {days}"),
    ),
    "days_without_placement": (
        "Belum ditempatkan di unit mana pun pada {n} hari: {days}",
        "Not placed in any unit on {n} day: {days} | Not placed in any unit on {n} days: {days}",
    ),
    "device_silent": ("{name}: terakhir terdengar {when}", "{name}: last heard {when}"),
    "device_never": ("{name}: belum pernah terdengar", "{name}: never heard yet"),
    "device_holds": ("masih menyimpan {n}", "still holds {n}"),
    "policy_line": ("Kebijakan: {line}", "Policy: {line}"),
    "score_history": ("Riwayat nilai ini", "What this score was before"),
    "history_first": ("hitungan pertama", "first computation"),
    "history_policy": ("kebijakan menjadi {policy}", "policy is now {policy}"),
    "history_change": ("{label}: {before} menjadi {after}", "{label}: {before} becomes {after}"),
    "history_added": ("{label}: {after}", "{label}: {after}"),
    "history_gone": ("{label} tidak lagi dihitung", "{label} is no longer counted"),
    "history_beneath": ("baris di dalamnya berubah", "rows beneath have changed"),
}
