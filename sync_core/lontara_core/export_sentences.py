"""The messages and next steps of problems about files that leave the server, in Indonesian, by their English sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

EXPORT_MESSAGES: Final[Mapping[str, str]] = {
    "The file would have more than {0} rows. Nothing was written.": "Berkasnya akan lebih dari {0} baris.",
    "{0} people are more than a file takes, which are {1}. Nothing was written.":
        "{0} pegawai terlalu banyak untuk satu berkas; paling banyak {1}.",
    "{0} cannot be written. Nothing was exported.": "{0} tidak dapat ditulis.",
    "The file has no column {0}. Nothing was written.": "Berkas ini tidak punya kolom {0}.",
}  # fmt: skip
EXPORT_NEXT_STEPS: Final[Mapping[str, str]] = {
    "Choose a shorter time or one unit.": "Pilih waktu yang lebih pendek atau satu unit.",
    "Choose a smaller unit.": "Pilih unit yang lebih kecil.",
    "Check the folder and the rights on it.": "Periksa folder dan hak aksesnya.",
    "Give the file the columns nip and pns_id.": "Beri berkas itu kolom nip dan pns_id.",
}
