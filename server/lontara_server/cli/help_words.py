"""The help of `lontara-server` in Indonesian, by its English sentence; a test asks for every one of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from lontara_server.cli.help_words_people import PEOPLE_HELP

HELP: Final[Mapping[str, str]] = {
    **PEOPLE_HELP,
    # the program
    "Server Lontara: menerima catatan kegiatan dan menghitung nilai (receives activity entries, computes scores).":
        "Server Lontara: menerima catatan kegiatan dan menghitung nilai.",
    "The server's files. Environment: LONTARA_SERVER_DATA_DIR; LONTARA_DATA_DIR is the device's and only taken where"
    " that is not set.":
        "Berkas server. Lingkungan: LONTARA_SERVER_DATA_DIR; LONTARA_DATA_DIR milik perangkat dan hanya dipakai bila yang"
        " pertama tidak diisi.",
    "Default: SQLite in the data directory.": "Bawaan: SQLite di folder data.",
    "The org that is meant.": "Organisasi yang dimaksud.",
    "Your own name, for the audit trail.": "Nama Anda sendiri, untuk jejak audit.",
    "Show the version and exit.": "Tampilkan versi program.",
    "Print JSON.": "Cetak JSON.",
    # setting up
    "Set a new server up, with its first org and admin.": "Siapkan server baru, dengan organisasi dan admin pertama.",
    "Better: the environment LONTARA_ADMIN_PASSWORD.": "Lebih baik: variabel lingkungan LONTARA_ADMIN_PASSWORD.",
    "Orgs: one server may hold several.": "Organisasi: satu server boleh memuat beberapa.",
    "Make another org.": "Buat organisasi lain.",
    "List the orgs of this server.": "Tampilkan organisasi di server ini.",
    "Accounts of the console.": "Akun konsol.",
    "Make an account.": "Buat akun.",
    "List the accounts.": "Tampilkan daftar akun.",
    "Sees this unit only.": "Hanya melihat unit ini.",
    "Is this employee; a supervisor needs it.": "Milik pegawai ini; wajib bagi atasan.",
    "Better: the environment LONTARA_USER_PASSWORD.": "Lebih baik: variabel lingkungan LONTARA_USER_PASSWORD.",
    "Give an account a new password; its sessions end.": "Beri akun kata sandi baru; sesinya berakhir.",
    "Close an account; its sessions end.": "Tutup akun; sesinya berakhir.",
    "Open an account again.": "Buka akun lagi.",
    "Serve until stopped. Port 0 takes a free one.": "Layani sampai dihentikan. Port 0 memakai yang kosong.",
    "Processes that serve; more than one needs PostgreSQL. One a core is a good number.":
        "Banyak proses yang melayani; lebih dari satu perlu PostgreSQL. Satu per inti prosesor biasanya tepat.",
    "Leave scores and the other jobs to `worker`; needs PostgreSQL.":
        "Serahkan nilai dan pekerjaan lain kepada `worker`; perlu PostgreSQL.",
    "Compute scores and run the other jobs until stopped. Any number may run at once, on any machine.":
        "Hitung nilai dan jalankan pekerjaan lain sampai dihentikan. Boleh beberapa sekaligus, di mesin mana pun.",
    "Needs PostgreSQL: on SQLite `run` does this itself. Servers beside it may be started with `run --without-jobs`.":
        "Perlu PostgreSQL: pada SQLite `run` mengerjakannya sendiri. Server di sampingnya boleh dijalankan dengan"
        " `run --without-jobs`.",
    "Several share the work; what one that dies has not finished, another does.":
        "Beberapa berbagi pekerjaan; yang belum selesai pada satu yang mati dikerjakan yang lain.",
    "Bring the database up to date after an update.": "Sesuaikan basis data setelah program diperbarui.",
    "Print the SQL that spreads the tables over a Citus cluster by org.":
        "Cetak SQL yang menyebar tabel ke kluster Citus menurut organisasi.",
    "With --citus: bring the database up to date and carry it out.":
        "Dengan --citus: sesuaikan basis data dan jalankan.",
    "What the server holds and what waits.": "Isi server dan apa yang menunggu.",
    # devices, quarantine
    "Devices of the employees.": "Perangkat pegawai.",
    "Make a code that enrols one device within 15 minutes.":
        "Buat kode yang mendaftarkan satu perangkat dalam 15 menit.",
    "List the devices.": "Tampilkan daftar perangkat.",
    "Take a device's access away; what it still sends waits for a decision.":
        "Cabut akses perangkat; yang masih dikirimnya menunggu keputusan.",
    "Give a revoked device its access back.": "Pulihkan akses perangkat yang dicabut.",
    "Work of revoked and copied devices, kept until a person decides.":
        "Kiriman perangkat yang dicabut atau disalin, disimpan sampai diputuskan.",
    "List what was set aside, decided or not.": "Tampilkan yang disisihkan, sudah diputuskan atau belum.",
    "Show what was written in it.": "Tampilkan isinya.",
    "Let the work count as its author's, once.": "Terima sebagai pekerjaan penulisnya, satu kali.",
    "Why it may count.": "Mengapa boleh dihitung.",
    "Leave the work without effect; it stays readable.": "Biarkan tidak berlaku; isinya tetap terbaca.",
    "Why it does not count.": "Mengapa tidak dihitung.",
    # conflicts, reviews
    "Conflicts that wait for a person, and what was decided.": "Konflik yang menunggu orang, dan keputusannya.",
    "List conflicts, the newest first.": "Tampilkan konflik, yang terbaru dulu.",
    "Only what still waits.": "Hanya yang masih menunggu.",
    "Show the versions side by side, with the history.": "Tampilkan versi-versinya berdampingan, dengan riwayat.",
    "Decide a conflict.": "Putuskan konflik.",
    "Whose values stand; DEVICE names one candidate. For a late entry `server` lets it count.":
        "Isi siapa yang berlaku; DEVICE menyebut salah satu calon. Untuk catatan terlambat, `server` berarti dihitung.",
    "A value of your own, once per field.": "Nilai sendiri, sekali untuk tiap isian.",
    "Entries that overlap or are alike: all of them stand.":
        "Catatan yang tumpang tindih atau mirip: semuanya tetap.",
    "The entry that stays; the others are voided.": "Catatan yang tetap; yang lain dibatalkan.",
    "The entry to void.": "Catatan yang dibatalkan.",
    "What the worker reads.": "Yang dibaca pegawai.",
    "The `hash` that `show --json` printed; another state is refused.":
        "`hash` yang dicetak `show --json`; keadaan lain ditolak.",
    "Take a decision back.": "Tarik keputusan.",
    "Entries that wait for a supervisor.": "Catatan yang menunggu atasan.",
    "List what waits, by date; each with the revision and hash that a verdict names.":
        "Tampilkan yang menunggu menurut tanggal; masing-masing dengan revisi dan hash untuk putusannya.",
    "Show one entry, with the revision and hash that a verdict names.":
        "Tampilkan satu catatan, dengan revisi dan hash untuk putusannya.",
    "Approve an entry.": "Setujui catatan.",
    "The revision that was judged.": "Revisi yang ditinjau.",
    "The hash that `review show` printed.": "Hash yang dicetak `review show`.",
    "Send an entry back with a note.": "Kembalikan catatan dengan pesan.",
    "Reject an entry.": "Tolak catatan.",
    "Take an approval back: the entry waits for a review again.": "Tarik persetujuan: catatan menunggu tinjauan lagi.",
    # months, policies, scores
    "Months whose scores are published.": "Bulan yang nilainya sudah terbit.",
    "List the months that were ever locked.": "Tampilkan bulan yang pernah dikunci.",
    "Lock a month; what arrives for it later asks an admin first.":
        "Kunci bulan; yang tiba sesudahnya ditanyakan dulu kepada admin.",
    "Open a month again.": "Buka bulan lagi.",
    "Policies: the local numbers that scores are computed with.": "Kebijakan: angka-angka daerah untuk menghitung nilai.",
    "List the policies and which of them hold now.": "Tampilkan kebijakan dan mana yang berlaku sekarang.",
    "Show one policy.": "Tampilkan satu kebijakan.",
    "The newest where it is not given.": "Yang terbaru bila tidak disebut.",
    "Read a policy's file and say what is wrong, with its line. Changes nothing.":
        "Baca berkas kebijakan dan sebutkan kesalahan dengan barisnya. Tidak mengubah apa pun.",
    "Add a policy to the org's. It counts only once it is activated.":
        "Tambahkan kebijakan. Baru berlaku setelah diaktifkan.",
    "Say what would happen, and change nothing.": "Sebutkan apa yang akan terjadi, tanpa mengubah apa pun.",
    "Let a policy hold from a month on. Its scores are computed anew; those of locked months stay as they are.":
        "Berlakukan kebijakan mulai suatu bulan. Nilainya dihitung ulang; bulan yang terkunci tetap.",
    "First month; of a year's policy, the year.": "Bulan pertama; untuk kebijakan tahunan, tahunnya.",
    "For example the decree's number.": "Misalnya nomor peraturannya.",
    "What would change, and for whom, if this policy had held. Stores nothing.":
        "Apa yang akan berubah, dan bagi siapa, bila kebijakan ini berlaku. Tidak menyimpan apa pun.",
    "A past month; for a year's policy, a year.": "Bulan yang lalu; untuk kebijakan tahunan, tahun.",
    "Scores with what they rest on.": "Nilai dengan dasarnya.",
    "Compute a month's scores and store them. In a locked month they rest on what they were published with.":
        "Hitung nilai suatu bulan dan simpan. Di bulan terkunci dasarnya tetap yang diterbitkan.",
    "Only this person; everybody where it is not given.": "Hanya pegawai ini; semua bila tidak disebut.",
    "Show a score and every row that it is made of, and the allowance (TPP) that it comes to.":
        "Tampilkan nilai dengan semua baris penyusunnya, dan TPP yang dihasilkan.",
    "Show each figure that a score has had, the newest first.": "Tampilkan setiap angka yang pernah ada, yang terbaru dulu.",
    "Print JSON, each figure with its whole document.": "Cetak JSON, tiap angka dengan seluruh uraiannya.",
    "Published scores of locked months that what is known now would change. Changes none of them.":
        "Nilai terbit di bulan terkunci yang kini akan berbeda. Tidak mengubah satu pun.",
    "They change when the month is opened again (`period unlock`). Exit 4 where there are any.":
        "Berubah bila bulannya dibuka lagi (`period unlock`). Kode keluar 4 bila ada.",
    "Only this locked month; all of them where it is not given.": "Hanya bulan terkunci ini; semua bila tidak disebut.",
    "Rate a person's year from agreed plans and behaviour, store the rating and show what it is made of.":
        "Nilai tahun seorang pegawai dari SKP dan perilaku yang disepakati, simpan, dan tampilkan penyusunnya.",
    "Compute every score from scratch. Locked months rest on what they were published with, beside their entries.":
        "Hitung semua nilai dari awal. Bulan terkunci memakai dasar saat terbit, di samping catatannya.",
    "With --check: exit 0 all equal, 1 some differ, 4 only scores differ that wait for their computation already.":
        "Dengan --check: kode keluar 0 semua sama, 1 ada yang berbeda, 4 yang berbeda hanya yang memang menunggu hitungan.",
    "Write nothing; exit 1 where a stored score differs.": "Tidak menulis apa pun; kode keluar 1 bila ada yang berbeda.",
    "Only this month; everything where it is not given.": "Hanya bulan ini; semua bila tidak disebut.",
    "Share the work on PostgreSQL; one a core where it is not given.":
        "Bagi pekerjaan pada PostgreSQL; satu per inti prosesor bila tidak disebut.",
    # evidence, backups
    "What other systems read.": "Yang dibaca sistem lain.",
    "Print every entry as it stands.": "Cetak semua catatan apa adanya.",
    "A JSON array, one entry a line; there is no other form yet.":
        "Larik JSON, satu catatan satu baris; bentuk lain belum ada.",
    "Replay every signed batch and the feed; exit 1 where something does not hold.":
        "Putar ulang setiap kiriman bertanda tangan dan urutannya; kode keluar 1 bila ada yang tidak cocok.",
    "Copy the whole server into one file while it runs.": "Salin seluruh server ke satu berkas selagi berjalan.",
    "Write a backup, read it back, and let devices know. It holds the server's keys: keep it like them.":
        "Tulis cadangan, baca ulang, dan beri tahu perangkat. Isinya memuat kunci server: jaga seperti kuncinya.",
    "Read a backup whole and prove every part of it.": "Baca seluruh cadangan dan buktikan tiap bagiannya.",
    "Put a backup in the server's place. The server is stopped; what is replaced is kept aside.":
        "Pasang cadangan sebagai server. Server dihentikan dulu; yang diganti tetap disimpan.",
    "Devices offer again what the backup lacks. What was done in the console after it is lost, and named here.":
        "Perangkat menawarkan lagi yang kurang. Yang dikerjakan lewat konsol sesudahnya hilang, dan disebutkan di sini.",
    "The database was put back by other means: prove it, begin a new epoch.":
        "Basis data dikembalikan dengan cara lain: buktikan, lalu mulai masa baru.",
    "Copy everything into an empty database and prove the copy; stop the server before.":
        "Salin semuanya ke basis data kosong dan buktikan salinannya; hentikan server dulu.",
    "The environment LONTARA_COPY_TO keeps a password out of the list of processes. Exit 1 where the log had faults"
    " already, which were copied as they are.":
        "Variabel lingkungan LONTARA_COPY_TO menjaga kata sandi dari daftar proses. Kode keluar 1 bila log memang sudah"
        " cacat, yang disalin apa adanya.",
    # objections
    "Objections to scores: they change nothing before a person has decided.":
        "Keberatan atas nilai: tidak mengubah apa pun sebelum diputuskan orang.",
    "List objections, those that wait first.": "Tampilkan keberatan, yang menunggu dulu.",
    "Only those in this state.": "Hanya yang berkeadaan ini.",
    "Show one objection with what was said to it.": "Tampilkan satu keberatan dengan semua keterangannya.",
    "Say something to an open objection.": "Beri keterangan pada keberatan yang terbuka.",
    "Take an open objection back because the person has said so.":
        "Tarik keberatan yang terbuka atas permintaan pegawainya.",
    "Write down what a person objects to, who has said so on paper or in person.":
        "Catat keberatan pegawai yang disampaikan tertulis atau langsung.",
    "What the person says is wrong.": "Yang menurut pegawai keliru.",
    "Uphold or dismiss an objection; in a locked month, too, where nothing else changes a score.":
        "Terima atau tolak keberatan; juga di bulan terkunci, yang nilainya tidak berubah dengan cara lain.",
    "It is right; the month is computed again.": "Keberatannya benar; bulan itu dihitung ulang.",
    "It is not; the score stays.": "Keberatannya tidak benar; nilainya tetap.",
    "What was found, and why; the person reads it.": "Temuan dan alasannya; dibaca pegawai.",
    "With --uphold: points to add or, with a minus, to take.":
        "Dengan --uphold: angka yang ditambahkan, atau dengan minus dikurangkan.",
    "Upheld without --correction, the month is computed from data that was mended before.":
        "Bila diterima tanpa --correction, bulan itu dihitung dari data yang sudah dibetulkan lebih dulu.",
    # exports
    "What other systems and people read. Each export of personal data is in the audit trail.":
        "Yang dibaca sistem dan orang lain. Tiap ekspor data pribadi tercatat di jejak audit.",
    "Every entry as it stands, as JSON (one entry a line), CSV or XLSX.":
        "Semua catatan apa adanya, sebagai JSON (satu catatan satu baris), CSV, atau XLSX.",
    "The scores of a month with their parts.": "Nilai suatu bulan dengan bagian-bagiannya.",
    "The table of allowances (TPP) of a month as XLSX.": "Tabel TPP suatu bulan sebagai XLSX.",
    "The monthly recap of a person or a unit as PDF, to print and sign.":
        "Rekap bulanan pegawai atau unit sebagai PDF, untuk dicetak dan ditandatangani.",
    "Everything that is held of one person, as a ZIP to hand to them.":
        "Semua data tentang satu pegawai, sebagai ZIP untuk diserahkan kepadanya.",
    "Ratings of a year as SIASN takes them; exit 4 where some are left out. Nothing is sent.":
        "Predikat setahun dalam bentuk SIASN; kode keluar 4 bila ada yang tertinggal. Tidak ada yang dikirim.",
    "Approved entries as progress rows.": "Catatan yang disetujui sebagai baris kemajuan.",
    "CSV or XLSX: nip, pns_id (SIASN's own ids).": "CSV atau XLSX: nip, pns_id (nomor milik SIASN).",
    "Ratings that may still change too.": "Juga predikat yang masih dapat berubah.",
    "The console's address; evidence is linked there.": "Alamat konsol; bukti ditautkan ke sana.",
    "Only this unit, with those below it.": "Hanya unit ini, dengan unit di bawahnya.",
    "Only this person.": "Hanya pegawai ini.",
    "Print how many rows each part has as JSON.": "Cetak jumlah baris tiap bagian sebagai JSON.",
    "Print what the table holds as JSON.": "Cetak isi tabel sebagai JSON.",
    "JSON.": "JSON.",
    "CSV.": "CSV.",
    "A spreadsheet; needs FILE.": "Lembar kerja; perlu FILE.",
    # mistakes that the commands find themselves
    "--supervisor NIP or --nobody": "Sebutkan --supervisor NIP atau --nobody.",
    "Say --nip or --unit, one of them.": "Sebutkan --nip atau --unit, salah satu saja.",
    "Say --nip NIP or --all.": "Sebutkan --nip NIP atau --all.",
    "--columns belongs to --format attlog, instead of --mapping":
        "--columns hanya bersama --format attlog, sebagai ganti --mapping.",
    "--save remembers --columns": "--save hanya bersama --columns.",
    "--apply belongs to --citus": "--apply hanya bersama --citus.",
    "Write a day as DD-MM-YYYY or YYYY-MM-DD, such as 16-11-2026 or 2026-11-16.":
        "Tulis hari sebagai HH-BB-TTTT atau TTTT-BB-HH, misalnya 16-11-2026 atau 2026-11-16.",
    "HOST:PORT, for example 127.0.0.1:8080": "HOST:PORT, misalnya 127.0.0.1:8080.",
    "Say one of --keep, --set, --keep-both, --merge-into, --void.":
        "Sebutkan salah satu dari --keep, --set, --keep-both, --merge-into, --void.",
    "Name the FILE to restore, or --in-place.": "Sebutkan BERKAS yang dipulihkan, atau --in-place.",
    # commands of packages that build on both sides
    "Show the main job in a new folder below `build`: an office offline, a bad link, conflicts, scores.":
        "Perlihatkan pekerjaan utama di folder baru di bawah `build`: kantor tanpa sinyal, jaringan buruk, konflik, nilai.",
    "DEMO_DATA names a log to replay; its punches lie beside it (`attendance` in the name where the log has `activity`),"
    " or DEMO_ATTENDANCE names them. DEMO_EXIT ends after the summary; --database-url names an empty database to use in"
    " place of SQLite in that folder.":
        "DEMO_DATA menyebut log yang diputar; presensinya ada di sebelahnya (`attendance` dalam nama berkas di tempat"
        " `activity`), atau disebut DEMO_ATTENDANCE. DEMO_EXIT berhenti setelah ringkasan; --database-url menyebut basis"
        " data kosong sebagai ganti SQLite di folder itu.",
}  # fmt: skip
