"""An invented office: three units, their supervisors, nine workers, eleven devices, and what people there write.

Every name, number and activity is made up for the demo.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final


@dataclass(frozen=True)
class Unit:
    """A unit with the activities that its people write: title, minutes, output unit."""

    code: str
    name: str
    activities: tuple[tuple[str, int, str], ...]


@dataclass(frozen=True)
class Person:
    """An invented employee; `supervisor` is a NIP, empty for who leads a unit. base: of the allowance, rupiah a month."""

    nip: str
    full_name: str
    unit_code: str
    position: str
    supervisor: str = ""
    device_names: tuple[str, ...] = ()
    grade: str = ""
    base: int = 4_000_000


@dataclass(frozen=True)
class PlannedEntry:
    """An entry that a person writes in the demo, on the device of that place in `device_names`."""

    nip: str
    device_index: int
    work_date: date
    start_time: str
    end_time: str
    title: str
    quantity: int
    output_unit: str


UNITS: Final = (
    Unit(
        "KEC-01",
        "Seksi Pelayanan Umum",
        (
            ("Melayani permohonan surat pengantar warga", 120, "surat"),
            ("Mencatat surat masuk dan surat keluar", 60, "surat"),
            ("Memeriksa kelengkapan berkas kependudukan", 90, "berkas"),
            ("Menyusun laporan harian pelayanan", 45, "laporan"),
            ("Menjawab pengaduan warga di loket", 75, "pengaduan"),
        ),
    ),
    Unit(
        "KEC-02",
        "Seksi Pemberdayaan Desa",
        (
            ("Mendampingi desa menyusun rencana kerja", 180, "desa"),
            ("Memeriksa pertanggungjawaban dana desa", 150, "berkas"),
            ("Rapat koordinasi dengan perangkat desa", 120, "rapat"),
            ("Meninjau pekerjaan jalan tani", 180, "lokasi"),
            ("Menyusun rekapitulasi bantuan sosial", 90, "laporan"),
        ),
    ),
    Unit(
        "KEC-03",
        "Subbagian Keuangan dan Kepegawaian",
        (
            ("Menyusun daftar gaji dan tunjangan", 150, "daftar"),
            ("Memeriksa bukti belanja kantor", 90, "bukti"),
            ("Memperbarui berkas kenaikan pangkat", 75, "berkas"),
            ("Mencocokkan kas dengan buku bank", 60, "laporan"),
            ("Menyiapkan bahan rapat pimpinan", 90, "dokumen"),
        ),
    ),
)
SUPERVISORS: Final = (
    Person("197804122003122001", "Andi Rahmatia Pallawa", "KEC-01", "Kepala Seksi", "", ("Laptop Andi Rahmatia",),
           "III/d", 6_500_000),
    Person("197511032002121002", "Muhammad Ilyas Sengkang", "KEC-02", "Kepala Seksi", "", ("Laptop Ilyas",),
           "III/d", 6_500_000),
    Person("198002272005012003", "Sitti Hajrah Tosora", "KEC-03", "Kepala Subbagian", "", ("Laptop Hajrah",),
           "III/c", 6_500_000),
)  # fmt: skip
WORKERS: Final = tuple(
    Person(nip, name, SUPERVISORS[unit].unit_code, position, SUPERVISORS[unit].nip, devices, grade, base)
    for nip, name, unit, position, devices, grade, base in (
        ("198806152012012004", "Besse Tenri Lala", 0, "Pengadministrasi", ("Tablet Besse", "Laptop Besse"), "III/a", 4_000_000),
        ("199103092015031005", "Ambo Upe Lamaru", 0, "Pengelola Layanan", ("Tablet Ambo",), "III/b", 4_250_000),
        ("199407212019032006", "Hasnaeni Paselloreng", 0, "Pengelola Arsip", ("Tablet Hasnaeni",), "II/d", 3_400_000),
        ("198509182010011007", "La Tenri Sessu", 1, "Penyuluh", ("Tablet La Tenri", "Laptop La Tenri"), "III/c", 4_750_000),
        ("199012012014032008", "Indo Masse Belawa", 1, "Pengelola Desa", ("Tablet Indo",), "III/a", 4_000_000),
        ("199605052020121009", "Baso Walinono", 1, "Penata Data Desa", ("Tablet Baso",), "II/c", 3_100_000),
        ("198701262011012010", "Nurhaedah Tempe", 2, "Bendahara", ("Laptop Nurhaedah",), "III/b", 4_500_000),
        ("199208142016031011", "Sudirman Keera", 2, "Penata Keuangan", ("Laptop Sudirman",), "III/a", 4_000_000),
        ("199809302022032012", "Rosmini Gilireng", 2, "Pengelola Kepegawaian", ("Laptop Rosmini",), "II/c", 3_100_000),
    )
)
DAY_STARTS: Final = 8 * 60
PAUSE_STARTS, PAUSE_ENDS = 12 * 60, 13 * 60
DAY_ENDS: Final = 16 * 60
SHARE_OF_DAY: Final = (0.55, 0.95)


def month_of(person: Person, month: date, *, seed: int) -> list[PlannedEntry]:
    """What a person writes in the month of `month`, Monday to Friday, in order of time: the same for the same seed."""
    chance = random.Random(f"{seed}:{person.nip}:{month:%Y-%m}")
    activities = next(unit.activities for unit in UNITS if unit.code == person.unit_code)
    entries: list[PlannedEntry] = []
    share = chance.uniform(*SHARE_OF_DAY)
    for day in workdays_of(month):
        minute = DAY_STARTS + chance.choice((0, 0, 15, 30))
        for title, minutes, output_unit in chance.sample(activities, len(activities)):
            if minute < PAUSE_ENDS and minute + minutes > PAUSE_STARTS:
                minute = PAUSE_ENDS
            if minute + minutes > DAY_STARTS + share * (DAY_ENDS - DAY_STARTS):
                break
            entries.append(
                PlannedEntry(
                    nip=person.nip,
                    device_index=chance.randrange(len(person.device_names)),
                    work_date=day,
                    start_time=_clock_text(minute),
                    end_time=_clock_text(minute + minutes),
                    title=title,
                    quantity=chance.randint(1, 12),
                    output_unit=output_unit,
                )
            )
            minute += minutes + chance.choice((0, 0, 15))
    return entries


def workdays_of(month: date) -> list[date]:
    """Monday to Friday of the month."""
    first = month.replace(day=1)
    days = (first + timedelta(days=number) for number in range(31))
    return [day for day in days if day.month == first.month and day.weekday() < 5]


def _clock_text(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
