"""What staff read of each problem, in Indonesian and English: first whether their work is safe, then what to do.

Every code has its words (a test asks for them); facts and the full message stand beside them where a code needs them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

SAFE_ID: Final = "Catatan Anda masih tersimpan di perangkat ini."
SAFE_EN: Final = "Your entries are still saved on this device."

WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "unknown_device": (
        f"{SAFE_ID} Perangkat ini belum dikenal server; minta kode pendaftaran kepada admin.",
        f"{SAFE_EN} The server does not know this device; ask an admin for an enrolment code.",
    ),
    "clock_skew": (
        f"{SAFE_ID} Jam perangkat berbeda jauh dari jam server.",
        f"{SAFE_EN} This device's clock is far from the server's.",
    ),
    "bad_signature": (
        f"{SAFE_ID} Server tidak dapat memastikan pengirimnya.",
        f"{SAFE_EN} The server could not make sure who sent this.",
    ),
    "busy": (
        f"{SAFE_ID} Server sedang sibuk; dicoba lagi sendiri.",
        f"{SAFE_EN} The server is busy; it will be tried again by itself.",
    ),
    "protocol_version": (
        f"{SAFE_ID} Aplikasi perlu diperbarui.",
        f"{SAFE_EN} The app needs an update.",
    ),
    "enrol_code_refused": (
        "Tidak ada yang berubah. Kode pendaftaran tidak berlaku; minta kode baru kepada admin.",
        "Nothing was changed. The enrolment code is not valid; ask an admin for a new one.",
    ),
    "machine_refused": (
        "Tidak ada yang berubah. Kunci mesin presensi ini tidak berlaku; minta kunci baru kepada admin.",
        "Nothing was changed. The key of this attendance machine is not valid; ask an admin for a new one.",
    ),
    "server_unreachable": (
        f"{SAFE_ID} Server belum terjangkau; dikirim sendiri saat ada sinyal.",
        f"{SAFE_EN} The server is out of reach; it is sent by itself when there is a signal.",
    ),
    "malformed_request": (
        f"{SAFE_ID} Permintaan tidak dapat dibaca server.",
        f"{SAFE_EN} The server could not read the request.",
    ),
    "body_too_large": (
        f"{SAFE_ID} Kiriman terlalu besar; dikirim lagi dalam bagian yang lebih kecil.",
        f"{SAFE_EN} The message is too large; it is sent again in smaller parts.",
    ),
    "too_many_requests": (
        f"{SAFE_ID} Server sedang ramai; dicoba lagi sendiri.",
        f"{SAFE_EN} Many are sending now; it will be tried again by itself.",
    ),
    "server_failed": (
        f"{SAFE_ID} Ada kesalahan pada server; dicoba lagi sendiri.",
        f"{SAFE_EN} The server has failed; it will be tried again by itself.",
    ),
    "sign_in_needed": ("Tidak ada yang berubah. Silakan masuk dulu.", "Nothing was changed. Please sign in first."),
    "sign_in_failed": (
        "Tidak ada yang berubah. Nama masuk atau kata sandi salah.",
        "Nothing was changed. Login or password is wrong.",
    ),
    "form_expired": (
        "Tidak ada yang berubah. Halaman ini sudah lama terbuka; buka lagi lalu kirim sekali lagi.",
        "Nothing was changed. This page has been open for long; open it again and send it once more.",
    ),
    "too_many_deactivated": (
        "Tidak ada yang berubah. Berkas ini akan menonaktifkan lebih banyak pegawai daripada yang dibolehkan.",
        "Nothing was changed. The file would make more people inactive than is let through.",
    ),
    "import_refused": (
        "Tidak ada yang diimpor dan tidak ada yang berubah. Ada yang salah dalam berkas ini.",
        "Nothing was imported or changed. Something in this file is wrong.",
    ),
    "file_unreadable": (
        "Tidak ada yang berubah. Berkas tidak dapat dibaca.",
        "Nothing was changed. The file cannot be read.",
    ),
    "file_unwritable": (
        "Tidak ada yang berubah. Berkas tidak dapat ditulis.",
        "Nothing was changed. The file cannot be written.",
    ),
    "file_too_large": ("Tidak ada yang berubah. Berkas terlalu besar.", "Nothing was changed. The file is too large."),
    "not_initialised": (
        "Tidak ada yang berubah. Server ini belum disiapkan.",
        "Nothing was changed. This server has not been set up.",
    ),
    "weak_secret": (
        "Tidak ada yang berubah. Kunci rahasia server terlalu lemah.",
        "Nothing was changed. The server's secret is too weak.",
    ),
    "database_not_migrated": (
        "Data tetap utuh. Basis data perlu disesuaikan dengan versi program ini.",
        "The data is untouched. The database has to be brought up to date for this program.",
    ),
    "database_newer": (
        "Data tetap utuh. Basis data ditulis oleh program yang lebih baru; jangan dihapus.",
        "The data is untouched. A newer program wrote this database; do not delete it.",
    ),
    "database_unreachable": (
        "Tidak ada yang berubah. Basis data tidak dapat dibuka.",
        "Nothing was changed. The database cannot be opened.",
    ),
    "invalid_database_url": (
        "Tidak ada yang berubah. Alamat basis data ini tidak dapat dipakai.",
        "Nothing was changed. This database URL cannot be used.",
    ),
    "target_not_empty": (
        "Tidak ada yang berubah. Basis data tujuan sudah berisi sebuah server.",
        "Nothing was changed. The database to copy to holds a server already.",
    ),
    "copy_differs": (
        "Data tetap utuh. Salinannya dibatalkan: yang tiba tidak sama dengan yang dikirim.",
        "The data is untouched. The copy was undone: what arrived is not what was sent.",
    ),
    "citus_missing": (
        "Tidak ada yang berubah. Basis data ini bukan koordinator Citus.",
        "Nothing was changed. This database is no coordinator of Citus.",
    ),
    "data_dir_unusable": (
        "Tidak ada yang berubah. Folder data tidak dapat dipakai.",
        "Nothing was changed. The data directory cannot be used.",
    ),
    "address_unusable": (
        "Tidak ada yang berubah. Alamat atau port ini tidak dapat dipakai.",
        "Nothing was changed. This address or port cannot be used.",
    ),
    "processes_need_postgresql": (
        "Tidak ada yang berubah. SQLite hanya dapat ditulis satu proses; beberapa proses memerlukan PostgreSQL.",
        "Nothing was changed. SQLite is written by one process; several processes need PostgreSQL.",
    ),
    "org_not_named": (
        "Tidak ada yang berubah. Sebutkan organisasi yang dimaksud dengan --org.",
        "Nothing was changed. Name the org that you mean with --org.",
    ),
    "pin_needed": (
        "Tidak ada yang berubah. PIN diperlukan dan tidak ada layar untuk mengetiknya.",
        "Nothing was changed. The PIN is needed, and there is no terminal to type it at.",
    ),
    "wrong_pin": ("Tidak ada yang berubah. PIN salah.", "Nothing was changed. The PIN is wrong."),
    "forked": (
        f"{SAFE_ID} Ada salinan lain dari penyimpanan ini; minta kode baru dan daftarkan lagi.",
        f"{SAFE_EN} There is another copy of this store; ask for a new code and enrol again.",
    ),
    "answer_not_signed": (
        f"{SAFE_ID} Yang menjawab bukan server, misalnya halaman masuk Wi-Fi; buka satu halaman web lalu coba lagi.",
        f"{SAFE_EN} Something else answered than the server, a Wi-Fi log-in page perhaps; open a web page once, then try again.",
    ),
    "server_busy": (
        f"{SAFE_ID} Server minta dicoba lagi nanti; dikirim sendiri.",
        f"{SAFE_EN} The server asks to come back later; it is sent by itself.",
    ),
    "malformed_answer": (
        f"{SAFE_ID} Jawaban server tidak dapat dibaca; mungkin aplikasi perlu diperbarui.",
        f"{SAFE_EN} The server's answer cannot be read; perhaps the app needs an update.",
    ),
    "refused": (
        f"{SAFE_ID} Server menolak kiriman ini; hubungi admin.",
        f"{SAFE_EN} The server refused this message; ask the admin of your office.",
    ),
    "quarantined": (
        f"{SAFE_ID} Server sudah menerimanya dan menunggu keputusan admin.",
        f"{SAFE_EN} The server has received them and waits for an admin's decision.",
    ),
    "quarantine_decided": (
        f"{SAFE_ID} Admin sudah memutuskan tentang kiriman perangkat ini; perangkatnya sendiri belum punya akses lagi.",
        f"{SAFE_EN} An admin has decided about what this device sent; the device itself has no access still.",
    ),
    "request_repeated": (
        f"{SAFE_ID} Permintaan ini sudah pernah diterima; dicoba lagi sendiri.",
        f"{SAFE_EN} This request came before; it is tried again by itself.",
    ),
    "malformed_envelope": (
        f"{SAFE_ID} Kiriman tidak dapat dibaca server; perbarui aplikasi.",
        f"{SAFE_EN} The server could not read the message; update the app.",
    ),
    "broken_chain": (
        f"{SAFE_ID} Urutan kiriman tidak cocok; dikirim lagi sendiri.",
        f"{SAFE_EN} The order of what was sent does not fit; it is sent again by itself.",
    ),
    "batch_too_large": (
        f"{SAFE_ID} Kiriman terlalu banyak sekaligus; dikirim lagi dalam bagian yang lebih kecil.",
        f"{SAFE_EN} Too much was sent at once; it is sent again in smaller parts.",
    ),
    "unsupported_encoding": (
        f"{SAFE_ID} Bentuk kiriman tidak dikenal server; perbarui aplikasi.",
        f"{SAFE_EN} The server does not know this form of message; update the app.",
    ),
    "store_newer": (
        f"{SAFE_ID} Penyimpanan ditulis oleh aplikasi yang lebih baru; perbarui aplikasi dan jangan hapus berkasnya.",
        f"{SAFE_EN} A newer app wrote this store; update the app and do not delete the file.",
    ),
    "store_not_readable": (
        f"{SAFE_ID} Penyimpanan tidak cocok dengan kuncinya; jangan hapus berkas apa pun dan hubungi admin.",
        f"{SAFE_EN} The store does not open with its key; do not delete any file and ask an admin.",
    ),
    "key_file_damaged": (
        f"{SAFE_ID} Berkas kunci rusak; kembalikan key.json dari salinan dan jangan hapus penyimpanan.",
        f"{SAFE_EN} The key file is damaged; put key.json back from a copy and do not delete the store.",
    ),
    "server_key_changed": (
        f"{SAFE_ID} Server ini bukan server yang dipercaya perangkat ini; tanyakan kepada admin.",
        f"{SAFE_EN} This is not the server that this device trusts; ask the admin.",
    ),
    "store_of_another_person": (
        f"{SAFE_ID} Penyimpanan ini milik orang lain; pakai folder data sendiri.",
        f"{SAFE_EN} This store belongs to somebody else; use a data folder of your own.",
    ),
    "operation_too_large": (
        f"{SAFE_ID} Catatan ini terlalu panjang; persingkat lalu simpan lagi.",
        f"{SAFE_EN} This entry is too long; shorten it and save it again.",
    ),
    "not_canonical": (
        f"{SAFE_ID} Bentuk catatan ini ditolak server; ini kesalahan aplikasi, beri tahu admin.",
        f"{SAFE_EN} The server refused the form of this entry; that is the app's fault, tell the admin.",
    ),
    "malformed_operation": (
        f"{SAFE_ID} Bentuk perubahan ini ditolak server; ini kesalahan aplikasi, beri tahu admin.",
        f"{SAFE_EN} The server refused the form of this change; that is the app's fault, tell the admin.",
    ),
    "unknown_type": (
        f"{SAFE_ID} Server belum mengenal jenis catatan ini; beri tahu admin.",
        f"{SAFE_EN} The server does not know this kind of record; tell the admin.",
    ),
    "unknown_schema_version": (
        f"{SAFE_ID} Server belum mengenal versi aplikasi ini; beri tahu admin agar server diperbarui.",
        f"{SAFE_EN} The server does not know this app's version yet; tell the admin to update the server.",
    ),
    "already_corrected": (
        f"{SAFE_ID} Perubahan ini sudah dibetulkan sebelumnya; lihat catatannya, lalu ubah lagi jika perlu.",
        f"{SAFE_EN} This change was corrected before; look at the entry and change it again if need be.",
    ),
    "id_taken": (
        f"{SAFE_ID} Nomor catatan ini sudah dipakai orang lain; salin isinya ke catatan baru.",
        f"{SAFE_EN} Somebody else's entry has this id; copy the text into a new entry.",
    ),
    "unknown_record": (
        f"{SAFE_ID} Menunggu catatan asalnya sampai di server; dijalankan sendiri.",
        f"{SAFE_EN} It waits until the entry itself has reached the server; it runs by itself.",
    ),
    "behind": (
        f"{SAFE_ID} Menunggu perubahan sebelumnya pada catatan yang sama; dijalankan sendiri.",
        f"{SAFE_EN} It waits for an earlier change of the same entry; it runs by itself.",
    ),
    "disk_full": (
        "Tidak ada yang berubah. Penyimpanan perangkat penuh, jadi ini belum tersimpan; kosongkan ruang, lalu simpan lagi.",
        "Nothing was changed. The device's storage is full, so this was not saved; make room, then save again.",
    ),
    "disk_failed": (
        "Tidak ada yang berubah. Penyimpanan perangkat gagal, ini belum tersimpan; simpan lagi, minta perangkat diperiksa.",
        "Nothing was changed. The device's storage failed, so this was not saved; save again, have the device looked at.",
    ),
    "device_wiped": (
        "Semua catatan sudah diterima dan dicadangkan server. Akses perangkat ini dicabut dan isinya dikosongkan.",
        "Everything was received and backed up. This device's access was taken away and its store emptied.",
    ),
    "not_enrolled": (
        "Tidak ada yang berubah. Perangkat ini belum terdaftar; minta kode pendaftaran kepada admin.",
        "Nothing was changed. This device is not enrolled yet; ask an admin for a code.",
    ),
    "entry_reviewed": (
        "Tidak ada yang berubah. Catatan ini sudah ditinjau; ubahannya harus diputuskan admin, atau tinjauannya ditarik dulu.",
        "Nothing was changed. This entry has been reviewed; an admin decides such a change, or the review is withdrawn first.",
    ),
    "not_found": (
        "Tidak ada yang berubah. Yang dicari tidak ada di sini; periksa nomornya.",
        "Nothing was changed. What you named is not here; check its id.",
    ),
    "ambiguous_id": (
        "Tidak ada yang berubah. Ada beberapa yang nomornya begitu; tulis nomornya lebih panjang.",
        "Nothing was changed. Several have such an id; write more of it.",
    ),
    "not_confirmed": (
        "Tidak ada yang berubah. Ini perlu kepastian Anda; tambahkan --yes bila memang demikian.",
        "Nothing was changed. This needs your confirmation; add --yes if it is meant.",
    ),
    "plain_http_refused": (
        "Tidak ada yang berubah. Alamat http tanpa enkripsi tidak dipakai; gunakan https.",
        "Nothing was changed. Plain http, which everybody on the way can read, was not used; use https.",
    ),
    "invalid_url": (
        "Tidak ada yang berubah. Alamat server tidak lengkap; alamat diawali https://.",
        "Nothing was changed. The server's address is incomplete; it begins with https://.",
    ),
    "pin_too_short": (
        "Tidak ada yang berubah. PIN terlalu pendek; pilih yang lebih panjang.",
        "Nothing was changed. The PIN is too short; choose a longer one.",
    ),
    "store_not_encrypted": (
        "Tidak ada yang berubah. Program ini tidak dapat mengenkripsi penyimpanan; pasang ulang aplikasi.",
        "Nothing was changed. This program cannot encrypt the store; install the app again.",
    ),
    "already_exists": (
        "Tidak ada yang berubah. Yang seperti ini sudah ada.",
        "Nothing was changed. There is one like it already.",
    ),
    "conflict_changed": (
        "Tidak ada yang berubah. Konflik ini sudah berubah sejak Anda lihat; lihat lagi lalu putuskan.",
        "Nothing was changed. The conflict has changed since you saw it; look again, then decide.",
    ),
    "plan_changed": (
        "Tidak ada yang berubah. SKP ini berubah sejak Anda membukanya; lihat lagi, lalu simpan.",
        "Nothing was changed. The plan has changed since you opened it; look again, then save.",
    ),
    "entry_changed": (
        "Tidak ada yang berubah. Catatan ini sudah berubah sejak Anda lihat; lihat lagi lalu putuskan.",
        "Nothing was changed. The entry has changed since you saw it; look again, then decide.",
    ),
    "method_not_allowed": (
        "Tidak ada yang berubah. Permintaan ini tidak dikenal server.",
        "Nothing was changed. The server does not know this request.",
    ),
    "no_policy": (
        "Tidak ada yang berubah. Belum ada kebijakan penilaian untuk bulan itu.",
        "Nothing was changed. There is no scoring policy for that month.",
    ),
    "policy_not_valid": (
        "Tidak ada yang berubah. Kebijakan ini belum atau tidak lagi berlaku pada bulan itu.",
        "Nothing was changed. This policy does not hold in that month yet, or no longer.",
    ),
    "policy_mistake": (
        "Tidak ada yang berubah. Ada kesalahan dalam berkas kebijakan penilaian.",
        "Nothing was changed. There is a mistake in the scoring policy file.",
    ),
    "invalid_line": (
        "Tidak ada yang hilang. Satu baris dalam berkas perlu dibetulkan; baris sebelumnya sudah tersimpan di perangkat ini.",
        "Nothing was lost. A line of the file has to be corrected; the lines before it are saved on this device.",
    ),
    "missing_column": (
        "Tidak ada yang berubah. Berkas ini tidak memuat kolom yang diperlukan.",
        "Nothing was changed. The file lacks a column that is needed.",
    ),
    "invalid_field": (
        "Tidak ada yang hilang. Ada isian yang tidak dapat diterima; perbaiki lalu simpan lagi.",
        "Nothing was lost. A field has a value that cannot be taken; correct it and save again.",
    ),
    "missing_field": (
        "Tidak ada yang hilang. Ada isian wajib yang kosong; lengkapi lalu simpan lagi.",
        "Nothing was lost. A field that is needed is empty; fill it in and save again.",
    ),
    "unknown_field": (
        "Tidak ada yang hilang. Ada isian yang tidak dikenal; periksa namanya, atau perbarui aplikasi.",
        "Nothing was lost. There is a field that is not known; check its name, or update the app.",
    ),
    "immutable_field": (
        "Tidak ada yang hilang. Isian ini hanya dapat ditulis sekali, saat catatan dibuat.",
        "Nothing was lost. This field is written once, when the entry is made.",
    ),
    "server_field": (
        "Tidak ada yang hilang. Isian ini hanya ditulis oleh server.",
        "Nothing was lost. This field is written by the server only.",
    ),
    "state_not_allowed": (
        "Tidak ada yang hilang. Langkah ini tidak mungkin dari keadaan sekarang; lihat lagi keadaannya.",
        "Nothing was lost. This step is not possible from the present state; look at it again.",
    ),
    "not_permitted": (
        "Tidak ada yang hilang. Anda tidak berhak melakukan ini; tanyakan kepada atasan atau admin.",
        "Nothing was lost. You may not do this; ask your supervisor or an admin.",
    ),
    "backup_failed": (
        "Data tetap utuh. Cadangan tidak dapat ditulis; periksa folder, hak akses, dan ruang disk.",
        "The data is untouched. The backup could not be written; check the folder, the rights and the space on the disk.",
    ),
    "backup_damaged": (
        "Tidak ada yang berubah. Cadangan ini tidak utuh; pakailah cadangan lain.",
        "Nothing was changed. This backup is not whole; take another one.",
    ),
    "server_running": (
        "Tidak ada yang berubah. Basis data masih dipakai; hentikan server dulu.",
        "Nothing was changed. The database is in use; stop the server first.",
    ),
    "other_server": (
        "Tidak ada yang berubah. Cadangan ini milik server lain.",
        "Nothing was changed. This backup is of another server.",
    ),
    "log_gap": (
        f"{SAFE_ID} Server dipulihkan dari cadangan lama; minta kode baru kepada admin dan daftarkan ulang.",
        f"{SAFE_EN} The server was restored from an old backup; ask an admin for a new code and enrol again.",
    ),
}
