"""What the demo prints, in Indonesian and English. Words of scores are the server's own (`performance.wording`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from rich.console import Console

from lontara_server.config import Language

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
    "beside": ("Berkas di sebelah log: {names}", "Files beside the log: {names}"),
    "nothing_beside": ("tidak ada", "none"),
    "all_scores": ("Nilai dengan seluruh dasarnya: {url}", "Scores with all that they rest on: {url}"),
    # Attendance
    "punches": (
        "Presensi dari {file}: {rows} rekaman, {mapped} di antaranya milik orang di kantor ini.",
        "Attendance from {file}: {rows} punches, {mapped} of them of people of this office.",
    ),
    "punches_of_nobody": (
        "{count} rekaman dari {pins} PIN bukan milik siapa pun di sini; disimpan, tidak dihitung.",
        "{count} punches of {pins} PINs are nobody's here; they are kept and not counted.",
    ),
    "no_punches": (
        "Tidak ada berkas presensi: bagian disiplin belum dihitung, dan tidak dianggap nol.",
        "There is no attendance file: discipline is not counted, and not taken as zero.",
    ),
    "no_hours": (
        "Jam kerja kantor ini tidak ada di berkas: tidak seorang pun dianggap terlambat.",
        "No file tells this office's working hours: nobody is taken as late.",
    ),
    # Papers
    "recap_file": (
        "Rekap untuk ditandatangani ({people} pegawai, {pages} halaman): {path}",
        "Recaps to sign ({people} people, {pages} pages): {path}",
    ),
    "allowance_file": ("Tabel TPP: {path}", "Table of allowances (TPP): {path}"),
    "invented_bases": (
        "Dasar TPP di dalamnya dikarang untuk peragaan ini.",
        "The bases of the allowance in it are invented for this demo.",
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
    "entries": ("Catatan", "Entries"),
    "counted": ("Menit/\ntarget", "Minutes/\ntarget"),
    "no_feed": ("Hari tanpa\npresensi", "Days without\nattendance"),
    "taken_off": ("Yang mengurangi nilai", "What took away from scores"),
    "why": ("Dari mana nilainya: {name}", "Where the score comes from: {name}"),
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


@dataclass(frozen=True)
class Stage:
    """Where the demo prints, and in which language."""

    console: Console
    language: Language

    def say(self, key: str, **values: object) -> str:
        """A text of the demo."""
        return say(self.language, key, **values)

    def tell(self, key: str, **values: object) -> None:
        """Print a text of the demo, whole on its line however narrow the window is, so that it can be copied."""
        self.console.print(self.say(key, **values), soft_wrap=True, markup=False, highlight=False)
