"""What is wrong in a cell of a file, in Indonesian, by its English; `{0}` stands for what varies.

A fault without words here is said in English. How a whole problem is laid out in lines is `problem_lines`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from lontara_core.plan_sentences import PLAN_FAULTS
from lontara_core.problem_sentences import in_indonesian

FAULTS: Final[Mapping[str, str]] = {
    # any table
    "it is empty": "berkasnya kosong",
    "it is an XLS or locked with a password": "berkasnya XLS lama atau terkunci kata sandi",
    "it is neither CSV nor XLSX": "bukan CSV maupun XLSX",
    "it is no whole XLSX": "XLSX-nya tidak utuh",
    "it has more cells than the header; a value with a comma stands in quotes":
        "selnya lebih banyak daripada judul kolom; isi yang memuat koma ditulis dalam tanda kutip",
    "it cannot be read as CSV": "tidak terbaca sebagai CSV",
    "the date is no day written as DD-MM-YYYY or YYYY-MM-DD":
        "bukan tanggal yang ditulis HH-BB-TTTT atau TTTT-BB-HH",
    "longer than {0} characters": "lebih dari {0} huruf",
    # people
    "the spreadsheet has turned the NIP into a rounded number; format the column as text":
        "NIP sudah dibulatkan lembar kerja; jadikan kolomnya teks lalu isi lagi",
    "a NIP has 18 digits": "NIP berisi 18 angka",
    "the same NIP as in row {0}": "NIP sama dengan baris {0}",
    "digits 1-8 are no birth date": "angka ke-1 sampai 8 bukan tanggal lahir",
    "digits 13-14 are no month, as in numbers of PPPK": "angka ke-13 dan 14 bukan bulan, seperti pada NIP PPPK",
    "digit 15 is neither 1 nor 2": "angka ke-15 bukan 1 atau 2",
    "nobody supervises themselves": "tidak ada yang menjadi atasan dirinya sendiri",
    "the supervisors stand in a circle": "para atasan saling membawahi dalam lingkaran",
    "nobody has this NIP, here or in the file": "tidak ada yang ber-NIP ini, di sini maupun di berkas",
    "nobody here has this NIP": "tidak ada pegawai ber-NIP ini",
    "the name is empty": "namanya kosong",
    "the name of a new person is missing": "nama pegawai baru belum ada",
    "several units have this name; add the unit's code": "beberapa unit bernama sama; tambahkan kode unitnya",
    "no grade that is known; it is left as it was": "golongan tidak dikenal; dibiarkan seperti semula",
    "no echelon that is known; it is left as it was": "eselon tidak dikenal; dibiarkan seperti semula",
    "neither active nor not; it is left as it was": "bukan aktif atau tidak aktif; dibiarkan seperti semula",
    "older than the placement that is known; the change counts from today":
        "lebih tua daripada penempatan yang tercatat; ubahan berlaku mulai hari ini",
    # units
    "a code has 1 to {0} characters": "kode berisi 1 sampai {0} huruf",
    "a name has 1 to {0} characters": "nama berisi 1 sampai {0} huruf",
    "the same code as in row {0}": "kode sama dengan baris {0}",
    "no unit has this code, here or in the file": "tidak ada unit berkode ini, di sini maupun di berkas",
    "the unit stands above itself in a circle": "unit ini berada di atas dirinya sendiri",
    # allowances
    "no amount of whole rupiah": "bukan jumlah rupiah bulat",
    "another amount for the same day stands above": "jumlah lain untuk hari yang sama sudah ada di atas",
    # attendance, calendars
    "a PIN has 1 to 24 signs and no blank in it": "PIN berisi 1 sampai 24 tanda tanpa spasi",
    "no local time written as YYYY-MM-DD HH:MM:SS": "bukan waktu setempat yang ditulis TTTT-BB-HH JJ:MM:DD",
    "the machine's clock was wrong: nobody can have been there on that day":
        "jam mesin keliru: tidak mungkin ada orang pada hari itu",
    "a status is 0 in, 1 out, 2 break out, 3 break in, 4 overtime in or 5 overtime out":
        "statusnya 0 masuk, 1 pulang, 2 istirahat, 3 kembali, 4 lembur masuk, atau 5 lembur pulang",
    "the same PIN is another person's above": "PIN yang sama sudah milik pegawai lain di atas",
    "no month written as YYYY-MM": "bukan bulan yang ditulis TTTT-BB",
    "no whole number": "bukan bilangan bulat",
    "more days than the month has": "harinya lebih banyak daripada hari dalam bulan itu",
    "more minutes than the month has": "menitnya lebih banyak daripada menit dalam bulan itu",
    "other totals of the same month stand above": "jumlah lain untuk bulan yang sama sudah ada di atas",
    "a kind is national, collective_leave or local":
        "jenisnya national (nasional), collective_leave (cuti bersama), atau local (daerah)",
    "it declares a document type, which no machine does": "ada deklarasi jenis dokumen, yang tidak ditulis mesin mana pun",
    "it is no whole XML": "XML-nya tidak utuh",
    **PLAN_FAULTS,
}  # fmt: skip


def fault_words(why: str, language: str) -> str:
    """Why a cell is wrong, in the language."""
    return why if language == "en" else in_indonesian(why, FAULTS) or why


def fault_line(fault: Mapping[str, Any], language: str) -> str:
    """One fault on one line: `row 17, C17 nip: a NIP has 18 digits`. The cell is left out where it is not known."""
    cell = fault.get("cell")
    place = f"{fault['row']}, {cell}" if cell else str(fault["row"])
    row = "row" if language == "en" else "baris"
    return f"{row} {place} {fault['column']}: {fault_words(str(fault['why']), language)}"
