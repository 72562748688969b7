"""Problems: what a device, a person or a network can cause, each with a code that never changes (sync_protocol.md §16).

A Problem says what happened, the facts, and the next step; `WORDS` says it to staff, first whether the work is safe.
Our own bugs are assertions, not Problems. Sending a Problem over a wire belongs to the edges.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

SAFE_ID: Final = "Catatan Anda masih tersimpan di perangkat ini."
SAFE_EN: Final = "Your entries are still saved on this device."

# Code -> HTTP status; a code without a status here never leaves the device or the command that raised it.
STATUSES: Final[Mapping[str, int]] = {
    "malformed_request": 400,
    "malformed_envelope": 400,
    "invalid_field": 400,
    "broken_chain": 400,
    "unknown_device": 401,
    "bad_signature": 401,
    "clock_skew": 401,
    "request_repeated": 401,
    "sign_in_needed": 401,
    "sign_in_failed": 401,
    "not_permitted": 403,
    "enrol_code_refused": 403,
    "not_found": 404,
    "method_not_allowed": 405,
    "already_exists": 409,
    "conflict_changed": 409,
    "entry_changed": 409,
    "body_too_large": 413,
    "batch_too_large": 413,
    "unsupported_encoding": 415,
    "protocol_version": 426,
    "too_many_requests": 429,
    "busy": 503,
}

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
        "Kode pendaftaran tidak berlaku; minta kode baru kepada admin.",
        "The enrolment code is not valid; ask an admin for a new one.",
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
    "import_refused": (
        "Tidak ada yang diimpor dan tidak ada yang berubah. Ada yang salah dalam berkas ini.",
        "Nothing was imported or changed. Something in this file is wrong.",
    ),
    "file_unreadable": (
        "Tidak ada yang berubah. Berkas tidak dapat dibaca.",
        "Nothing was changed. The file cannot be read.",
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
    "data_dir_unusable": (
        "Tidak ada yang berubah. Folder data tidak dapat dipakai.",
        "Nothing was changed. The data directory cannot be used.",
    ),
    "address_unusable": (
        "Tidak ada yang berubah. Alamat atau port ini tidak dapat dipakai.",
        "Nothing was changed. This address or port cannot be used.",
    ),
    "org_not_named": (
        "Tidak ada yang berubah. Sebutkan organisasi yang dimaksud dengan --org.",
        "Nothing was changed. Name the org that you mean with --org.",
    ),
    "wrong_pin": ("PIN salah; tidak ada yang berubah.", "The PIN is wrong; nothing was changed."),
}


class Problem(Exception):
    """Something that the world did: stable code, a full sentence, facts and the next step."""

    def __init__(
        self,
        code: str,
        message: str,
        facts: Mapping[str, Any] | None = None,
        next_step: str = "",
        *,
        status: int | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.facts = dict(facts or {})
        self.next_step = next_step
        self.status = status if status is not None else STATUSES.get(code, 400)

    def document(self) -> dict[str, Any]:
        """The problem as JSON values: `code`, `message`, `facts`, `next_step`."""
        return {"code": self.code, "message": self.message, "facts": self.facts, "next_step": self.next_step}

    def words(self, language: str) -> str:
        """What staff read: the catalogue's sentence, in Indonesian (`id`) or English, else the message itself."""
        indonesian, english = WORDS.get(self.code, (self.message, self.message))
        return english if language == "en" else indonesian
