"""The entries that the benchmark sends: seeded, no clock, shaped like what field staff write.

An entry is a dict of plain JSON as an office's own export would hold it; `written` and `changed` say it in the fields of
Lontara's record type. Another module with the same two functions is used where BENCH_WORKLOAD names its file. Nothing is
signed or sent here.
"""

from __future__ import annotations

import importlib.util
import os
import random
from datetime import UTC, date, datetime, timedelta, timezone
from functools import cache
from itertools import accumulate
from pathlib import Path
from types import ModuleType
from typing import Any, Final
from uuid import UUID

Entry = dict[str, Any]

ENVIRONMENT: Final = "BENCH_WORKLOAD"
SEED: Final = 1
ENTRIES_A_DAY: Final = 4
FIRST_DAY: Final = datetime(2026, 9, 1, tzinfo=UTC)
_WITA: Final = timezone(timedelta(hours=8))
_HOUR_MS: Final = 3_600_000

_DOING: Final = (
    "Menyusun", "Memeriksa", "Mendampingi", "Mengikuti", "Mengetik", "Melayani", "Menginput", "Menyalurkan",
    "Mengoreksi", "Mengoordinasikan", "Mengarsipkan", "Menghadiri", "Mengawasi", "Mengolah", "Mencatat", "Memverifikasi",
)  # fmt: skip
_DONE_TO: Final = (
    "laporan bulanan", "notulen rapat", "berkas usul kenaikan pangkat", "daftar hadir", "data penerima bantuan",
    "surat masuk", "surat tugas", "kunjungan lapangan", "penyuluhan petani", "pendataan aset", "musyawarah desa",
    "permohonan kartu keluarga", "buku agenda", "stok obat", "penyaluran pupuk", "perbaikan saluran irigasi",
    "posyandu balita", "rencana anggaran", "usulan cuti", "realisasi keuangan", "peta bidang tanah", "data panen padi",
)  # fmt: skip
_MORE: Final = ("", "", "", "", " tahap II", " (lanjutan)", " triwulan III", " bersama tim", " tingkat kecamatan")
# The commonest first; the n-th is drawn about 1/n as often as the first, as in any language.
_COMMON: Final = """yang dan di untuk dengan pada dari telah kegiatan data dalam laporan kepada oleh berkas sesuai desa
sebagai serta dilakukan kecamatan hasil rapat surat dokumen kantor bahan tim pelaksanaan bersama masyarakat kepala
sudah akan belum karena selesai proses pemeriksaan kelengkapan administrasi usulan tahun bulan minggu hari tanggal
kinerja target kepegawaian bagian bidang seksi dinas kabupaten provinsi pimpinan atasan staf petugas lapangan lokasi
rumah warga kelompok tani sawah kebun jalan jembatan saluran sekolah guru siswa puskesmas kader balita ibu obat
bantuan penerima manfaat pupuk bibit padi jagung kakao tambak nelayan pasar retribusi pajak tanah bangunan anggaran
keuangan belanja pencairan pembayaran gaji tunjangan perjalanan kendaraan perbaikan pengadaan barang aset gedung
ruangan arsip agenda nota undangan keputusan peraturan cuti pensiun pangkat jabatan pelatihan pendampingan evaluasi
pengawasan pendataan pengolahan penyerahan aplikasi jaringan komputer gangguan sinyal listrik hujan banjir ditemukan
diperbaiki dilengkapi diserahkan dikembalikan dicatat dikirim diterima kekurangan kesalahan tambahan perubahan tindak
lanjut jadwal berikutnya lengkap sebanyak orang lembar unit kali beberapa semua pagi siang sore Senin Kamis Jumat
Tempe Belawa Keera Pammana Bola Penrang camat lurah bendahara sekretaris cepat lancar tertib jauh dekat"""
_WORDS: Final = _COMMON.split()
_WEIGHTS: Final = tuple(accumulate(1 / (place + 6) for place in range(len(_WORDS))))
_UNITS: Final = ("dokumen", "laporan", "kegiatan", "orang", "berkas", "surat", "paket")


def staff_entries(staff: int, n: int, seed: int, days: int) -> list[Entry]:
    """`n` entries of one person over so many days from FIRST_DAY on; no two of them overlap."""
    chance = random.Random(f"{seed}/{staff}")
    targets = [_id(chance, _ms(FIRST_DAY) - chance.randrange(10**9)) for _ in range(12)]
    habits = [f"{chance.choice(_DOING)} {chance.choice(_DONE_TO)}" for _ in range(30)]
    home = (-4.0 + chance.uniform(-0.3, 0.3), 120.1 + chance.uniform(-0.3, 0.3))
    per_day, entries = -(-n // days), []
    for number in range(n):
        if number % per_day == 0:
            day = FIRST_DAY.date() + timedelta(days=number // per_day)
            time = datetime(day.year, day.month, day.day, 8, chance.choice((0, 0, 15, 30)), tzinfo=_WITA)
        start, end = time, time + timedelta(minutes=chance.choice((15, 30, 30, 45, 60, 60, 90)))
        time = end + timedelta(minutes=chance.choice((0, 0, 5, 15, 30)))
        written_ms = _ms(end) + chance.randrange(6 * _HOUR_MS)
        place = [round(middle + chance.gauss(0, 0.02), 6) for middle in home] if chance.random() < 0.7 else [None, None]
        entries.append({
            "id": _id(chance, written_ms), "date": start.date().isoformat(),
            "start": start.isoformat(timespec="seconds"), "end": end.isoformat(timespec="seconds"),
            "title": chance.choice(habits) + chance.choice(_MORE), "description": _description(chance),
            "quantity": chance.choice((1, 1, 1, 2, 3, 5, 10, 12, 25)), "unit": chance.choice(_UNITS),
            "target_id": chance.choice(targets), "lat": place[0], "lon": place[1],
            "created_at": datetime.fromtimestamp(written_ms / 1000, UTC).isoformat(timespec="milliseconds"),
        })  # fmt: skip
    return entries


def edited(entry: Entry, k: int) -> Entry:
    """The same entry after its author has mended it once more."""
    return {
        **entry,
        "quantity": entry["quantity"] + k,
        "description": f"{entry['description'][:-1]} sudah diperbaiki {k}.",
    }


def _description(chance: random.Random) -> str:
    words = chance.choices(_WORDS, cum_weights=_WEIGHTS, k=chance.randint(5, 40))
    words = [str(chance.randint(1, 300)) if chance.random() < 0.06 else word for word in words]
    text = " ".join(words)
    return f"{text[0].upper()}{text[1:]}."


def _id(chance: random.Random, ms: int) -> str:
    low = chance.getrandbits(74)
    return str(UUID(int=ms << 80 | 7 << 76 | (low >> 62) << 64 | 2 << 62 | low & (1 << 62) - 1))


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


@cache
def _source() -> ModuleType | None:
    """The module that BENCH_WORKLOAD names; None where the entries are this module's own."""
    path = os.environ.get(ENVIRONMENT)
    if not path:
        return None
    spec = importlib.util.spec_from_file_location("bench_workload", path)
    if spec is None or spec.loader is None:
        raise SystemExit(f"{ENVIRONMENT}: {path} is no Python file")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def named() -> str:
    """Which workload it is, for those who read the figures."""
    source = _source()
    return "bench/workload.py" if source is None else Path(str(source.__file__)).name


@cache
def written(staff: int, count: int) -> tuple[Entry, ...]:
    """A person's entries in the order in which they were written: `fields`, `at` (ms) and the entry as it came.

    They lie in the past, whenever this runs: a date that is to come would be a conflict.
    """
    make = staff_entries if _source() is None else _source().staff_entries  # type: ignore[union-attr]
    found = make(staff, count, SEED, days=-(-count // ENTRIES_A_DAY))
    last = date.fromisoformat(max(entry["date"] for entry in found))
    late = (last - datetime.now(UTC).date()).days + 2
    # Whole weeks, so that working days stay working days.
    back = timedelta(weeks=max(0, -(-late // 7)))
    made = [
        {"fields": _fields(entry, back), "at": _ms(datetime.fromisoformat(entry["created_at"]) - back), "entry": entry}
        for entry in found
    ]
    return tuple(sorted(made, key=lambda each: each["at"]))


def changed(whole: Entry, k: int = 1) -> Entry:
    """The fields that an edit of a `written` entry changes."""
    edit = edited if _source() is None else _source().edited  # type: ignore[union-attr]
    after = _fields(edit(whole["entry"], k), timedelta())
    before = _fields(whole["entry"], timedelta())
    return {name: value for name, value in after.items() if value != before.get(name)}


def _fields(entry: Entry, back: timedelta) -> Entry:
    fields = {
        "title": entry["title"],
        "work_date": (date.fromisoformat(entry["date"]) - back).isoformat(),
        "start_time": entry["start"][11:16],
        "end_time": entry["end"][11:16],
        "description": entry["description"],
        "quantity": str(entry["quantity"]),
        "output_unit": entry["unit"],
        "target_id": entry["target_id"],
    }
    if entry["lat"] is not None:
        fields["place"] = f"{entry['lat']},{entry['lon']}"
    return fields
