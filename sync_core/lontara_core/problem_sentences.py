"""The messages and next steps of problems in Indonesian, by their English sentence; `{0}` stands for what varies.

A test asks for every sentence that the product gives a Problem. How a problem is laid out in lines is `problem_lines`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Final

from lontara_core.attendance_sentences import ATTENDANCE_MESSAGES, ATTENDANCE_NEXT_STEPS
from lontara_core.export_sentences import EXPORT_MESSAGES, EXPORT_NEXT_STEPS
from lontara_core.objection_sentences import OBJECTION_MESSAGES, OBJECTION_NEXT_STEPS
from lontara_core.plan_sentences import PLAN_MESSAGES, PLAN_NEXT_STEPS
from lontara_core.policy_sentences import POLICY_MESSAGES, POLICY_NEXT_STEPS
from lontara_core.terms import TERMS, named, term

NO_PARTS: Final[Mapping[str, str]] = {}
# What varies in these is the name of a field; elsewhere such a word may be a column of somebody's file.
_OF_FIELDS: Final = frozenset({
    "It is about {0}.",
    "This conflict is not about {0}. Nothing was changed.",
    "The conflict is not about {0}. Nothing was changed.",
})

# What went wrong. Line 1 of a problem says already whether the work is safe, so the Indonesian leaves that out.
MESSAGES: Final[Mapping[str, str]] = {
    # the device
    "No rejected entry or edit has this id; nothing was changed.": "Tidak ada kiriman ditolak dengan nomor ini.",
    "Nothing on this device has this id; nothing was changed.": "Tidak ada yang bernomor ini di perangkat ini.",
    "Several have an id that ends or begins so; nothing was changed.": "Ada beberapa yang nomornya berakhir atau berawal begitu.",
    "The entry has been reviewed; it was not changed.": "Catatan ini sudah ditinjau.",
    "This device is not enrolled yet; nothing was saved.": "Perangkat ini belum terdaftar.",
    "Nobody reviews their own entry; nothing was saved.": "Catatan sendiri tidak ditinjau sendiri.",
    "You do not supervise this person; nothing was saved.": "Anda bukan atasan pegawai ini.",
    "An entry is changed by the person whose work it is; nothing was saved.":
        "Catatan hanya diubah oleh pegawai yang mengerjakannya.",
    "{0} does not lead to {1}; nothing was saved.": "Dari keadaan {0} tidak dapat menjadi {1}.",
    "The entry is deleted; nothing was saved.": "Catatan ini sudah dihapus.",
    "The entry is deleted. Nothing was changed.": "Catatan ini sudah dihapus.",
    "This needs your confirmation; nothing was saved.": "Ini perlu kepastian Anda.",
    "{0} is no field of an entry; nothing was saved.": "{0} bukan isian catatan.",
    "{0} is not FIELD=VALUE; nothing was saved.": "{0} bukan ISIAN=NILAI.",
    "{0} is no date; nothing was saved.": "{0} bukan tanggal.",
    "{0} is no time of day; nothing was saved.": "{0} bukan jam.",
    "{0} is no number of minutes; nothing was saved.": "{0} bukan jumlah menit.",
    "{0} is no category; nothing was saved.": "{0} bukan kategori.",
    "{0} is no figure; nothing was saved.": "{0} bukan angka.",
    "Nothing was named; nothing was changed.": "Tidak ada yang disebut.",
    "The disk failed; this was not saved, what was saved before is not touched.": "Disk gagal menyimpan.",
    "The disk is full; this was not saved, what was saved before is safe.": "Disk penuh.",
    "The store does not open with this key; it was not changed.": "Penyimpanan tidak terbuka dengan kunci ini.",
    "The store was written by a newer version of Lontara; nothing was changed.":
        "Penyimpanan ditulis oleh Lontara yang lebih baru.",
    "This build of SQLite does not encrypt; nothing was written.": "SQLite yang terpasang tidak dapat mengenkripsi.",
    "Another copy of this store has written under the same device. Nothing is lost.":
        "Salinan lain dari penyimpanan ini sudah menulis atas nama perangkat yang sama.",
    "Something on the way answered instead of the server. {0}": "Yang menjawab bukan server.",
    "The server asks to come back later. {0}": "Server minta dihubungi lagi nanti.",
    "The server cannot be reached. {0}": "Server tidak terjangkau.",
    "The server refused with status {0}. {1}": "Server menolak dengan status {0}.",
    "The server was restored from a backup that is older than what this device keeps of its log. {0}":
        "Server dipulihkan dari cadangan yang lebih tua daripada yang masih disimpan perangkat ini.",
    "The server's answer cannot be read. {0}": "Jawaban server tidak terbaca.",
    "The server cannot be reached; nothing was changed.": "Server tidak terjangkau.",
    "This is no answer of a Lontara server; nothing was changed.": "Jawaban ini bukan dari server Lontara.",
    "This is not the server that the device trusts; nothing was changed.":
        "Server ini bukan yang dipercaya perangkat ini.",
    "This store belongs to another person; nothing was changed.": "Penyimpanan ini milik orang lain.",
    "Line {0}: {1} The lines before it are saved.": "Baris {0} perlu dibetulkan.",
    "it has neither start and end nor a duration in minutes, and none is made up.":
        "Tidak ada jam mulai dan selesai, juga tidak ada jumlah menit.",
    "The file lacks a column; nothing was saved.": "Ada kolom yang kurang.",
    "The PIN is needed, and there is no terminal to type it at.": "PIN belum diberikan.",
    "A PIN has at least {0} characters.": "PIN paling sedikit {0} angka.",
    "The PIN is wrong; nothing was changed.": "PIN salah.",
    "The key file cannot be read; the store itself is untouched.": "Berkas kunci tidak terbaca.",
    "Everything was received and backed up, and an admin has taken this device's access away; the store was emptied.":
        "Semua sudah diterima dan dicadangkan; admin mencabut akses perangkat ini.",
    "The server keeps this device's work aside until an admin decides. {0}":
        "Server menyisihkan kiriman perangkat ini sampai admin memutuskan.",
    "An admin has decided about this device's work: {0} accepted, {1} dropped. {2}":
        "Admin sudah memutuskan tentang kiriman perangkat ini: {0} diterima, {1} tidak dipakai. {2}",
    "Plain http lets everybody on the way read along; it was not used.":
        "Lewat http biasa, semua orang di jalan dapat ikut membaca.",
    "The server's address begins with https:// and names a host.":
        "Alamat server diawali https:// lalu nama servernya.",
    # the server's commands
    "{0} cannot be read. Nothing was imported.": "{0} tidak dapat dibaca.",
    "{0} cannot be read. Nothing was changed.": "{0} tidak dapat dibaca.",
    "{0} is larger than {1} bytes. Nothing was imported.": "{0} lebih besar dari {1} bita.",
    "The server cannot listen at {0}: {1}. Nothing was changed.": "Server tidak dapat memakai alamat {0}: {1}.",
    "The data directory cannot be made or written. Nothing was changed.":
        "Folder data tidak dapat dibuat atau ditulisi.",
    "The data directory holds no database of a server. Nothing was changed.":
        "Di folder data ini belum ada basis data server.",
    "The data directory holds no secret of a server. Nothing was changed.":
        "Di folder data ini belum ada server.",
    "The server's secret is too weak to start with. Nothing was changed.": "Kunci rahasia server terlalu lemah.",
    "A supervisor's account says whose people it sees. Nothing was changed.":
        "Akun atasan perlu disebut milik siapa, agar bawahannya terlihat.",
    "A password has {0} to {1} characters. Nothing was changed.": "Kata sandi berisi {0} sampai {1} karakter.",
    "Login or password is wrong.": "Nama masuk atau kata sandi salah.",
    "Nobody here has the NIP {0}. Nothing was changed.": "Tidak ada pegawai dengan NIP {0}.",
    "Nobody who is active here has the NIP {0}. Nothing was changed.": "Tidak ada pegawai aktif dengan NIP {0}.",
    "There is an account {0} already. Nothing was changed.": "Akun {0} sudah ada.",
    "There is no account {0}. Nothing was changed.": "Tidak ada akun {0}.",
    "There is no role {0}. Nothing was changed.": "Tidak ada peran {0}.",
    "There is no unit {0}. Nothing was changed.": "Tidak ada unit {0}.",
    "You are not signed in.": "Anda belum masuk.",
    "{0} is no login. Nothing was changed.": "{0} bukan nama masuk.",
    "{0} is no whole backup: {1}. Nothing was changed.": "{0} bukan cadangan yang utuh: {1}.",
    "There is no folder {0}. Nothing was written.": "Tidak ada folder {0}.",
    "{0} is there already; a backup replaces no file. Nothing was written.": "{0} sudah ada; cadangan tidak menimpa berkas.",
    "The backup was not written: {0}. The server and its data are untouched.": "Cadangan tidak tertulis: {0}.",
    "The batch holds {0} operations; the limit is {1}.": "Kiriman berisi {0} perubahan; batasnya {1}.",
    "The log signature is not by the device's key.": "Tanda tangan log bukan dari kunci perangkat ini.",
    "The operations do not lead from prev to head.": "Urutan perubahan tidak bersambung.",
    "first and last do not count the operations of the batch.": "first dan last tidak cocok dengan isi kiriman.",
    "prev and head are chain hashes in hex.": "prev dan head harus berupa hash rantai.",
    "The conflict is no longer as you saw it. Nothing was changed.": "Konflik ini tidak lagi seperti yang Anda lihat.",
    "There is no conflict {0}. Nothing was changed.": "Tidak ada konflik {0}.",
    "Your role reads conflicts and does not decide them. Nothing was changed.":
        "Peran Anda membaca konflik dan tidak memutuskannya.",
    "Nobody decides a conflict about their own work. Nothing was changed.":
        "Konflik tentang pekerjaan sendiri tidak diputuskan sendiri.",
    "An admin decides this conflict. Nothing was changed.": "Konflik ini diputuskan admin.",
    "The enrolment is not signed by the key of the former device.":
        "Pendaftaran tidak ditandatangani kunci perangkat sebelumnya.",
    "The enrolment is not signed by the key that it names.": "Pendaftaran tidak ditandatangani kuncinya sendiri.",
    "There is no device {0}. Nothing was changed.": "Tidak ada perangkat {0}.",
    "Two copies of this device exist, so it cannot go on under its old id. Their work is kept.":
        "Perangkat ini ada dua salinan, jadi tidak dapat diteruskan dengan nomor lama. Pekerjaannya disimpan.",
    "Row {0} of the file is wrong: {1}. Nothing was imported.": "Baris {0} salah: {1}.",
    "Row {0} cannot be read as CSV: {1}. Nothing was imported.": "Baris {0} tidak terbaca sebagai CSV: {1}.",
    "The file has no column {0}. Nothing was imported.": "Berkas ini tidak punya kolom {0}.",
    "{0} cells of the file are wrong; the first is {1} in row {2}: {3}. Nothing was imported.":
        "{0} sel salah; yang pertama {1} di baris {2}: {3}.",
    "The database to copy to holds a server already. Nothing was changed.": "Basis data tujuan sudah berisi server.",
    "What arrived in {0} is not what was sent. Nothing was kept of the copy.":
        "Yang tiba di {0} tidak sama dengan yang dikirim.",
    "An org's name has 1 to 200 characters. Nothing was changed.": "Nama organisasi berisi 1 sampai 200 karakter.",
    "There is an org {0} already. Nothing was changed.": "Organisasi {0} sudah ada.",
    "There is no org here yet. Nothing was changed.": "Belum ada organisasi di sini.",
    "There is no org {0} here. Nothing was changed.": "Tidak ada organisasi {0} di sini.",
    "There is no time zone {0}. Nothing was changed.": "Tidak ada zona waktu {0}.",
    "This server has no identity yet. Nothing was changed.": "Server ini belum disiapkan.",
    "This server holds several orgs. Nothing was changed.": "Server ini memuat beberapa organisasi.",
    "{0} is no code of an org. Nothing was changed.": "{0} bukan kode organisasi.",
    "Nobody supervises themselves. Nothing was changed.": "Tidak ada yang menjadi atasan dirinya sendiri.",
    "There is no policy {0}": "Tidak ada kebijakan {0}",
    "No version of the policy {0} holds on {1}. Nothing was changed.":
        "Tidak ada versi kebijakan {0} yang berlaku pada {1}.",
    "{0}: {1}{2}. Stored scores are as they were.": "{0}: {1}{2}.",
    "A decision says why. Nothing was changed.": "Keputusan harus beralasan.",
    "Earlier work of this device waits undecided. Nothing was changed.":
        "Kiriman perangkat ini yang lebih dulu belum diputuskan.",
    "Nothing in quarantine has the id {0}. Nothing was changed.": "Tidak ada kiriman tersisih dengan nomor {0}.",
    "This work is in the records already. Nothing was changed.": "Kiriman ini sudah masuk catatan.",
    "{0} is no month. Nothing was changed.": "{0} bukan bulan.",
    "{0} has not begun. Nothing was changed.": "{0} belum mulai.",
    "A return or a rejection says why. Nothing was changed.": "Pengembalian atau penolakan menyebut alasannya.",
    "{0} does not lead to {1}. Nothing was changed.": "Dari keadaan {0} tidak dapat menjadi {1}.",
    "The conflict is resolved already. Nothing was changed.": "Konflik ini sudah diputuskan.",
    "The conflict is no longer as its author saw it. Nothing was changed.": "Konflik ini sudah berubah.",
    "Candidate names a device that wrote one. Nothing was changed.":
        "Sebutkan perangkat yang menulis salah satu versi.",
    "Survivor is one of the conflict's entries. Nothing was changed.": "Sebutkan salah satu catatan dalam konflik ini.",
    "Void names one of the conflict's entries. Nothing was changed.": "Sebutkan salah satu catatan dalam konflik ini.",
    "Values are for a conflict about one entry. Nothing was changed.":
        "Nilai sendiri hanya untuk konflik tentang satu catatan.",
    "Values names a value for each field. Nothing was changed.": "Sebutkan nilai untuk tiap isian.",
    "Keep_both is for conflicts between entries. Nothing was changed.":
        "Menyimpan keduanya hanya untuk konflik antara beberapa catatan.",
    "{0} needs {1}. Nothing was changed.": "{0} memerlukan {1}.",
    "The enrolment code is unknown, used or too old. Nothing was changed.":
        "Kode pendaftaran tidak dikenal, sudah dipakai, atau kedaluwarsa.",
    "The code is another person's than the one whose work this store holds. Nothing was changed.":
        "Kode ini milik orang lain, bukan pemilik penyimpanan ini.",
    "This conflict is about whole entries: no device has another version of a field. Nothing was changed.":
        "Konflik ini tentang catatan utuh: tidak ada perangkat yang punya versi lain dari suatu isian.",
    "This conflict is not about {0}. Nothing was changed.": "Konflik ini bukan tentang {0}.",
    "Another program has the database open, so it cannot be replaced. Nothing was changed.":
        "Basis data sedang dibuka program lain, jadi tidak dapat diganti.",
    "The backup is of another server than the one that is here. Nothing was changed.":
        "Cadangan ini milik server lain.",
    "What was put back does not hold: {0}. Nothing was changed.": "Hasil pemulihan tidak utuh: {0}.",
    "An entry is reviewed by the supervisor of its person or an admin, never by that person. Nothing was changed.":
        "Catatan ditinjau atasan pegawainya atau admin, tidak oleh pegawai itu sendiri.",
    "An entry is reviewed by the supervisor of its person, and never by that person. Nothing was changed.":
        "Catatan ditinjau atasan pegawainya, tidak oleh pegawai itu sendiri.",
    "The entry is no longer as you saw it. Nothing was changed.": "Catatan ini tidak lagi seperti yang Anda lihat.",
    "There is no entry {0}. Nothing was changed.": "Tidak ada catatan {0}.",
    "{0} is not a period. Nothing was changed.": "{0} bukan bulan.",
    "There is no score of {0} for {1} yet. The entries are kept.": "Belum ada nilai {0} untuk {1}; catatannya tetap ada.",
    "A request with this id came before.": "Permintaan ini sudah pernah datang.",
    "No device has this id.": "Tidak ada perangkat dengan nomor ini.",
    "The body is no sync request.": "Isi permintaan tidak terbaca.",
    "The device's clock is more than ten minutes from the server's.":
        "Jam perangkat berbeda lebih dari sepuluh menit dari server.",
    "The request is not signed by the device's key.": "Permintaan tidak ditandatangani kunci perangkat ini.",
    "Too many sign-ins have failed. The next may be tried in {0} seconds.":
        "Terlalu sering gagal masuk. Coba lagi dalam {0} detik.",
    "The database is no file, so it cannot be restored. Nothing was changed.":
        "Basis data ini bukan berkas, jadi tidak dapat dipulihkan dengan cara ini.",
    "The database URL names no database that this program works with. Nothing was changed.":
        "Alamat basis data ini tidak dikenal program.",
    "The database cannot be opened. Nothing was changed.": "Basis data tidak dapat dibuka.",
    "The database has not been brought up to date for this program. Nothing was changed.":
        "Basis data belum disesuaikan dengan program ini.",
    "The database was written by a newer program. Nothing was changed.": "Basis data ditulis program yang lebih baru.",
    "This database is no coordinator of a Citus cluster. Nothing was changed.":
        "Basis data ini bukan koordinator Citus.",
    "The database is another server's now.": "Basis data ini sekarang milik server lain.",
    "SQLite is written by one process at a time. Nothing was changed.": "SQLite hanya ditulis satu proses pada satu waktu.",
    "The database holds a server already. Nothing was changed.": "Basis data ini sudah berisi server.",
    "{0} cannot be read as a table: {1}. Nothing was imported.":
        "{0} tidak terbaca sebagai tabel: {1}.",
    "{0} has more than {1} rows. Nothing was imported.":
        "{0} lebih dari {1} baris.",
    "A mapping's name has 1 to {0} characters. Nothing was changed.":
        "Nama pemetaan berisi 1 sampai {0} huruf.",
    "{0}={1} is no field with its column. Nothing was changed.":
        "{0}={1} bukan isian dengan kolomnya.",
    "There is no mapping {0} for {1}. Nothing was changed.":
        "Tidak ada pemetaan {0} untuk {1}.",
    "There is no import of {0}. Nothing was changed.":
        "Tidak ada impor {0}.",
    "The file would make {0} of {1} active people inactive; it is stopped above {2} percent. Nothing was imported.":
        "Berkas ini akan menonaktifkan {0} dari {1} pegawai aktif; impor dihentikan di atas {2} persen.",
    "The file would lower the base of {0} of {1} people by more than half; it is stopped above {2} percent. "
    "Nothing was imported.":
        "Berkas ini akan menurunkan dasar {0} dari {1} pegawai lebih dari separuh; impor dihentikan di atas {2} persen.",
    "The two would lead each other, or stand in a circle, from {0} on. Nothing was changed.":
        "Mulai {0} mereka akan saling menjadi atasan, langsung atau melalui pegawai lain.",
    "The last day lies before the first. Nothing was changed.":
        "Hari terakhir mendahului hari pertama.",
    "A position has 1 to {0} characters. Nothing was changed.":
        "Jabatan berisi 1 sampai {0} huruf.",
    "A transfer names a unit, a position or a supervisor. Nothing was changed.":
        "Mutasi menyebut unit, jabatan, atau atasan.",
    "The file is no longer here. Nothing was changed.": "Berkasnya tidak ada lagi di sini.",
    "An account that is bound to a unit may not import attendance of the whole org. Nothing was changed.": (
        "Akun yang terikat pada satu unit tidak boleh mengimpor presensi seluruh organisasi."
    ),
    "An account that is bound to a unit may not import people of the whole org. Nothing was changed.":
        "Akun yang terikat pada satu unit tidak boleh mengimpor pegawai seluruh organisasi.",
    # the server's HTTP
    "There is nothing at this address.": "Tidak ada apa-apa di alamat ini.",
    "The body is no enrolment request.": "Isi permintaan pendaftaran tidak terbaca.",
    "The body has more than {0} bytes.": "Isi permintaan lebih dari {0} bita.",
    "The body is a JSON object.": "Isi permintaan harus berupa objek JSON.",
    "The body is no JSON.": "Isi permintaan bukan JSON.",
    "{0} is asked for twice.": "{0} diminta dua kali.",
    "No value of your own differs.": "Tidak ada nilai yang berbeda.",
    "A review names a revision.": "Tinjauan menyebut revisinya.",
    "That is no verdict.": "Itu bukan hasil tinjauan.",
    "A person's score is asked for by month.": "Nilai diminta per bulan.",
    "Your role may not do this. Nothing was changed.": "Peran Anda tidak boleh melakukan ini.",
    "The form did not come from a page of this session. Nothing was changed.":
        "Formulir ini bukan dari halaman yang sedang dibuka.",
    "The body is not one gzip stream.": "Isi permintaan tidak terbuka dengan gzip.",
    "The body is plain or gzip.": "Isi permintaan dikirim polos atau gzip.",
    "The request has more than {0} bytes.": "Permintaan lebih dari {0} bita.",
    "{0} is a lower-case UUID.": "{0} berupa UUID huruf kecil.",
    "{0} is in ms since 1970 UTC.": "{0} dalam milidetik sejak 1970 UTC.",
    **EXPORT_MESSAGES,
    **OBJECTION_MESSAGES,
    **PLAN_MESSAGES,
    **POLICY_MESSAGES,
    **ATTENDANCE_MESSAGES,
}  # fmt: skip

NEXT_STEPS: Final[Mapping[str, str]] = {
    # the device
    "Ask your supervisor to withdraw the review, or say --yes to put the change before the admin.":
        "Minta atasan menarik tinjauannya, atau tambahkan --yes agar ubahan ini diputuskan admin.",
    "Say --yes to go on.": "Tambahkan --yes untuk meneruskan.",
    "Give more of it, or all of it.": "Tulis nomornya lebih panjang, atau seluruhnya.",
    "Correct it and save again.": "Perbaiki, lalu simpan lagi.",
    "See `lontara attention`.": "Lihat `lontara attention`.",
    "See `lontara list`.": "Lihat `lontara list`.",
    "Fields: {0}.": "Isian: {0}.",
    "Write FIELD=VALUE, for example quantity=14.": "Tulis ISIAN=NILAI, misalnya jumlah=14.",
    "Look at it again.": "Lihat lagi.",
    "Enrol it with the code of your admin: lontara enrol URL --code CODE.":
        "Daftarkan dengan kode dari admin: lontara enrol URL --code KODE.",
    "Make room on the disk, then save again.": "Kosongkan ruang disk, lalu simpan lagi.",
    "Save again; have the device looked at if it comes back.": "Simpan lagi; minta perangkat diperiksa bila terulang.",
    "Check that key.json and the store belong together; do not delete the store.":
        "Pastikan key.json dan penyimpanan berpasangan; jangan hapus penyimpanan.",
    "Update the app. Do not delete the file: unsent work is in it.":
        "Perbarui aplikasi. Jangan hapus berkasnya: di dalamnya ada catatan yang belum terkirim.",
    "Install apsw-sqlite3mc.": "Pasang apsw-sqlite3mc.",
    "Ask for a new code and enrol this device again.": "Minta kode baru, lalu daftarkan lagi perangkat ini.",
    "Open a web page once to log in to the network, then try again.":
        "Buka satu halaman web untuk masuk ke jaringan, lalu coba lagi.",
    "It is tried again by itself.": "Dicoba lagi dengan sendirinya.",
    "Ask the admin of your office.": "Tanyakan kepada admin kantor Anda.",
    "Update the app.": "Perbarui aplikasi.",
    "Try again.": "Coba lagi.",
    "Try again when there is a signal.": "Coba lagi saat ada sinyal.",
    "Ask the admin whether the server was set up anew.": "Tanyakan kepada admin apakah server disiapkan ulang.",
    "Use a data directory of your own.": "Pakai folder data sendiri.",
    "Check the address; open a web page once to log in to the network.":
        "Periksa alamatnya; buka satu halaman web untuk masuk ke jaringan.",
    "Columns: {0}": "Kolom: {0}",
    "Correct the line and import the file again.": "Betulkan barisnya, lalu impor lagi berkas itu.",
    "Choose a longer PIN.": "Pilih PIN yang lebih panjang.",
    "Put back key.json from a copy; do not delete the store.":
        "Kembalikan key.json dari salinan; jangan hapus penyimpanan.",
    "Ask the admin for a code where this was a mistake.": "Bila ini keliru, minta kode kepada admin.",
    "Use https, or enrol with --insecure-lan inside a closed network.":
        "Pakai https, atau --insecure-lan di jaringan tertutup.",
    "Ask for the address again.": "Tanyakan lagi alamatnya.",
    # the server's commands
    "Add --reason TEXT.": "Tambahkan --reason TEKS.",
    "Ask an admin for a new code.": "Minta kode baru kepada admin.",
    "Ask an admin who supervises this person.": "Tanyakan kepada admin siapa atasannya.",
    "Ask an admin.": "Tanyakan kepada admin.",
    "Check --data-dir and --database-url, and that the database server runs.":
        "Periksa --data-dir dan --database-url, dan apakah basis datanya berjalan.",
    "Check it.": "Periksa lagi.",
    "Check the folder, the rights on it and the space on the disk.": "Periksa folder, hak akses, dan ruang disk.",
    "Check the id.": "Periksa nomornya.",
    "Check the name and the rights on it.": "Periksa nama berkas dan hak aksesnya.",
    "Check the name, the rights on it and the space on the disk.":
        "Periksa nama berkas, hak aksesnya, dan ruang disk.",
    "Check the address.": "Periksa alamatnya.",
    "End a demo that still runs, then start it again.": "Hentikan demo yang masih berjalan, lalu mulai lagi.",
    "Leave --processes out, or move to PostgreSQL with `lontara-server copy-to URL`.":
        "Hilangkan --processes, atau pindah ke PostgreSQL dengan `lontara-server copy-to URL`.",
    "Name an empty database for the demo, or none.": "Sebutkan basis data kosong untuk demo, atau tidak usah.",
    "Check the request.": "Periksa permintaannya.",
    "Choose a longer one: four words are easier to keep in mind than eight signs.":
        "Pilih yang lebih panjang: empat kata lebih mudah diingat daripada delapan tanda.",
    "Choose another code, or use the org that is there.": "Pilih kode lain, atau pakai organisasi yang sudah ada.",
    "Choose another login, or `lontara-server user passwd` for a new password.":
        "Pilih nama masuk lain, atau `lontara-server user passwd` untuk kata sandi baru.",
    "Enrol again.": "Daftarkan lagi.",
    "Enrol each copy again with a code of its own; what they hold comes along.":
        "Daftarkan lagi tiap salinan dengan kode sendiri; isinya ikut terbawa.",
    "Enrol the device again.": "Daftarkan lagi perangkatnya.",
    "Enrol the device with a code from an admin.": "Daftarkan perangkat dengan kode dari admin.",
    "Give its name with --name.": "Beri nama dengan --name.",
    "Import it in parts.": "Impor sebagian-sebagian.",
    "Import the employees first: their units come with them.": "Impor pegawai dulu: unitnya ikut terbawa.",
    "Look at it again, then decide.": "Lihat lagi, lalu putuskan.",
    "Mend the body.": "Betulkan isinya.",
    "Mend the field and send it again.": "Betulkan isiannya, lalu kirim lagi.",
    "Mend the file and import it again; days that are there already are not doubled.":
        "Betulkan berkasnya, lalu impor lagi; hari yang sudah ada tidak menjadi dobel.",
    "Mend the file and import it again; rows that are there already are not doubled.":
        "Betulkan berkasnya, lalu impor lagi; baris yang sudah ada tidak menjadi dobel.",
    "Mend line {0} and try again.": "Betulkan baris {0}, lalu coba lagi.",
    "Name a database with --database-url.": "Sebutkan basis data dengan --database-url.",
    "Name an empty database; nothing is ever copied over another server.":
        "Sebutkan basis data kosong; server lain tidak pernah ditimpa.",
    "Name another --data-dir or --database-url, or move what is here away.":
        "Sebutkan --data-dir atau --database-url lain, atau pindahkan yang ada di sini.",
    "Name another one with --data-dir or LONTARA_SERVER_DATA_DIR.": "Sebutkan yang lain dengan --data-dir.",
    "Name another person.": "Sebutkan orang lain.",
    "Name another port with --bind; port 0 takes a free one.": "Sebutkan port lain dengan --bind; port 0 mengambil yang kosong.",
    "Name it once.": "Sebutkan sekali saja.",
    "Name one of the orgs that are there.": "Sebutkan salah satu organisasi yang ada.",
    "Name one of the roles that there are.": "Sebutkan salah satu peran yang ada.",
    "Name the one you mean with --org or LONTARA_ORG.": "Sebutkan yang dimaksud dengan --org atau LONTARA_ORG.",
    "Name the type of the body, or send it in another form.": "Sebutkan jenis isinya, atau kirim dalam bentuk lain.",
    "Name the columns in the first row: {0}.": "Tulis nama kolom di baris pertama: {0}.",
    "Open the entry again.": "Buka lagi catatannya.",
    "Open the page again and send it once more.": "Buka lagi halamannya, lalu kirim sekali lagi.",
    "Put back another copy.": "Pulihkan salinan lain.",
    "Run CREATE EXTENSION citus in it, and add the workers; docs/citus.md says how.":
        "Jalankan CREATE EXTENSION citus di sana, lalu tambahkan worker; caranya di docs/citus.md.",
    "Run `lontara-server --data-dir DIR init --org CODE --name NAME --admin LOGIN`, or name the server's folder with "
    "--data-dir or LONTARA_SERVER_DATA_DIR.":
        "Jalankan `lontara-server --data-dir FOLDER init --org KODE --name NAMA --admin NAMA_MASUK`, atau sebutkan folder"
        " servernya dengan --data-dir atau LONTARA_SERVER_DATA_DIR.",
    "Run `lontara-server init --org CODE --name NAME --admin LOGIN`.":
        "Jalankan `lontara-server init --org KODE --name NAMA --admin NAMA_MASUK`.",
    "Run `lontara-server init` on a new server, `lontara-server migrate` after an update.":
        "Jalankan `lontara-server init` pada server baru, `lontara-server migrate` setelah pembaruan.",
    "Save the file as CSV (UTF-8) and import it again.": "Simpan berkasnya sebagai CSV (UTF-8), lalu impor lagi.",
    "See that the target stores text as UTF-8, then copy again.":
        "Pastikan tujuan menyimpan teks sebagai UTF-8, lalu salin lagi.",
    "Send fewer operations at once.": "Kirim lebih sedikit sekaligus.",
    "Send it again with a new id.": "Kirim lagi dengan nomor baru.",
    "Send it again with the server's time.": "Kirim lagi dengan jam server.",
    "Send it again.": "Kirim lagi.",
    "Send it in smaller parts.": "Kirim dalam bagian yang lebih kecil.",
    "Send less at once.": "Kirim lebih sedikit sekaligus.",
    "Send the batch again.": "Kirim lagi.",
    "Sign in and do it again.": "Masuk, lalu lakukan lagi.",
    "Start the server again.": "Jalankan lagi servernya.",
    "Stop the server and its jobs, then restore.": "Hentikan server dan pekerjaannya, lalu pulihkan.",
    "Take another backup; `lontara-server backup verify FILE` tells which one holds.":
        "Pakai cadangan lain; `lontara-server backup verify BERKAS` menunjukkan mana yang utuh.",
    "Try again, or ask an admin for a new password.": "Coba lagi, atau minta kata sandi baru kepada admin.",
    "Update the program; do not delete the database.": "Perbarui program; jangan hapus basis data.",
    "Use 1 to 40 letters, digits, dots, hyphens or underscores.":
        "Pakai 1 sampai 40 huruf, angka, titik, tanda hubung, atau garis bawah.",
    "Use 1 to 80 small letters, digits, dots, hyphens, underscores or @.":
        "Pakai 1 sampai 80 huruf kecil, angka, titik, tanda hubung, garis bawah, atau @.",
    "Use 64 hex digits by chance: python3 -c \"import secrets; print(secrets.token_hex(32))\".":
        "Pakai 64 digit heksadesimal acak: python3 -c \"import secrets; print(secrets.token_hex(32))\".",
    "Use Asia/Jakarta (WIB), Asia/Makassar (WITA) or Asia/Jayapura (WIT).":
        "Pakai Asia/Jakarta (WIB), Asia/Makassar (WITA), atau Asia/Jayapura (WIT).",
    "Make it (mkdir {0}) or mount the disk that it is on. The name of a file ends in .backup.":
        "Buat foldernya (mkdir {0}) atau kaitkan disknya. Nama berkas berakhiran .backup.",
    "Name another file, or the folder: each backup in it gets a name of its time.":
        "Sebutkan berkas lain, atau foldernya saja: tiap cadangan diberi nama menurut waktunya.",
    "Set the environment variable LONTARA_PIN.": "Isi variabel lingkungan LONTARA_PIN.",
    "Add --nip with the NIP of the supervisor.": "Tambahkan --nip dengan NIP atasan itu.",
    "Use gzip.": "Pakai gzip.",
    "Use the page's buttons.": "Pakai tombol di halaman itu.",
    "This device has no access still: ask the admin to give it back, or for a new code.":
        "Perangkat ini belum punya akses lagi: minta admin memulihkannya, atau minta kode baru.",
    "Use --keep server (the entry stands, and a late one then counts), --void RECORD, --keep-both or --merge-into RECORD.":
        "Pakai --keep server (catatan tetap, yang terlambat lalu dihitung), --void CATATAN, --keep-both, atau"
        " --merge-into CATATAN.",
    "It is about {0}.": "Isiannya: {0}.",
    "Void the entries that should not count.": "Batalkan catatan yang tidak boleh dihitung.",
    "Wait, then try again; an admin can set a new password.": "Tunggu, lalu coba lagi; admin dapat mengganti kata sandi.",
    "Write another value.": "Tulis nilai lain.",
    "Write postgresql://USER:PASSWORD@HOST/DATABASE or sqlite:////FOLDER/FILE.":
        "Tulis postgresql://USER:PASSWORD@HOST/DATABASE atau sqlite:////FOLDER/FILE.",
    "Write the month as YYYY-MM, for example 2026-10.": "Tulis bulan sebagai YYYY-MM, misalnya 2026-10.",
    "`lontara-server conflict list` shows every conflict.": "`lontara-server conflict list` menampilkan semua konflik.",
    "`lontara-server device list` shows every device.": "`lontara-server device list` menampilkan semua perangkat.",
    "`lontara-server employee list` shows everybody.": "`lontara-server employee list` menampilkan semua pegawai.",
    "`lontara-server policy list` shows from when to when each policy holds.":
        "`lontara-server policy list` menampilkan masa berlaku tiap kebijakan.",
    "`lontara-server policy list` shows the policies.": "`lontara-server policy list` menampilkan kebijakan.",
    "`lontara-server quarantine list` shows everything.": "`lontara-server quarantine list` menampilkan semuanya.",
    "`lontara-server user create` makes one.": "`lontara-server user create` membuatnya.",
    "`lontara-server score compute --period {0} --nip {1}` computes it.":
        "`lontara-server score compute --period {0} --nip {1}` menghitungnya.",
    "Save it as XLSX or as CSV (UTF-8) and import it again.":
        "Simpan sebagai XLSX atau CSV (UTF-8), lalu impor lagi.",
    "`lontara-server mapping list` shows every mapping.":
        "`lontara-server mapping list` menampilkan semua pemetaan.",
    "`lontara-server unit list` shows every unit.":
        "`lontara-server unit list` menampilkan semua unit.",
    "Kinds: {0}.":
        "Jenis: {0}.",
    "Add --unit, --position or --supervisor.":
        "Tambahkan --unit, --position, atau --supervisor.",
    "Check that the file names everybody. If it is right, import it with a higher threshold.":
        "Periksa apakah berkas memuat semua pegawai. Bila benar, impor lagi dengan ambang yang lebih tinggi.",
    "Check the amounts of the file. If they are right, import it with a higher threshold.":
        "Periksa jumlah di berkas. Bila benar, impor lagi dengan ambang yang lebih tinggi.",
    "`lontara-server employee show` tells who leads whom and when; end that first, or say another --from.":
        "`lontara-server employee show` memberitahukan siapa atasan siapa dan sejak kapan; akhiri itu dulu atau "
        "sebut --from yang lain.",
    "Decide {0} first.": "Putuskan {0} dulu.",
    "Upload it again.": "Unggah lagi.",
    "Add period=.": "Tambahkan period=.",
    **EXPORT_NEXT_STEPS,
    **OBJECTION_NEXT_STEPS,
    **PLAN_NEXT_STEPS,
    **POLICY_NEXT_STEPS,
    **ATTENDANCE_NEXT_STEPS,
}  # fmt: skip


def in_indonesian(sentence: str, catalogue: Mapping[str, str], parts: Mapping[str, str] = NO_PARTS) -> str | None:
    """The sentence in Indonesian, with what varies put in its places; None where the catalogue lacks it.

    parts: the catalogue of what varies, where that is a sentence itself.
    """
    if sentence in catalogue:
        return catalogue[sentence]
    for template, pattern in _patterns(tuple(key for key in catalogue if "{0}" in key)):
        found = pattern.fullmatch(sentence)
        if found is not None:
            if template in _OF_FIELDS:
                return catalogue[template].format(*(_field(each) for each in found.groups()))
            return catalogue[template].format(*(_part(each, parts) for each in found.groups()))
    return None


def _field(text: str) -> str:
    """Fields of an entry by the names that they have in Indonesian."""
    return ", ".join(term("id", f"field.{each}") if f"field.{each}" in TERMS else each for each in text.split(", "))


def _part(text: str, parts: Mapping[str, str]) -> str:
    said = in_indonesian(text, parts) if parts else None
    # A state or verdict is said by its name, also where it begins a sentence.
    return said or (named("id", "value", text.lower()) if f"value.{text.lower()}" in TERMS else text)


@cache
def _patterns(templates: tuple[str, ...]) -> list[tuple[str, re.Pattern[str]]]:
    """Each template as a pattern, the ones that say most first, so that the nearest one fits."""
    ordered = sorted(templates, key=lambda template: (-len(re.sub(r"\{\d\}", "", template)), template))
    return [(each, re.compile(re.sub(r"\\\{\d\\\}", "(.*?)", re.escape(each)), re.DOTALL)) for each in ordered]
