"""What the lines of a policy say, in Indonesian and English. What is made of them is in `policy_wording`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

# By key path, without the places in lists.
LABELS: Final[Mapping[str, tuple[str, str]]] = {
    "weights.productivity": ("Bobot produktivitas", "Weight of productivity"),
    "weights.discipline": ("Bobot disiplin", "Weight of discipline"),
    "weights.behaviour": ("Bobot perilaku", "Weight of behaviour"),
    "weights.budget_absorption": ("Bobot serapan anggaran", "Weight of budget absorption"),
    "weights.static": ("Bobot bagian tetap", "Weight of the static part"),
    "weights.without_survey.work_result": ("Bobot hasil kerja, tanpa survei", "Weight of work result, without a survey"),
    "weights.without_survey.behaviour": ("Bobot perilaku, tanpa survei", "Weight of behaviour, without a survey"),
    "weights.with_survey.work_result": ("Bobot hasil kerja, dengan survei", "Weight of work result, with a survey"),
    "weights.with_survey.behaviour": ("Bobot perilaku, dengan survei", "Weight of behaviour, with a survey"),
    "working_time.workdays_per_week": (
        "Hari kerja sepekan, bila unit tidak punya kalender sendiri",
        "Workdays a week, where the unit has no calendar of its own",
    ),
    "working_time.effective_minutes_per_day.five_day_week": (
        "Menit efektif sehari, pekan 5 hari",
        "Effective minutes a day, week of 5 days",
    ),
    "working_time.effective_minutes_per_day.six_day_week": (
        "Menit efektif sehari, pekan 6 hari",
        "Effective minutes a day, week of 6 days",
    ),
    "working_time.minutes_counted_per_day_max": (
        "Menit yang dihitung sehari, paling banyak",
        "Minutes counted a day, at most",
    ),
    "working_time.minutes_counted_per_month_max": (
        "Menit yang dihitung sebulan, paling banyak",
        "Minutes counted a month, at most",
    ),
    "working_time.category_caps": ("Batas per kategori", "Caps of categories"),
    "working_time.statuses_without_target": ("Hari kerja tanpa target", "Workdays without a target"),
    "productivity.measure": ("Ukuran produktivitas", "Measure of productivity"),
    "productivity.deducted_minutes": ("Menit yang dikurangkan", "Minutes taken off"),
    "productivity.added_minutes": ("Menit yang ditambahkan", "Minutes added"),
    "discipline.base": ("Potongan dihitung dari", "Deductions are taken from"),
    "discipline.counting": ("Keterlambatan dihitung", "Coming late is counted"),
    "discipline.steps": ("Terlambat atau pulang cepat", "Coming late or leaving early"),
    "discipline.missing_punch_percent": ("Tanpa log masuk atau pulang", "No check-in or check-out"),
    "discipline.absence.counting": ("Tanpa keterangan dihitung", "Absence without a word is counted"),
    "discipline.absence.steps": ("Tanpa keterangan", "Absent without a word"),
    "discipline.absence.everything_from_days": (
        "Seluruh nilai bulan itu hilang",
        "The month's whole score is lost",
    ),
    "discipline.status_percents": ("Potongan", "Deduction"),
    "behaviour.scale_max": ("Skala tiap nilai perilaku", "Scale of each behaviour value"),
    "behaviour.worth": ("Nilai perilaku tertinggi setara", "What the highest behaviour rating is worth"),
    "entries.entry_days_back": (
        "Catatan ditulis tepat waktu sampai sesudah",
        "An entry is in time until so long after",
    ),
    "entries.month_closes_on": ("Bulan ditutup", "A month closes"),
    "entries.late_entries": ("Catatan yang terlambat ditulis", "Entries written late"),
    "entries.review.within_workdays": ("Tinjauan paling lambat, hari kerja", "Review within, in workdays"),
    "entries.review.reminders_on_workdays": ("Pengingat tinjauan, hari kerja ke", "Reminders to review, on workday"),
    "entries.conflict_minutes_per_day_max": (
        "Ditanyakan kepada orang bila sehari lebih dari",
        "A person is asked where a day has more than",
    ),
    "entries.open_conflicts": ("Catatan dengan konflik terbuka", "Entries with an open conflict"),
    "score.max": ("Nilai tertinggi", "Highest score"),
    "score.rounding": ("Pembulatan nilai", "Rounding of the score"),
    "score.rounding.at": ("Yang dibulatkan", "What is rounded"),
    "allowance.rounding": ("Pembulatan TPP (rupiah)", "Rounding of the allowance (rupiah)"),
    "bands": ("Predikat", "Ratings"),
    "achievement.indicator_max": ("Capaian indikator, paling tinggi", "Achievement of an indicator, at most"),
    "achievement.plan_max": ("Capaian SKP, paling tinggi", "Achievement of the plan, at most"),
    "achievement.lower_is_better": ("Indikator yang makin rendah makin baik", "Indicators where lower is better"),
    "levels.work_result": ("Hasil kerja", "Work result"),
    "levels.behaviour": ("Perilaku kerja", "Work behaviour"),
    "rounding": ("Pembulatan", "Rounding"),
}
# What is chosen among a few; the prefix says where, since the words of a choice stand in several places.
CHOICES: Final[Mapping[str, tuple[str, str]]] = {
    "minutes": (
        "menit kerja yang disetujui terhadap target sebulan",
        "approved minutes against the month's target",
    ),
    "net_minutes": (
        "yang lebih rendah dari menit yang disetujui dan menit yang tersisa menurut presensi",
        "the lower of approved minutes and the minutes that attendance left",
    ),
    "log_days": (
        "rata-rata hari dengan catatan yang disetujui dan nilai kualitas dari atasan",
        "the mean of days with approved entries and the supervisor's quality mark",
    ),
    "base_share": ("bagian disiplin", "the discipline part"),
    "base_total": ("seluruh nilai", "the whole score"),
    "minutes_each_day": ("per hari", "for each day"),
    "minutes_month_sum": ("menurut jumlah menit sebulan", "by the month's sum of minutes"),
    "days_each_day": ("per hari", "for each day"),
    "days_month_sum": ("sekali untuk semua hari sebulan", "once for all days of the month"),
    "late_count": ("dihitung, dan ditandai terlambat", "count, and are flagged as late"),
    "late_leave_out": ("tidak dihitung, tetap tersimpan", "do not count, and are kept"),
    "conflict_count_server_value": (
        "versi di server dihitung, nilainya sementara",
        "the version at the server counts, the score is provisional",
    ),
    "conflict_leave_out": (
        "tidak dihitung selama terbuka, nilainya sementara",
        "do not count while it is open, the score is provisional",
    ),
    "at_percent": ("persentase tiap bagian", "each part's percentage"),
    "at_points": ("poin tiap bagian", "each part's points"),
    "at_score": ("nilai", "the score"),
    "ROUND_HALF_UP": ("setengah ke atas", "half up"),
    "ROUND_HALF_EVEN": ("setengah ke genap", "half to even"),
    "ROUND_DOWN": ("selalu ke bawah", "always down"),
    "mirrored": ("200% dikurangi realisasi terhadap target", "200% less realisation against target"),
    "inverse": ("target terhadap realisasi", "target against realisation"),
    "new_idea": ("perlu ide baru", "requires a new idea"),
}
PHRASES: Final[Mapping[str, tuple[str, str]]] = {
    "minutes": ("{n} menit", "{n} minutes"),
    "days": ("{n} hari", "{n} days"),
    "days.one": ("{n} hari", "{n} day"),
    "minutes_a_day": ("{n} menit sehari", "{n} minutes a day"),
    "percent_a_day": ("{n}% sehari", "{n}% a day"),
    "each_time": ("{n} setiap kali", "{n} each time"),
    "each_day": ("{n} tiap hari", "{n} each day"),
    "at_once": ("{n} sekaligus", "{n} at once"),
    "and_more": ("{n} atau lebih", "{n} or more"),
    "from_days": ("mulai {n} hari tanpa keterangan", "from {n} days absent without a word"),
    "never": ("tidak pernah", "never"),
    "no_cap": ("tanpa batas", "no cap"),
    "no_bands": ("tidak ada; hanya angka", "none; a figure only"),
    "none": ("tidak ada", "none"),
    "of_target": ("{n} dari target sebulan", "{n} of the month's target"),
    "scale": ("1 sampai {n}", "1 to {n}"),
    "day_of_next_month": ("tanggal {n} bulan berikutnya", "day {n} of the next month"),
    "rounding": ("{places} angka di belakang koma, {mode}", "{places} decimal places, {mode}"),
    "from": ("mulai {n}", "from {n}"),
    "over": ("di atas {n}", "over {n}"),
    "cell": ("Hasil kerja {work}, perilaku {behaviour}", "Work result {work}, behaviour {behaviour}"),
}
