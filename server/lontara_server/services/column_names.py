"""How columns are called in the files that offices have: by kind of import, the fields and their known spellings.

A header is compared by its key, so that `Nama Lengkap`, `NAMA_LENGKAP` and `nama-lengkap` are one spelling.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Final, TypeAlias

# Field -> spellings, the likeliest first; a field's own name is always one of them.
Spellings: TypeAlias = Mapping[str, tuple[str, ...]]

_NOT_A_KEY: Final = re.compile(r"[^a-z0-9]+")

_NIP: Final = ("nip_baru", "nip_pegawai", "nip_18", "nip_nrp", "nomor_induk_pegawai", "no_nip", "nip_asn", "pns_nip")
SPELLINGS: Final[Mapping[str, Spellings]] = {
    "employee": {
        "nip": _NIP,
        "full_name": ("nama_lengkap", "nama", "nama_pegawai", "nama_asn", "nama_pns", "nama_lengkap_gelar", "nama_gelar",
                      "nama_dan_gelar", "name"),
        "grade": ("pangkat_golongan", "pangkat_gol", "pangkat_gol_ruang", "golongan", "gol", "gol_ruang",
                  "golongan_ruang", "gol_akhir", "gol_akhir_nama", "golongan_akhir", "pangkat"),
        "grade_since": ("tmt_golongan", "tmt_gol", "tmt_pangkat", "tmt_pangkat_golongan", "tmt_gol_akhir",
                        "tmt_golongan_ruang", "tmt_kp"),
        "echelon": ("eselon", "esl", "eselon_jabatan", "jenjang_eselon"),
        "position": ("jabatan", "nama_jabatan", "jabatan_nama", "jabatan_terakhir"),
        "valid_from": ("tmt_jabatan", "tmt_jab", "tmt_unit_kerja", "tmt_unit", "tmt_penempatan", "tmt_mutasi",
                       "mulai_tanggal", "berlaku_sejak"),
        "unit_code": ("kode_unit", "kode_unit_kerja", "kode_unor", "kode_opd", "kode_satker", "id_unit", "id_unor",
                      "unor_id"),
        "unit_name": ("unit_kerja", "nama_unit", "nama_unit_kerja", "unor", "unor_nama", "nama_unor", "opd", "skpd",
                      "satuan_kerja", "instansi_kerja"),
        "supervisor_nip": ("nip_atasan", "nip_atasan_langsung", "atasan_nip", "nip_pejabat_penilai", "nip_penilai"),
        "active": ("aktif", "status_aktif", "status_keaktifan", "kedudukan_hukum", "kedudukan"),
    },
    "unit": {
        "code": ("kode", "id", "kode_unit", "kode_unit_kerja", "kode_unor", "id_unor", "id_unit", "unor_id"),
        "name": ("nama", "nama_unit", "unit_kerja", "nama_unit_kerja", "nama_unor", "unor", "opd"),
        "parent": ("parent_id", "parent_code", "induk", "kode_induk", "id_induk", "kode_unit_induk", "unit_induk",
                   "id_atasan", "kode_atasan", "diatasan_id"),
    },
    "plan": {
        "nip": _NIP,
        "year": ("tahun", "tahun_skp", "tahun_penilaian"),
        "valid_from": ("periode_awal", "mulai", "tanggal_mulai", "periode_mulai"),
        "valid_to": ("periode_akhir", "selesai", "tanggal_selesai", "periode_selesai"),
        "assessor_nip": ("nip_pejabat_penilai", "nip_penilai", "nip_pejabat_penilai_kinerja"),
        "work_result": ("rhk", "rencana_hasil_kerja", "hasil_kerja", "work_result_plan"),
        "kind": ("jenis_rhk", "jenis", "utama_tambahan", "klasifikasi"),
        "supports_nip": ("nip_pimpinan", "nip_atasan", "nip_rhk_pimpinan"),
        "supports": ("rhk_pimpinan", "rhk_atasan", "rencana_hasil_kerja_pimpinan", "rhk_yang_diintervensi",
                     "rencana_hasil_kerja_pimpinan_yang_diintervensi"),
        "indicator": ("iki", "indikator", "indikator_kinerja_individu", "indikator_kinerja"),
        "aspect": ("aspek",),
        "target": ("target_iki", "target_kuantitas", "target_tahunan"),
        "unit": ("satuan", "satuan_target"),
        "direction": ("arah", "polarisasi"),
        "cap": ("batas", "batas_capaian", "capaian_maksimum"),
        "realisation": ("realisasi", "realisasi_terukur"),
        "quarter": ("triwulan", "tw", "kuartal"),
        "action": ("rencana_aksi", "aksi"),
        "action_target": ("target_aksi", "target_rencana_aksi", "target_triwulan"),
        "action_unit": ("satuan_aksi", "satuan_rencana_aksi"),
    },
    "allowance": {
        "nip": _NIP,
        "amount": ("jumlah", "tpp", "besaran_tpp", "besaran", "tpp_dasar", "dasar_tpp", "tukin", "nominal", "pagu_tpp"),
        "valid_from": ("berlaku_sejak", "mulai_berlaku", "tmt", "tmt_tpp", "mulai"),
    },
    # Columns of an attlog.dat have no names: a mapping gives each field the number of its column.
    "attlog": dict.fromkeys(("pin", "at", "date", "time", "status", "machine", "verify", "work_code"), ()),
    "attendance": {
        "pin": ("no_id", "id_pegawai", "id_absen", "no_absen", "nomor_absen", "user_id", "userid", "enrollnumber", "ac_no",
                "person", "person_id", "emp_no", "id"),
        "nip": _NIP,
        "at": ("waktu", "date_time", "datetime", "tanggal_waktu", "tgl_jam", "scan_time", "waktu_scan", "timestamp"),
        "date": ("tanggal", "tgl"),
        "time": ("jam", "pukul"),
        "status": ("state", "button", "keterangan_scan", "jenis_scan", "tipe", "in_out", "inout", "io"),
        "check_in": ("jam_masuk", "masuk", "scan_masuk", "jam_datang", "datang"),
        "check_out": ("jam_pulang", "pulang", "scan_pulang", "jam_keluar", "scan_keluar"),
        "machine": ("mesin", "device", "device_id", "sn", "serial", "lokasi"),
        "verify": ("verified", "verifikasi"),
        "work_code": ("workcode",),
    },
    "attendance_pin": {
        "pin": ("no_id", "id_absen", "no_absen", "nomor_absen", "user_id", "userid", "ac_no", "emp_no"),
        "nip": _NIP,
    },
    "attendance_recap": {
        "nip": _NIP,
        "period": ("periode", "bulan"),
        "late_minutes": ("terlambat", "menit_terlambat", "terlambat_menit", "telat", "keterlambatan", "late"),
        "early_leave_minutes": ("pulang_cepat", "menit_pulang_cepat", "pulang_cepat_menit", "psw", "early"),
        "missing_check_ins": ("tidak_absen_masuk", "tanpa_absen_masuk", "tidak_scan_masuk", "tam"),
        "missing_check_outs": ("tidak_absen_pulang", "tanpa_absen_pulang", "tidak_scan_pulang", "tap"),
        "present": ("hadir", "jumlah_hadir", "hari_hadir"),
        "official_travel": ("dinas_luar", "dl", "perjalanan_dinas", "travel"),
        "work_from_home": ("wfh", "wh", "kerja_dari_rumah"),
        "study": ("tugas_belajar", "tb"),
        "leave": ("cuti", "c", "jumlah_cuti"),
        "sick": ("sakit", "s", "sakit_tanpa_surat"),
        "sick_with_letter": ("sakit_dengan_surat", "sakit_surat"),
        "permission": ("izin", "ijin", "i"),
        "half_day": ("setengah_hari",),
        "absent_unexcused": ("tanpa_keterangan", "alpa", "alpha", "tk", "mangkir", "a", "unexcused"),
    },
    "holiday": {
        "date": ("tanggal", "tgl"),
        "name": ("nama", "hari_libur", "nama_libur", "keterangan", "uraian"),
        "kind": ("jenis", "jenis_libur", "kategori", "tipe"),
    },
}  # fmt: skip


def column_key(name: str) -> str:
    """What of a column's name tells it from others: letters and digits, small, without accents."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    return _NOT_A_KEY.sub("_", "".join(each for each in plain if not unicodedata.combining(each))).strip("_")


def guessed_columns(header: tuple[str, ...], spellings: Spellings) -> dict[str, str]:
    """{field: column} for every field that a column of this header is a known spelling of."""
    by_key = {column_key(column): column for column in reversed(header)}
    found = {}
    for field, others in spellings.items():
        key = next((each for each in (field, *others) if each in by_key), None)
        if key is not None:
            found[field] = by_key.pop(key)
    return found


def guessed_people_columns(header: tuple[str, ...]) -> dict[str, str]:
    """The same for employees, where a column that is only called TMT depends on what stands beside it.

    In a DUK the first TMT is the grade's and the second the position's; in a file without grades it is the placement's.
    """
    found = guessed_columns(header, SPELLINGS["employee"])
    left = [column for column in header if column_key(column) in ("tmt", "tmt_2", "tanggal_mulai_tugas")]
    wanted = ("grade_since", "valid_from") if "grade" in found else ("valid_from",)
    for field in wanted:
        if field not in found and left:
            found[field] = left.pop(0)
    return found
