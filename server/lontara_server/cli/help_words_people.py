"""The help of the commands about people, days, attendance, plans and ratings in Indonesian, by its English sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

PEOPLE_HELP: Final[Mapping[str, str]] = {
    # files
    "A saved mapping of columns; else they are known by their names.":
        "Pemetaan kolom yang tersimpan; tanpa ini kolom dikenal dari namanya.",
    "A saved mapping of columns.": "Pemetaan kolom yang tersimpan.",
    "Write nothing; say what would be written, with every fault.":
        "Tidak menulis apa pun; sebutkan yang akan ditulis, dengan semua kesalahan.",
    "Write nothing; say what would be written.": "Tidak menulis apa pun; sebutkan yang akan ditulis.",
    "May be given repeatedly.": "Boleh diberikan berulang.",
    "Twice changes nothing, and nobody is deleted.": "Dua kali tidak mengubah apa pun, dan tidak ada yang dihapus.",
    "Saved mappings of columns, for `import --mapping NAME`.": "Pemetaan kolom tersimpan, untuk `import --mapping NAMA`.",
    "Remember which column is which field; one of this name is replaced.":
        "Ingat kolom mana untuk isian mana; yang bernama sama diganti.",
    "List every saved mapping.": "Tampilkan semua pemetaan.",
    "Show one saved mapping.": "Tampilkan satu pemetaan.",
    # people, units
    "Employees with their units and placements.": "Pegawai dengan unit dan penempatannya.",
    "Import a CSV or XLSX of SIMPEG or a DUK: nama_lengkap, nip, pangkat_golongan, tmt, jabatan, unit_kerja and others.":
        "Impor CSV atau XLSX dari SIMPEG atau DUK: nama_lengkap, nip, pangkat_golongan, tmt, jabatan, unit_kerja, dll.",
    "The file names everybody: who is missing becomes inactive.":
        "Berkas memuat semua pegawai: yang tidak ada menjadi nonaktif.",
    "Percent of the active staff that the file may make inactive.":
        "Persen pegawai aktif yang boleh menjadi nonaktif oleh berkas ini.",
    "Percent of the people whose base may fall by more than half.":
        "Persen pegawai yang dasarnya boleh turun lebih dari separuh.",
    "Leave rows with a fault out and import the others.": "Lewati baris yang salah dan impor yang lain.",
    "List everybody as they are placed today.": "Tampilkan semua pegawai menurut penempatan hari ini.",
    "Show one person with all placements.": "Tampilkan satu pegawai dengan semua penempatan.",
    "Move an employee from a day on; a month with a transfer in it is split at that day.":
        "Pindahkan pegawai mulai suatu hari; bulan yang memuatnya dihitung dua bagian.",
    "The new unit.": "Unit baru.",
    "The new position.": "Jabatan baru.",
    "The new supervisor.": "Atasan baru.",
    "First day there; today where not given.": "Hari pertama di sana; hari ini bila tidak disebut.",
    "Make an employee inactive who has left. Nothing of theirs is deleted.":
        "Nonaktifkan pegawai yang berhenti. Tidak ada miliknya yang dihapus.",
    "The last day of service.": "Hari kerja terakhir.",
    "Who supervises whom.": "Siapa atasan siapa.",
    "Give an employee a supervisor, or for a time an acting one.":
        "Beri pegawai atasan, atau untuk sementara pelaksana tugas.",
    "The employee.": "Pegawainya.",
    "The supervisor; with --nobody none.": "Atasannya; dengan --nobody tidak ada.",
    "First day; today where not given.": "Hari pertama; hari ini bila tidak disebut.",
    "Last day; then it goes on as before by itself.": "Hari terakhir; sesudahnya kembali seperti semula.",
    "As acting supervisor (Plh./Plt.), beside the supervisor.": "Sebagai Plh./Plt., di samping atasannya.",
    "Nobody from that day on.": "Tidak ada mulai hari itu.",
    "Units (unit kerja), and which stands above which.": "Unit kerja, dan mana di atas mana.",
    "Import a CSV or XLSX: code, name, parent (the code of the unit above). Twice changes nothing.":
        "Impor CSV atau XLSX: kode, nama, induk (kode unit di atasnya). Dua kali tidak mengubah apa pun.",
    "List the units as a tree.": "Tampilkan unit sebagai pohon.",
    "A tree: each unit with its children.": "Pohon: tiap unit dengan bawahannya.",
    "Bases of allowances (TPP), in rupiah a month.": "Dasar TPP, dalam rupiah sebulan.",
    "Import a CSV or XLSX: nip, amount, valid_from. Without a day it holds from this month on. Twice changes nothing.":
        "Impor CSV atau XLSX: nip, amount, valid_from. Tanpa tanggal berlaku mulai bulan ini. Dua kali tidak mengubah apa"
        " pun.",
    "List every base.": "Tampilkan semua dasar TPP.",
    # days
    "Days on which nobody has to work.": "Hari libur.",
    "Import a CSV or XLSX: date, name, kind (national, collective_leave, local). Twice changes nothing.":
        "Impor CSV atau XLSX: date, name, kind (national, collective_leave, local). Dua kali tidak mengubah apa pun.",
    "List every holiday.": "Tampilkan semua hari libur.",
    "Make a day a workday again that is no holiday after all.": "Jadikan hari kerja lagi hari yang ternyata bukan libur.",
    "Working calendars of the org and its units.": "Kalender kerja organisasi dan unitnya.",
    "Show every calendar, the org's first.": "Tampilkan semua kalender, milik organisasi dulu.",
    "Let a calendar hold from a day on; recaps and scores since then are made anew.":
        "Berlakukan kalender mulai suatu hari; rekap dan nilai sejak itu dibuat ulang.",
    "Of a unit; else of the whole org.": "Milik satu unit; tanpa ini seluruh organisasi.",
    "The first day.": "Hari pertama.",
    "The last day (Ramadan); then it goes on as before by itself.":
        "Hari terakhir (Ramadan); sesudahnya kembali seperti semula.",
    "May be given repeatedly; 1 is Monday.": "Boleh diberikan berulang; 1 berarti Senin.",
    "Minutes after the start that are not late.": "Menit sesudah jam masuk yang belum dihitung terlambat.",
    # attendance
    "Attendance: punches of machines, what is said of days, and recaps.":
        "Presensi: rekaman mesin, keterangan hari, dan rekap.",
    "Import punches (attlog.dat, GetAttLog XML, CSV or XLSX) or a month's recap. Twice changes nothing.":
        "Impor rekaman (attlog.dat, XML GetAttLog, CSV, atau XLSX) atau rekap sebulan. Dua kali tidak mengubah apa pun.",
    "Order of an attlog.dat's columns, of pin, at, date, time, status, machine, verify, work_code and -.":
        "Urutan kolom attlog.dat, dari pin, at, date, time, status, machine, verify, work_code, dan -.",
    "Remember --columns as a mapping of this name.": "Ingat --columns sebagai pemetaan bernama ini.",
    "The month of a recap whose rows name none.": "Bulan rekap yang barisnya tidak menyebutnya.",
    "Whose PIN it is on the machines. A PIN is not a NIP.": "Milik siapa PIN di mesin. PIN bukan NIP.",
    "Import a CSV or XLSX: pin, nip. Twice changes nothing.":
        "Impor CSV atau XLSX: pin, nip. Dua kali tidak mengubah apa pun.",
    "Say whose a PIN is.": "Sebutkan milik siapa sebuah PIN.",
    "List every PIN, with how often it was pressed.": "Tampilkan semua PIN, dengan berapa kali dipakai.",
    "Only those that are nobody's yet.": "Hanya yang belum ada pemiliknya.",
    "What is said of somebody's day beside the machines.": "Keterangan hari seorang pegawai di luar mesin.",
    "Say what a person's days were: leave, official travel, sickness, permission; or correct what a machine says.":
        "Sebutkan keterangan hari pegawai: cuti, dinas luar, sakit, izin; atau betulkan kata mesin.",
    "The day, or the first one.": "Harinya, atau hari pertama.",
    "The last day; of the days between, workdays are written.":
        "Hari terakhir; di antaranya hanya hari kerja yang ditulis.",
    "Why, for example the number of the letter.": "Alasan, misalnya nomor surat.",
    "With --status present: minutes late, instead of the machine's.":
        "Dengan --status present: menit terlambat, sebagai ganti kata mesin.",
    "With --status present: minutes gone early.": "Dengan --status present: menit pulang cepat.",
    "Take back what was said of a day; punches alone count again.":
        "Tarik keterangan suatu hari; hanya rekaman mesin yang berlaku lagi.",
    "Say that all punches of a day have come: whose machine told of the day, and who was not there, is absent.":
        "Nyatakan semua rekaman suatu hari sudah masuk: yang tidak terekam di mesinnya hari itu dianggap alpa.",
    "Punches that come later take the absence's place.": "Rekaman yang datang kemudian menggantikan alpa itu.",
    "One unit; else the whole org.": "Satu unit; tanpa ini seluruh organisasi.",
    "Write nothing; say who would be absent.": "Tidak menulis apa pun; sebutkan siapa yang akan alpa.",
    "Machines that push punches by themselves.": "Mesin yang mengirim rekaman sendiri.",
    "Let a machine push, and print its key, which is shown this once; added again, it has a new key.":
        "Izinkan mesin mengirim, dan cetak kuncinya, hanya sekali ini; bila ditambahkan lagi, kuncinya baru.",
    "What people call it; else its serial number.": "Sebutan mesin itu; tanpa ini nomor serinya.",
    "List every machine and when it was last heard.": "Tampilkan semua mesin dan kapan terakhir terdengar.",
    "Take a machine's key away; what it pushed stays.": "Cabut kunci mesin; yang sudah dikirimnya tetap.",
    # plans, behaviour, workload
    "Performance plans (SKP) with work results, indicators and actions.":
        "SKP dengan hasil kerja, indikator, dan rencana aksi.",
    "Import a CSV or XLSX: nip, year, work_result, indicator, aspect, target, unit, ... Twice changes nothing.":
        "Impor CSV atau XLSX: nip, year, work_result, indicator, aspect, target, unit, ... Dua kali tidak mengubah apa pun.",
    "What the plans become that are drafts.": "Keadaan SKP yang masih draf sesudahnya.",
    "List every plan.": "Tampilkan semua SKP.",
    "Only this year.": "Hanya tahun ini.",
    "Show a person's plans of a year: each indicator with target, what is realised and by which entries.":
        "Tampilkan SKP setahun seorang pegawai: tiap indikator dengan target, realisasi, dan catatannya.",
    "Submit a draft.": "Ajukan draf.",
    "Whose plan.": "SKP milik siapa.",
    "Every plan of the year that can be moved so.": "Semua SKP tahun itu yang dapat dipindahkan begitu.",
    "Read by the plan's owner; required to return one.": "Dibaca pemilik SKP; wajib untuk mengembalikan.",
    "Approve what is submitted.": "Setujui yang diajukan.",
    "Return a plan with a reason.": "Kembalikan SKP dengan alasan.",
    "Close a plan at the year's end.": "Tutup SKP di akhir tahun.",
    "The seven BerAKHLAK values, rated by the assessor.": "Tujuh nilai BerAKHLAK, dinilai pejabat penilai.",
    "Rate a person's values of a month or a year; values that are not named stay.":
        "Nilai perilaku pegawai sebulan atau setahun; yang tidak disebut tetap.",
    "akuntabel=4 or accountable=4.": "akuntabel=4 atau accountable=4.",
    "Why; kept with the rating.": "Alasan; disimpan bersama penilaian.",
    "Show a person's values of a period.": "Tampilkan nilai perilaku pegawai dalam suatu masa.",
    "Quality of a month, a recognised new idea, and whether colleagues were asked.":
        "Kualitas sebulan, gagasan baru yang diakui, dan apakah rekan kerja ditanyai.",
    "Give a mark.": "Beri penilaian.",
    "A percentage for quality, yes or no for the others; empty takes it away.":
        "Persentase untuk kualitas, yes atau no untuk yang lain; kosong menghapusnya.",
    "Why; kept with the mark.": "Alasan; disimpan bersama penilaian.",
    "List the marks.": "Tampilkan penilaian.",
    "Only this period.": "Hanya masa ini.",
    "How much of each unit's budget is spent.": "Serapan anggaran tiap unit.",
    "Tell what a unit has spent by the month's end.": "Sebutkan serapan sebuah unit sampai akhir bulan.",
    "List what every unit has spent.": "Tampilkan serapan semua unit.",
    "Workload analysis (ABK) from approved entries.": "Analisis beban kerja (ABK) dari catatan yang disetujui.",
    "Volume x minutes per output / minutes of a year, by unit and output, to 4 places.":
        "Volume x menit per hasil / menit setahun, per unit dan hasil, sampai 4 angka di belakang koma.",
    "Only this unit.": "Hanya unit ini.",
    "What one post works in a year.": "Menit kerja satu jabatan dalam setahun.",
    "Print CSV.": "Cetak CSV.",
}  # fmt: skip
