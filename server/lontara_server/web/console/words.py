"""What the console's pages say, in Indonesian and English. Names of kinds, routes and fields are in `lontara_core.terms`.

Each text says first whether the work is safe, where that could be in doubt. No markup in here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from lontara_core.terms import TERMS
from lontara_server.web.console.attendance_words import ATTENDANCE_PAGES
from lontara_server.web.console.objection_words import OBJECTION_PAGES
from lontara_server.web.console.people_words import PEOPLE_PAGES
from lontara_server.web.console.plan_words import PLAN_PAGES
from lontara_server.web.console.policy_words import POLICY_PAGES
from lontara_server.web.console.score_words import SCORE_PAGES

PAGES: Final[Mapping[str, tuple[str, str]]] = {
    "language": ("Bahasa", "Language"),
    "skip": ("Langsung ke isi", "Skip to content"),
    "main_nav": ("Utama", "Main"),
    "nav.reviews": ("Tinjau", "Review"),
    "nav.conflicts": ("Konflik", "Conflicts"),
    "nav.scores": ("Nilai", "Scores"),
    "sign_out": ("Keluar", "Sign out"),
    "filter": ("Saring", "Filter"),
    "all": ("Semua", "All"),
    "unknown": ("tidak diketahui", "not known"),
    "pages_of": ("Halaman: {name}", "Pages: {name}"),
    "rows_of": ("Baris {first}–{last} dari {total}", "Rows {first}–{last} of {total}"),
    "page_n_of": ("Halaman {n} dari {pages}", "Page {n} of {pages}"),
    "page_before": ("Sebelumnya", "Previous"),
    "page_after": ("Berikutnya", "Next"),
    # Signing in
    "sign_in": ("Masuk", "Sign in"),
    "hero": (
        "Catatan kerja harian yang sampai, walau sinyal tidak.",
        "Daily work records that arrive, even where the signal does not.",
    ),
    "login": ("Nama masuk", "Login"),
    "password": ("Kata sandi", "Password"),
    "org": ("Organisasi", "Organisation"),
    "forgot": ("Lupa kata sandi? Hubungi admin.", "Forgot your password? Ask an admin."),
    # What waits
    "desk": ("Menunggu keputusan", "Waiting for a decision"),
    "desk_lead": (
        "Tidak ada yang diputuskan dengan sendirinya; semuanya tetap tersimpan selama menunggu.",
        "Nothing decides itself; everything stays kept while it waits.",
    ),
    "desk.reviews": ("Catatan menunggu tinjauan", "Entries that wait for a review"),
    "desk.conflicts": ("Konflik", "Conflicts"),
    "desk.objections": ("Keberatan atas nilai", "Objections to scores"),
    "desk.plans": ("SKP yang diajukan", "Plans that were submitted"),
    "desk.pins": ("PIN mesin tanpa pemilik", "Machine PINs that are nobody's"),
    "desk.drift": ("Nilai terbit yang akan berbeda", "Published scores that would be others"),
    "desk_why.plans": ("menunggu persetujuan penilai", "they wait for the assessor's approval"),
    "desk_why.pins": ("lognya tersimpan, belum dihitung", "their punches are kept and do not count yet"),
    "desk_why.drift": ("menurut pemeriksaan malam terakhir", "as the last nightly verification found"),
    "desk_since": ("tertua {day}", "the oldest of {day}"),
    "desk_none": ("Tidak ada yang menunggu keputusan", "Nothing waits for a decision"),
    "desk_none_why": (
        "Yang baru muncul di sini begitu perangkat tersambung atau seseorang mengajukannya.",
        "What is new shows up here as soon as a device connects or somebody hands it in.",
    ),
    # List of conflicts
    "conflicts": ("Konflik", "Conflicts"),
    "conflict_tabs": ("Jalur konflik", "Routes of conflicts"),
    "tab.admin": ("Untuk admin", "For the admin"),
    "tab.supervisor": ("Untuk atasan", "For the supervisor"),
    "tab.worker": ("Untuk pegawai", "For the worker"),
    "tab.resolved": ("Selesai", "Resolved"),
    "or": ("atau", "or"),
    "age.now": ("baru saja", "just now"),
    "age.minutes": ("{n} menit", "{n} min"),
    "age.hours": ("{n} jam", "{n} h"),
    "age.days": ("{n} hari", "{n} day | {n} days"),
    "none_waiting": ("Tidak ada yang menunggu di sini", "Nothing waits here"),
    "none_waiting_why": (
        "Tidak ada konflik yang menunggu di jalur ini. Konflik baru bisa muncul saat perangkat yang lama diam tersambung lagi.",
        "No conflict waits on this route. New ones may come up when a device that was silent connects again.",
    ),
    "merged_by_itself": (
        "Isian berbeda yang diubah di dua perangkat digabung sendiri dan tidak muncul di sini.",
        "Different fields changed on two devices are merged by themselves and do not show up here.",
    ),
    # One conflict
    "pick_right": ("Pilih isian yang benar", "Pick what is right"),
    "cord": (
        "Versi asal bercabang, lalu disatukan lagi menjadi hasil.",
        "The base version splits and is tied together again as the result.",
    ),
    "base": ("Versi asal", "Base version"),
    "base_note": ("terakhir yang sama", "the last that was the same"),
    "server_version": ("Di server", "On the server"),
    "server_note": ("yang dihitung sekarang", "what counts now"),
    "result": ("Hasil", "Result"),
    "result_note": ("Begini catatan akan tersimpan", "How the entry will be kept"),
    "from_version": ("dari {letter}", "from {letter}"),
    "written_by": ("{name}, {when}", "{name}, {when}"),
    "same_fields": ("Lihat isian yang sama", "Show what is the same"),
    "effect": ("Dampak nilai", "Effect on the score"),
    "effect_none": (
        "Catatan ini belum disetujui, jadi belum ikut dihitung.",
        "The entry is not approved yet, so it does not count yet.",
    ),
    "effect_same": ("Nilai {period} tetap {value}.", "The score of {period} stays {value}."),
    "effect_moves": ("Nilai {period}: {before} menjadi {after}.", "Score of {period}: {before} becomes {after}."),
    "effect_unknown": ("Pilihan ini belum bisa dihitung: {why}", "This choice cannot be computed yet: {why}"),
    "no_score": ("belum ada", "none yet"),
    "provisional": ("sementara", "provisional"),
    "compute_effect": ("Hitung dampak", "Compute the effect"),
    "reason": ("Alasan", "Reason"),
    "reason_for": ("wajib, dibaca oleh {name}", "required, read by {name}"),
    "reason_required": ("wajib", "required"),
    "will_read": ("Yang akan dibaca {name} di perangkatnya:", "What {name} will read on the device:"),
    "has_read": ("Yang dibaca {name} di perangkatnya:", "What {name} reads on the device:"),
    "the_worker": ("pegawai", "the worker"),
    "save_decision": ("Simpan keputusan", "Save the decision"),
    "all_kept": (
        "Semua versi tetap tersimpan di riwayat. Keputusan bisa dibuka lagi.",
        "Every version stays in the history. The decision can be reopened.",
    ),
    "other_ways": ("Cara lain menyelesaikan", "Other ways to settle it"),
    "way.own": ("Tulis nilai sendiri", "Write values of your own"),
    "way.own_why": ("Bila kedua versi keliru", "Where both versions are wrong"),
    "way.base": ("Kembali ke versi asal", "Back to the base version"),
    "way.base_why": (
        "Kedua perubahan tidak dipakai, tetap ada di riwayat",
        "Neither change is used; both stay in the history",
    ),
    "use_own": ("Pakai nilai ini", "Use these values"),
    "use_base": ("Pakai versi asal", "Use the base version"),
    "your_decision": ("Keputusan", "Decision"),
    "way.both": ("Simpan keduanya", "Keep both"),
    "way.both_why": ("Dua pekerjaan yang berbeda", "Two different pieces of work"),
    "way.all": ("Biarkan semuanya", "Let all of them stand"),
    "way.all_why": ("Catatan memang benar begitu", "The entries are right as they are"),
    "way.stand": ("Biarkan catatan ini", "Let the entry stand"),
    "way.stand_why": ("Catatan benar dan dihitung setelah disetujui", "It is right, and counts once approved"),
    "way.merge": ("Gabungkan ke catatan {letter}", "Merge into entry {letter}"),
    "way.merge_why": ("Yang lain dibatalkan, tetap di riwayat", "The others are voided and stay in the history"),
    "way.void": ("Batalkan catatan {letter}", "Void entry {letter}"),
    "way.void_why": ("Tetap terbaca di riwayat", "It stays readable in the history"),
    "way.noted": ("Sudah dilihat", "Seen"),
    "way.noted_why": (
        "Konflik ditutup sekarang; yang di karantina tetap di sana sampai tiba atau diputuskan",
        "The conflict is closed now; what is in quarantine stays there until it arrives or is decided",
    ),
    "fork_device": ("Perangkat “{name}” dari {person}", "Device “{name}” of {person}"),
    "fork_what": (
        ("Tidak ada yang hilang: kiriman salinannya disisihkan di karantina. Penyimpanan perangkat ini ada dua, misalnya"
        " disalin ke komputer lain atau dipulihkan dari salinan lama."),
        ("Nothing is lost: what the copy sent lies in quarantine. There are two copies of this device's store, perhaps on"
        " another machine or restored from an old image."),
    ),
    "fork_do": (
        ("Buat kode baru dan daftarkan lagi salinan yang disisihkan. Pekerjaannya lalu masuk dengan sendirinya, dan"
        " konflik ini menutup sendiri setelah semuanya tiba."),
        ("Make a new code and enrol the copy again that was set aside. Its work then arrives by itself, and this conflict"
        " closes once all of it is there."),
    ),
    "fork_no_effect": ("Tidak ada nilai yang berubah.", "No score changes."),
    "is_voided": ("sudah dibatalkan", "voided already"),
    "resolved_head": ("Keputusan tersimpan", "The decision is saved"),
    "decided_by": ("{name}, {when}", "{name}, {when}"),
    "reopen": ("Buka lagi", "Reopen"),
    "reopen_why": (
        ("Keputusan ditarik; isian yang sudah dipakai dan catatan yang dibatalkan tetap begitu sampai ada keputusan baru."
         " Yang tidak dibatalkan keputusan baru itu lalu dipulihkan."),
        ("The decision is taken back; values already used and entries voided stay so until the next one, which brings back"
         " what it does not void."),
    ),
    "read_only": (
        "Anda dapat membaca konflik ini. Yang memutuskan: {who}.",
        "You can read this conflict. It is decided by: {who}.",
    ),
    "answers": ("Jawaban pegawai", "What the worker says"),
    "history": ("Riwayat", "History"),
    "revision": ("revisi {n}", "revision {n}"),
    "changed_head": (
        "Keputusan Anda belum tersimpan. Semua versi tetap aman.",
        "Your decision is not saved yet. Every version is safe.",
    ),
    "changed_why": (
        "Konflik ini baru saja berubah, jadi pilihan tadi perlu dilihat sekali lagi. Alasan yang sudah Anda tulis masih ada.",
        "This conflict has just changed, so look at your choice once more. The reason that you wrote is still here.",
    ),
    "refused_head": (
        "Keputusan Anda belum tersimpan. Semua versi tetap aman.",
        "Your decision is not saved yet. Every version is safe.",
    ),
    # Reviews
    "reviews": ("Tinjau tim", "Review the team"),
    "waiting": ("Menunggu {n}", "{n} waiting"),
    "review_tabs": ("Keadaan tinjauan", "State of the review"),
    "in_month": ("{period}: {n}", "{period}: {n}"),
    "none_in_state": ("Tidak ada catatan dengan keadaan ini", "No entry stands in this state"),
    "none_in_state_why": ("Pilih bulan atau keadaan lain.", "Choose another month or state."),
    "of_one_person": ("Hanya {nip}", "Only {nip}"),
    "uncounted": ("Tidak dihitung dalam nilai ini", "Not counted in this score"),
    "uncounted.submitted": ("{n} catatan menunggu tinjauan", "{n} entry waits for a review | {n} entries wait for a review"),
    "uncounted.needs_revision": ("{n} catatan dikembalikan", "{n} entry was returned | {n} entries were returned"),
    "uncounted.rejected": ("{n} catatan ditolak", "{n} entry was rejected | {n} entries were rejected"),
    "merged_away": ("Catatan ini dihapus dan tidak dihitung.", "This entry is deleted and does not count."),
    "none_to_review": ("Tidak ada yang menunggu tinjauan", "Nothing waits for a review"),
    "none_to_review_why": (
        "Catatan yang diajukan muncul di sini setelah perangkatnya tersambung.",
        "Entries that were submitted show up here once their device has connected.",
    ),
    "entries_n": ("{n} kegiatan", "{n} entry | {n} entries"),
    "without_times": ("{n} tanpa jam", "{n} without times"),
    "day_of": (
        "Hari {name}: {n} kegiatan, {minutes}",
        "The day of {name}: {n} entry, {minutes} | The day of {name}: {n} entries, {minutes}",
    ),
    "see": ("Lihat", "See"),
    "see_entry": ("Lihat {title}", "See {title}"),
    "approve_selected": ("Setujui yang terpilih", "Approve what is selected"),
    "approval_locks": (
        "Yang disetujui terkunci: ubahan sesudahnya menjadi konflik, tidak hilang.",
        "What is approved is locked: a later edit becomes a conflict and is not lost.",
    ),
    "content": ("Isi catatan", "The entry"),
    "decision": ("Keputusan", "Decision"),
    "approve": ("Setujui", "Approve"),
    "return": ("Kembalikan", "Return"),
    "reject": ("Tolak", "Reject"),
    "note": ("Catatan", "Note"),
    "note_for": (
        "Wajib saat dikembalikan atau ditolak. Dibaca {name} di perangkatnya, juga tanpa sinyal.",
        "Required to return or reject. {name} reads it on the device, also without a signal.",
    ),
    "judged_revision": ("Yang Anda nilai: revisi {n}", "What you judge: revision {n}"),
    "decided_already": ("Catatan ini sudah diputuskan.", "This entry has been decided."),
    "withdraw": ("Tarik persetujuan", "Take the approval back"),
    "withdraw_why": (
        "Catatan menunggu tinjauan lagi dan tidak dihitung sampai disetujui; pegawai dapat mengubahnya.",
        "The entry waits for a review again and does not count until then; its author can change it.",
    ),
    "withdraw_note": ("Dibaca {name} di perangkatnya.", "{name} reads it on the device."),
    "in_conflict": (
        "Ada konflik terbuka tentang catatan ini.",
        "An open conflict is about this entry.",
    ),
    "see_conflict": ("Lihat konfliknya", "See the conflict"),
    "captured": ("Dicatat {when}", "Captured {when}"),
    "received": ("Diterima {when}", "Received {when}"),
    "entry_changed_head": (
        "Tinjauan belum tersimpan. Catatannya tetap aman.",
        "The review is not saved yet. The entry is safe.",
    ),
    "entry_changed_why": (
        "Catatan ini berubah sejak Anda membukanya. Ini keadaannya sekarang; teks Anda masih ada.",
        "The entry has changed since you opened it. This is how it stands now; your text is still here.",
    ),
    # Scores
    "scores": ("Nilai", "Scores"),
    "period": ("Bulan", "Month"),
    "person": ("Pegawai", "Employee"),
    "score": ("Nilai", "Score"),
    "coverage": ("Kelengkapan", "Coverage"),
    "state": ("Keadaan", "State"),
    "why_score": ("Mengapa nilai {name} {value}?", "Why is the score of {name} {value}?"),
    "why_no_score": ("Mengapa nilai {name} belum ada?", "Why has {name} no score yet?"),
    "score_lead": (
        "{period}, dihitung {when} dari data yang sudah diterima server",
        "{period}, computed {when} from what the server has received",
    ),
    "why_provisional": ("Mengapa nilai ini masih sementara", "Why this score is still provisional"),
    "coverage_is": ("Kelengkapan {percent}%.", "Coverage {percent}%."),
    "coverage_means": (
        "Kelengkapan ialah bagian catatan yang sudah tiba dari perangkat; presensi dan konflik tidak termasuk di dalamnya.",
        "Coverage is the part of the entries that has arrived from devices; attendance and conflicts are no part of it.",
    ),
    "provisional_means": (
        "Nilai sementara masih dapat berubah: ada bagian yang belum diketahui. Buka nilainya untuk melihat yang mana.",
        "A provisional score may still change: some part is not known yet. Open the score to see which.",
    ),
    "dagger": (
        "Ada konflik yang masih terbuka; versi di server yang dihitung.",
        "A conflict is still open; the version at the server is counted.",
    ),
    "unsent_known": (
        "Belum dihitung: {n} catatan yang masih di perangkat.",
        "Not counted yet: {n} entries that are still on devices.",
    ),
    "arithmetic": ("Hitungan", "How it adds up"),
    "recompute_waiting": (
        "Data baru sudah masuk; nilai ini dihitung ulang dalam beberapa detik dan halaman ini memuat ulang sendiri.",
        "New data has arrived; this score is computed again within seconds, and this page reloads by itself.",
    ),
    "other_months": ("Bulan lain", "Other months"),
    "files": ("Berkas bulan ini", "Files of this month"),
    "file.tpp": ("Tabel TPP", "Table of allowances (TPP)"),
    "file.scores": ("Daftar nilai", "List of scores"),
    "file.ekinerja": ("Baris progres e-Kinerja", "e-Kinerja progress rows"),
    "file.recap": ("Unduh rekap untuk ditandatangani (PDF)", "Download the recap to sign (PDF)"),
    "files_noted": (
        "Isinya data pribadi. Setiap unduhan tercatat atas nama Anda.",
        "They hold personal data. Each download is noted under your name.",
    ),
    "none_scored": ("Belum ada nilai", "No scores yet"),
    "none_scored_why": (
        "Nilai muncul setelah ada catatan yang disetujui.",
        "Scores show up once entries have been approved.",
    ),
    # Problems
    "problem_head": ("Belum berhasil. Tidak ada data yang hilang.", "That did not work. No data is lost."),
    "your_text": ("Yang sudah Anda tulis", "What you wrote"),
    "help_code": ("Kode untuk petugas bantuan: {code}", "Code for the help desk: {code}"),
    "go_back": ("Kembali ke awal", "Back to the start"),
    "problem.not_found": (
        "Tidak ada yang ditemukan di alamat ini. Tidak ada yang berubah.",
        "There is nothing at this address. Nothing was changed.",
    ),
    "problem.too_many_requests": (
        "Terlalu banyak percobaan masuk yang gagal. Tunggu sebentar, lalu coba lagi.",
        "Too many sign-ins have failed. Wait a little, then try again.",
    ),
    "problem.not_permitted": (
        "Peran Anda tidak boleh melakukan ini. Tidak ada yang berubah.",
        "Your role may not do this. Nothing was changed.",
    ),
    "problem.missing_field": (
        "Tidak ada yang berubah. Ada isian wajib yang masih kosong: {field}.",
        "Nothing was changed. A required field is empty: {field}.",
    ),
    "problem.invalid_field": (
        "Tidak ada yang berubah. Ada isian yang tidak dapat dipakai: {field}.",
        "Nothing was changed. A value cannot be used: {field}.",
    ),
    "problem.entry_changed": (
        "Tidak ada yang tersimpan. Sebuah catatan berubah sejak Anda membukanya; lihat lagi lalu putuskan.",
        "Nothing was saved. An entry has changed since you opened it; look again, then decide.",
    ),
    "problem.conflict_changed": (
        "Tidak ada yang tersimpan. Konflik ini berubah sejak Anda membukanya; lihat lagi lalu putuskan.",
        "Nothing was saved. The conflict has changed since you opened it; look again, then decide.",
    ),
    "problem.state_not_allowed": (
        "Tidak ada yang berubah. Catatan ini sudah diputuskan.",
        "Nothing was changed. The entry has been decided already.",
    ),
    "problem.server_failed": (
        "Ada kesalahan pada server. Yang belum tersimpan tetap ada di perangkat.",
        "The server has failed. What was not saved is still on the device.",
    ),
}

WORDS: Final[Mapping[str, tuple[str, str]]] = {
    **PAGES,
    **ATTENDANCE_PAGES,
    **OBJECTION_PAGES,
    **PEOPLE_PAGES,
    **PLAN_PAGES,
    **POLICY_PAGES,
    **SCORE_PAGES,
    **TERMS,
}


def say(language: str, key: str, **values: object) -> str:
    """The text with this key. The values stand where it names them in braces.

    An English text may have two forms, `{n} entry | {n} entries`: the first is of one.
    """
    indonesian, english = WORDS[key]
    if language != "en":
        return indonesian.format(**values)
    one, _, many = english.partition(" | ")
    return (many if many and str(values.get("n")) != "1" else one).format(**values)
