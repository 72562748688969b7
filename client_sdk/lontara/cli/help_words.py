"""The help of `lontara` in Indonesian, by its English sentence; a test asks for every one of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

HELP: Final[Mapping[str, str]] = {
    # the program and the device
    "Catatan kegiatan harian, juga tanpa sinyal (daily activity log, also without a signal).":
        "Catatan kegiatan harian, juga tanpa sinyal.",
    "Where the store is.": "Tempat penyimpanan di perangkat ini.",
    "PIN of the store (better: the environment variable LONTARA_PIN).":
        "PIN penyimpanan (lebih baik: variabel lingkungan LONTARA_PIN).",
    "Show the version and exit.": "Tampilkan versi program.",
    "Enrol this device.": "Daftarkan perangkat ini.",
    "One-time code from the admin.": "Kode sekali pakai dari admin.",
    "The server's key, where it is known beforehand.": "Kunci server, bila sudah diketahui lebih dulu.",
    "What admins call this device; else the machine's own name.":
        "Nama perangkat ini di daftar admin; tanpa ini nama mesinnya.",
    "Allow plain http inside a closed network.": "Izinkan http tanpa enkripsi di dalam jaringan tertutup.",
    "Do not ask back where the device is enrolled already.": "Jangan tanya lagi bila perangkat sudah terdaftar.",
    "The PIN of the store.": "PIN penyimpanan.",
    "Change the PIN; the new one is asked for twice.": "Ganti PIN; yang baru ditanyakan dua kali.",
    "Better: the environment variable LONTARA_NEW_PIN.": "Lebih baik: variabel lingkungan LONTARA_NEW_PIN.",
    "Your scores, as the server has sent them.": "Nilai Anda, seperti yang dikirim server.",
    "Check the store's file and the chain of every operation.":
        "Periksa berkas penyimpanan dan rantai setiap perubahan.",
    "Look at clock, disk, store and link in plain words.":
        "Lihat jam, disk, penyimpanan, dan hubungan, dengan kata-kata biasa.",
    # entries
    "Save an entry.": "Simpan sebuah catatan.",
    "Keep it here; `lontara submit ID` submits it.": "Simpan di sini dulu; `lontara submit NOMOR` mengajukannya.",
    "2026-11-20 or 20-11-2026.": "20-11-2026 atau 2026-11-20.",
    "08:00, 8.00 or 8.": "08:00, 8.00, atau 8.",
    "Not after --start means the next day.": "Bila tidak sesudah --start, berarti hari berikutnya.",
    "In minutes, where there are no times.": "Dalam menit, bila tidak ada jam.",
    "12 or 3,5.": "12 atau 3,5.",
    "Number or id of a work result (RHK); see `lontara targets`.": "Nomor RHK; lihat `lontara targets`.",
    "tugas-pokok, tugas-tambahan or perintah-khusus.": "tugas-pokok, tugas-tambahan, atau perintah-khusus.",
    "Do not ask back.": "Jangan tanya lagi.",
    "Submit drafts.": "Ajukan draf.",
    "Submit every draft of this day.": "Ajukan semua draf tanggal ini.",
    "Change an entry.": "Ubah sebuah catatan.",
    "\b\nFields (isian): tanggal (work_date), mulai (start_time), selesai (end_time), menit (duration_minutes),"
    "\nkegiatan (title), uraian (description), jumlah (quantity), satuan (output_unit), kategori (category),"
    "\nrhk (target_id), tempat (place). An empty value empties the field.":
        "\b\nIsian: tanggal, mulai, selesai, menit, kegiatan, uraian, jumlah, satuan, kategori, rhk, tempat."
        "\nNilai kosong mengosongkan isian.",
    "Delete an entry; `restore` brings it back.": "Hapus sebuah catatan; `restore` mengembalikannya.",
    "Bring a deleted entry back.": "Kembalikan catatan yang dihapus.",
    "Copy a day's entries to another day, as drafts.": "Salin catatan suatu hari ke hari lain, sebagai draf.",
    "Take over a log of another system (CSV).": "Ambil alih catatan dari sistem lain (CSV).",
    "List entries.": "Tampilkan daftar catatan.",
    "Show an entry with what was decided about it.": "Tampilkan sebuah catatan dengan keputusan tentangnya.",
    "List your work results (RHK) with the numbers that `add --target` takes.":
        "Tampilkan RHK Anda dengan nomor untuk `add --target`.",
    "This year where it is not given.": "Tahun ini bila tidak disebut.",
    # sending
    "How safe the work is.": "Seberapa aman catatan Anda.",
    "Also ids and counts for the admin who helps.": "Juga nomor dan hitungan untuk admin yang membantu.",
    "Send what waits and read what is new.": "Kirim yang menunggu dan baca yang baru.",
    "Send and read once (the default).": "Kirim dan baca sekali (bawaan).",
    "Go on in the background until interrupted.": "Terus berjalan sampai dihentikan.",
    "Seconds between two looks, with --watch.": "Jeda dalam detik, dengan --watch.",
    "--once and --watch exclude each other": "--once dan --watch tidak dipakai bersama.",
    # what needs a person
    "What needs you, and what was decided.": "Yang perlu Anda tangani, dan yang sudah diputuskan.",
    "Mark decisions and rejections as read.": "Tandai keputusan dan penolakan sudah dibaca.",
    "Take a refused operation off the list; its text stays in the history.":
        "Lepaskan kiriman yang ditolak dari daftar; isinya tetap di riwayat.",
    "Replace a rejected operation.": "Betulkan kiriman yang ditolak.",
    "Conflicts that concern you, and how they were decided.": "Konflik yang menyangkut Anda, dan keputusannya.",
    "List conflicts.": "Tampilkan daftar konflik.",
    "Show one conflict.": "Tampilkan satu konflik.",
    "Say something to a conflict.": "Beri keterangan pada suatu konflik.",
    # objections
    "Your scores and objections, as the server has sent them.": "Nilai dan keberatan Anda, seperti yang dikirim server.",
    "Your objections with their answers.": "Keberatan Anda dengan jawabannya.",
    "Object to a score.": "Ajukan keberatan atas nilai.",
    "Take an open objection back.": "Tarik keberatan yang masih terbuka.",
    "What is wrong.": "Yang keliru.",
    # reviews
    "Reviews by a supervisor, also without a signal.": "Tinjauan atasan, juga tanpa sinyal.",
    "Entries that wait for you.": "Catatan yang menunggu tinjauan Anda.",
    "Approve entries.": "Setujui catatan.",
    "Return entries with a note.": "Kembalikan catatan dengan pesan.",
    "Reject entries with a reason.": "Tolak catatan dengan alasan.",
    "Take an approval back; the entry waits for a review again.":
        "Tarik persetujuan; catatan menunggu tinjauan lagi.",
}  # fmt: skip
