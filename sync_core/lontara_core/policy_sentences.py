"""The messages and next steps of problems about policies, years and jobs, in Indonesian, by their English sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

POLICY_MESSAGES: Final[Mapping[str, str]] = {
    "A year's policy holds from a year on, not from {0}. Nothing was changed.":
        "Kebijakan tahunan berlaku sejak awal suatu tahun, bukan sejak {0}.",
    "An account that is bound to a unit may not activate a policy of the whole org. Nothing was changed.":
        "Akun yang terikat pada satu unit tidak boleh mengaktifkan kebijakan untuk seluruh organisasi.",
    "No policy holds in {0}. Nothing was changed.": "Tidak ada kebijakan yang berlaku pada {0}.",
    "There is no such policy.": "Kebijakan itu tidak ada.",
    "{0} is larger than {1} characters. Nothing was imported.": "{0} lebih dari {1} huruf.",
    "{0} is not a month. Nothing was changed.": "{0} bukan bulan.",
    "{0} is not a year. Nothing was changed.": "{0} bukan tahun.",
    "{0} version {1} holds from {2}{3}, not on {4}. Nothing was changed.":
        "{0} versi {1} berlaku sejak {2}{3}, tidak pada {4}.",
    "{0} version {1} is there already and says something else. Nothing was changed.":
        "{0} versi {1} sudah ada dan isinya berbeda.",
}  # fmt: skip
POLICY_NEXT_STEPS: Final[Mapping[str, str]] = {
    "A policy is a page or two of YAML.": "Kebijakan adalah satu atau dua halaman YAML.",
    "Choose a month within its validity, or import a version that holds then.":
        "Pilih bulan dalam masa berlakunya, atau impor versi yang berlaku saat itu.",
    "Leave --processes and --without-jobs out, or move to PostgreSQL with `lontara-server copy-to URL`.":
        "Jangan pakai --processes dan --without-jobs, atau pindah ke PostgreSQL dengan `lontara-server copy-to URL`.",
    "Say why this policy holds from then on, for example the decree's number.":
        "Tulis mengapa kebijakan ini berlaku sejak saat itu, misalnya nomor peraturannya.",
    "Write a year from {0} to {1}.": "Tulis tahun dari {0} sampai {1}.",
    "Write the next version into the file: version: {0}.": "Tulis versi berikutnya dalam berkas: version: {0}.",
    "Write the year: {0}.": "Tulis tahunnya: {0}.",
    "`lontara-server run` runs the jobs itself; move to PostgreSQL with `lontara-server copy-to URL`.":
        "`lontara-server run` menjalankan pekerjaan ini sendiri; pindah ke PostgreSQL dengan `lontara-server copy-to URL`.",
}  # fmt: skip
