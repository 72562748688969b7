"""What the demo prints, in Indonesian and English. Words of scores are the server's own (`performance.wording`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "server": ("Server: {url}", "Server: {url}"),
    "sign_in": ("Masuk sebagai {logins}; sandi: {password}", "Sign in as {logins}; password: {password}"),
    "data": ("Data: {folder}", "Data: {folder}"),
    "port_taken": ("Port {port} sedang dipakai; mencoba {next}.", "Port {port} is in use; trying {next}."),
    "enrolling": ("Mendaftarkan perangkat", "Enrolling devices"),
    "copying": ("Menyalin log, tanpa sinyal", "Copying the log, without a signal"),
    "writing": ("Menulis di lapangan, tanpa sinyal", "Writing in the field, without a signal"),
    "signal": ("Sinyal kembali", "The signal is back"),
    "reading": ("Membaca yang lain", "Reading what others wrote"),
    "first_edit": ("Ubahan perangkat pertama", "Edits of the first device"),
    "second_edit": ("Ubahan perangkat kedua", "Edits of the second device"),
    "chiefs_read": ("Atasan membaca", "Supervisors read"),
    "chiefs_review": ("Atasan meninjau", "Supervisors review"),
    "computing": ("Menghitung nilai", "Computing scores"),
    "decisions": ("Kabar keputusan", "News of decisions"),
    "return_note": ("Lengkapi uraian hasil kerja.", "Complete the description of the output."),
    "reason": ("Dikonfirmasi lewat telepon dengan pegawai.", "Confirmed with the employee by telephone."),
    "open_conflicts": (
        "Konflik yang terbuka: {url} · masuk dengan sandi di atas.",
        "Open conflicts: {url} · sign in with the password above.",
    ),
    "stays": ("Server tetap berjalan (Ctrl-C untuk berhenti).", "The server keeps running (Ctrl-C stops it)."),
    "latest": (
        "Paling lambat dicatat {days} hari sesudah kerjanya; diterima.",
        "The latest was entered {days} days after the work; it was taken.",
    ),
    # Summary
    "summary": ("Ringkasan", "Summary"),
    "summary_not_whole": ("Ringkasan: ADA CATATAN YANG BELUM TERKIRIM", "Summary: SOME ENTRIES HAVE NOT ARRIVED"),
    "written": ("Catatan ditulis di perangkat", "Entries written on devices"),
    "on_server": ("Catatan di server, tepat sekali", "Entries on the server, exactly once"),
    "unsent": ("Masih aman di perangkat, belum terkirim", "Still safe on devices, not sent"),
    "requests": ("Permintaan lewat jaringan buruk", "Requests over the bad link"),
    "connections": ("Sambungan lewat jaringan buruk", "Connections over the bad link"),
    "whole": ("  di antaranya utuh", "  of these whole"),
    "cut": ("  di antaranya terputus", "  of these cut"),
    "lost": ("  di antaranya jawabannya hilang", "  of these with a lost answer"),
    "bytes_up": ("Bita naik", "Bytes up"),
    "bytes_down": ("Bita turun", "Bytes down"),
    "conflicts_open": ("Konflik terbuka", "Conflicts open"),
    "conflicts_resolved": ("Konflik selesai", "Conflicts resolved"),
    # Scores
    "scores": ("Nilai kinerja", "Performance scores"),
    "person": ("Pegawai", "Employee"),
    "score": ("Nilai", "Score"),
    "entries": ("Catatan disetujui", "Approved entries"),
    "counted": ("Menit dihitung", "Minutes counted"),
    "target": ("Target menit", "Target minutes"),
    "cut_off": ("Tidak dihitung", "Not counted"),
    # A log of one's own
    "overlaps": ("Jam yang tumpang tindih", "Times that overlap"),
    "who": ("Orang", "Person"),
    "date": ("Tanggal", "Date"),
    "entry": ("Catatan", "Entry"),
}


def say(language: str, key: str, **values: object) -> str:
    """The text with this key. The values stand where it names them in braces."""
    indonesian, english = WORDS[key]
    return (english if language == "en" else indonesian).format(**values)
