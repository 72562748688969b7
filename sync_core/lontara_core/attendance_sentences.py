"""The messages and next steps of problems about attendance, calendars and holidays in Indonesian, by their English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

ATTENDANCE_MESSAGES: Final[Mapping[str, str]] = {
    "A day is closed when it is over. Nothing was changed.": "Suatu hari ditutup sesudah hari itu lewat.",
    "A machine's name has at most {0} characters. Nothing was changed.": "Nama mesin paling banyak {0} huruf.",
    "A serial number has 1 to 40 letters, digits, dots, hyphens or underscores. Nothing was changed.":
        "Nomor seri berisi 1 sampai 40 huruf, angka, titik, tanda hubung, atau garis bawah.",
    "A week has 5 or 6 workdays. Nothing was changed.": "Satu pekan berisi 5 atau 6 hari kerja.",
    "At most {0} days are told at once. Nothing was changed.": "Paling banyak {0} hari sekaligus.",
    "Attendance is told by the supervisor of that day or an admin, never by the person. Nothing was changed.":
        "Presensi diisi atasan pada hari itu atau admin, tidak oleh pegawainya sendiri.",
    "Hours are given for each workday and for no other day. Nothing was changed.":
        "Jam diisi untuk setiap hari kerja dan hanya hari kerja.",
    "Machines are looked after by an admin of the whole organisation. Nothing was changed.":
        "Mesin diurus admin seluruh organisasi.",
    "Minutes are a whole number below {0}. Nothing was changed.": "Menit adalah bilangan bulat di bawah {0}.",
    "Minutes are corrected of a day that somebody was present on. Nothing was changed.":
        "Menit hanya dikoreksi pada hari pegawai itu hadir.",
    "No calendar held before, so none could take over afterwards. Nothing was changed.":
        "Sebelumnya belum ada kalender, jadi tidak ada yang berlaku sesudahnya.",
    "No working calendar holds on that day. Nothing was changed.": "Belum ada kalender kerja yang berlaku hari itu.",
    "None of the {0} rows is a punch. Nothing was imported.": "Dari {0} baris tidak ada satu pun yang berupa presensi.",
    "The XML was not read: {0}. Nothing was imported.": "XML-nya tidak dibaca.",
    "The day has not come. Nothing was changed.": "Hari itu belum tiba.",
    "The file has more than {0} rows. Nothing was imported.": "Berkasnya lebih dari {0} baris.",
    "The file is larger than {0} bytes. Nothing was imported.": "Berkasnya lebih besar dari {0} bita.",
    "The grace is 0 to {0} minutes. Nothing was changed.": "Toleransi 0 sampai {0} menit.",
    "The last day lies before the first. Nothing was changed.": "Hari terakhir mendahului hari pertama.",
    "There is no attendance {0}. Nothing was changed.": "Tidak ada presensi {0}.",
    "There is no machine {0}. Nothing was changed.": "Tidak ada mesin {0}.",
    "This key opens for no machine of this serial number. Nothing was taken in.":
        "Kunci ini bukan kunci mesin bernomor seri itu.",
    "What is said of a day has a reason. Nothing was changed.": "Keterangan suatu hari harus beralasan.",
    "{0} is no PIN. Nothing was changed.": "{0} bukan PIN.",
    "{0} is no holiday here. Nothing was changed.": "{0} bukan hari libur di sini.",
    "{0} is no order of columns. Nothing was changed.": "{0} bukan urutan kolom.",
    "{0} says no hours of weekdays. Nothing was changed.": "{0} bukan jam hari kerja.",
}
ATTENDANCE_NEXT_STEPS: Final[Mapping[str, str]] = {
    "An admin makes a new key: lontara-server attendance machine add.":
        "Admin membuat kunci baru: lontara-server attendance machine add.",
    "Ask the supervisor or an admin.": "Tanyakan kepada atasan atau admin.",
    "Check --format, and with --columns the order of the columns.":
        "Periksa --format, dan urutan kolom lewat --columns.",
    "Choose one of {0}.": "Pilih salah satu: {0}.",
    "Correct it and send it again.": "Betulkan lalu kirim lagi.",
    "Export the log again, or import it as attlog.dat or CSV.":
        "Ekspor lagi dari mesin, atau impor sebagai attlog.dat atau CSV.",
    "Name pin, at (or date and time) and status once each; machine, verify, work_code and - for others.":
        "Sebutkan pin, at (atau date dan time), dan status masing-masing sekali; machine, verify, work_code, dan - "
        "untuk yang lain.",
    "Set one first: `lontara-server calendar set`.": "Atur dulu: `lontara-server calendar set`.",
    "Write the number under which the machine knows the person.": "Tulis nomor pegawai itu di mesin.",
    "Write weekdays and times, for example 1-4=07:30-16:00 and 5=07:30-16:30.":
        "Tulis hari dan jam, misalnya 1-4=07:30-16:00 dan 5=07:30-16:30.",
    "Write why, for example the number of the letter.": "Tulis alasannya, misalnya nomor suratnya.",
    "`lontara-server attendance machine list` shows every machine.":
        "`lontara-server attendance machine list` menampilkan semua mesin.",
    "`lontara-server holiday list` shows every holiday.": "`lontara-server holiday list` menampilkan semua hari libur.",
}
