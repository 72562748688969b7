"""The monthly recap of a person as PDF, to be printed and signed. What it is made of is read by `recap_reading`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import IO, Final
from zoneinfo import ZoneInfo

from lontara_server.performance.attendance import STATUSES
from lontara_server.performance.explanation import Node
from lontara_server.performance.wording import STATUSES as STATUS_WORDS
from lontara_server.performance.wording import detail, figure, label
from lontara_server.services.outputs import formats
from lontara_server.services.outputs.ekinerja import minutes_of
from lontara_server.services.outputs.formats import Language
from lontara_server.services.outputs.paper import Field, Paper, Signer
from lontara_server.services.outputs.recap_reading import Recap, Recaps
from lontara_server.storage.exports import WorkRow

# The row above names it.
_SAID_ABOVE: Final = ("weight",)
_WORDS: Final[dict[Language, dict[str, str]]] = {
    "id": {
        "title": "REKAP KINERJA BULANAN",
        "period": "Periode {period}",
        "name": "Nama", "nip": "NIP", "grade": "Pangkat/Golongan", "position": "Jabatan", "unit": "Unit kerja",
        "supervisor": "Atasan langsung", "acting": "Plh. atasan langsung", "employee": "Pegawai",
        "score": "Nilai", "no_score": "Belum ada nilai untuk bulan ini. Catatan tetap tersimpan.",
        "provisional": "sementara", "policy": "Kebijakan", "version": "{title} ({policy}, versi {version})",
        "revision": "Revisi nilai",
        "entries": "A. Kegiatan", "no": "No.", "date": "Tanggal", "hours": "Jam", "work": "Kegiatan",
        "output": "Hasil", "state": "Keadaan", "minutes": "Menit", "approved": "Menit disetujui",
        "total": "Jumlah", "no_entries": "Belum ada catatan yang masuk untuk bulan ini. Itu tidak dianggap nol.",
        "overlap": "Waktu yang tumpang tindih dan batas per hari dihitung sekali pada bagian C.",
        "attendance": "B. Presensi", "status": "Keterangan", "days": "Hari", "late": "Terlambat (menit)",
        "early": "Pulang cepat (menit)", "no_punch": "Tanpa log masuk atau pulang (kali)",
        "no_feed": "Hari kerja tanpa data presensi, tidak dianggap tidak hadir",
        "no_attendance": "Presensi belum masuk. Itu tidak dianggap tidak hadir.",
        "from_recap": "Presensi hanya diketahui dari rekap sebulan.",
        "arithmetic": "C. Perhitungan nilai", "row": "Uraian", "value": "Angka", "allowance": "TPP",
        "footer": "Lontara · {period} · dicetak {day} · {nip} {name}",
        "place": "........................., ..............................",
        "no_sanction": "Nilai tidak menimbulkan sanksi dengan sendirinya. Keberatan dapat diajukan kepada atasan atau admin.",
        "locked": "Bulan ini sudah dikunci.", "open": "Bulan ini belum dikunci; isi rekap masih dapat berubah.",
        "submitted": "Diajukan", "is_approved": "Disetujui", "needs_revision": "Revisi", "rejected": "Ditolak",
    },
    "en": {
        "title": "MONTHLY PERFORMANCE RECAP",
        "period": "Period {period}",
        "name": "Name", "nip": "NIP", "grade": "Grade", "position": "Position", "unit": "Unit",
        "supervisor": "Supervisor", "acting": "Acting supervisor", "employee": "Employee",
        "score": "Score", "no_score": "There is no score of this month yet. The entries are kept.",
        "provisional": "provisional", "policy": "Policy", "version": "{title} ({policy}, version {version})",
        "revision": "Revision of the score",
        "entries": "A. Activities", "no": "No.", "date": "Date", "hours": "Hours", "work": "Activity",
        "output": "Output", "state": "State", "minutes": "Minutes", "approved": "Minutes approved",
        "total": "Total", "no_entries": "No entries of this month have arrived yet. That is not taken as zero.",
        "overlap": "Time that overlaps and the cap of a day are counted once in part C.",
        "attendance": "B. Attendance", "status": "What is known", "days": "Days", "late": "Late (minutes)",
        "early": "Left early (minutes)", "no_punch": "Without a punch in or out (times)",
        "no_feed": "Workdays without any attendance data, not taken as absence",
        "no_attendance": "Attendance has not arrived. That is not taken as absence.",
        "from_recap": "Attendance is only known from a recap of the month.",
        "arithmetic": "C. How the score is made", "row": "Row", "value": "Figure", "allowance": "Allowance (TPP)",
        "footer": "Lontara · {period} · printed {day} · {nip} {name}",
        "place": "........................., ..............................",
        "no_sanction": "A score causes no sanction by itself. Objections go to the supervisor or an admin.",
        "locked": "This month is locked.", "open": "This month is not locked; the recap may still change.",
        "submitted": "Submitted", "is_approved": "Approved", "needs_revision": "To revise", "rejected": "Rejected",
    },
}  # fmt: skip


def print_recaps(recaps: Recaps, target: IO[bytes], language: Language, now_ms: int) -> int:
    """Write the recaps as one PDF into a file, each person on pages of their own; returns how many pages."""
    words, zone = _WORDS[language], recaps.org.time_zone
    title = f"{words['title']} {formats.month(recaps.period, language)}"
    paper = Paper(
        title=title, made_at=datetime.fromtimestamp(now_ms / 1000, ZoneInfo(zone)), language=language
    )  # fmt: skip
    printed_on = formats.long_day(formats.local_day(now_ms, zone), language)
    for recap in recaps.people:
        _print(paper, recaps, recap, language, printed_on)
    return paper.write(target)


def _print(paper: Paper, recaps: Recaps, recap: Recap, language: Language, printed_on: str) -> None:
    words, person = _WORDS[language], recap.placed.employee
    period = formats.month(recaps.period, language)
    unit = recap.placed.unit_name
    head = [recaps.org.name.upper(), *([unit] if unit and unit.upper() != recaps.org.name.upper() else [])]
    footer = words["footer"].format(nip=person.nip, name=person.full_name, period=period, day=printed_on)
    paper.begin(head, [words["title"], words["period"].format(period=period)], footer)
    paper.facts(_facts(recaps, recap, language))
    paper.heading(words["entries"])
    _print_entries(paper, recap, language)
    paper.heading(words["attendance"])
    _print_attendance(paper, recap, language)
    _print_score(paper, recap, language)
    leader = recap.supervisor
    paper.signatures(
        f"{words['locked' if recaps.is_locked else 'open']} {words['no_sanction']}",
        words["place"],
        Signer(words["employee"], person.full_name, person.nip),
        Signer(
            words["acting" if recap.is_acting else "supervisor"],
            "" if leader is None else leader.full_name,
            "" if leader is None else leader.nip,
        ),
    )


def _facts(recaps: Recaps, recap: Recap, language: Language) -> Iterator[tuple[str, str]]:
    words, person, score = _WORDS[language], recap.placed.employee, recap.score
    yield words["name"], person.full_name
    yield words["nip"], person.nip
    yield words["grade"], person.grade or ""
    yield words["position"], recap.placed.position or ""
    yield words["unit"], recap.placed.unit_name or ""
    leader = recap.supervisor
    yield words["acting" if recap.is_acting else "supervisor"], "" if leader is None else leader.full_name
    if score is None or score.value is None:
        yield words["score"], words["no_score"]
        return
    rated = [formats.number(score.value, language), score.rating(language)]
    text = " ".join(each for each in rated if each)
    yield words["score"], f"{text} ({words['provisional']})" if score.head.provisional else text
    if score.amount is not None:
        yield words["allowance"], formats.rupiah(score.amount, language)
    policy = recaps.policies.named(score.head.policy_id, score.head.policy_version)
    title = policy.title.id if language == "id" else policy.title.en
    yield words["policy"], words["version"].format(title=title, policy=policy.policy_id, version=policy.version)
    yield words["revision"], str(score.head.revision)


def _print_entries(paper: Paper, recap: Recap, language: Language) -> None:
    words = _WORDS[language]
    if not recap.entries:
        paper.paragraph(words["no_entries"])
        return
    columns = (
        Field(words["no"], 5, "RIGHT"), Field(words["date"], 12), Field(words["hours"], 13), Field(words["work"], 43),
        Field(words["output"], 15), Field(words["state"], 11), Field(words["minutes"], 9, "RIGHT"),
        Field(words["approved"], 11, "RIGHT"),
    )  # fmt: skip
    rows = [_entry_row(place, row, recap, language) for place, row in enumerate(recap.entries, 1)]
    whole = sum(minutes_of(row) or 0 for row in recap.entries)
    taken = sum(recap.approved_minutes.get(row.id, 0) for row in recap.entries)
    total = ("", "", "", words["total"], "", "", formats.number(whole, language), formats.number(taken, language))
    paper.table(columns, [*rows, total], totals=1)
    paper.paragraph(words["overlap"], small=True)


def _entry_row(place: int, row: WorkRow, recap: Recap, language: Language) -> tuple[str, ...]:
    words = _WORDS[language]
    hours = ""
    if row.start_time and row.end_time:
        hours = f"{formats.clock(row.start_time, language)}–{formats.clock(row.end_time, language)}"
    output = ""
    if row.quantity is not None:
        output = f"{formats.number(Decimal(row.quantity), language)} {row.output_unit or ''}".strip()
    work = row.title if row.work_result is None else f"{row.title}\nRHK: {row.work_result}"
    state = words["is_approved" if row.review_state == "approved" else row.review_state]
    taken = recap.approved_minutes.get(row.id)
    return (
        str(place), formats.short_day(row.work_date), hours, work, output, state,
        formats.number(minutes_of(row) or 0, language), "-" if taken is None else formats.number(taken, language),
    )  # fmt: skip


def _print_attendance(paper: Paper, recap: Recap, language: Language) -> None:
    words = _WORDS[language]
    rows = list(_attendance_rows(recap, language))
    if not rows:
        paper.paragraph(words["no_attendance"])
        return
    paper.table((Field(words["status"], 80), Field(words["days"], 20, "RIGHT")), rows)
    if recap.totals is not None:
        paper.paragraph(words["from_recap"], small=True)


def _attendance_rows(recap: Recap, language: Language) -> Iterator[tuple[str, str]]:
    words, named = _WORDS[language], STATUS_WORDS[language]
    if recap.totals is not None:
        counts = {status: recap.totals.count(status) for status in STATUSES}
        late, early = recap.totals.late_minutes, recap.totals.early_leave_minutes
        without = recap.totals.missing_check_ins + recap.totals.missing_check_outs
    elif recap.attendance:
        counts = {status: sum(day.status == status for day in recap.attendance) for status in STATUSES}
        present = [day for day in recap.attendance if day.status == "present"]
        late = sum(day.late_minutes for day in present)
        early = sum(day.early_leave_minutes for day in present)
        without = sum((not day.has_check_in) + (not day.has_check_out) for day in present)
    else:
        return
    yield from ((named[status], formats.number(count, language)) for status, count in counts.items() if count)
    for name, count in (("late", late), ("early", early), ("no_punch", without)):
        yield words[name], formats.number(count, language)
    if recap.score is not None and (missing := recap.score.document["coverage"]["days_without_feed"]):
        yield words["no_feed"], formats.number(len(missing), language)


def _print_score(paper: Paper, recap: Recap, language: Language) -> None:
    words = _WORDS[language]
    if recap.tree is None or recap.score is None:
        paper.heading(words["arithmetic"])
        paper.paragraph(words["no_score"])
        return
    columns = (Field(words["row"], 78), Field(words["value"], 22, "RIGHT"))
    rows = [*_rows_of(recap.tree, language, 0), (_said(recap.tree, language), figure(recap.tree, language))]
    paper.heading(words["arithmetic"], rows=len(rows))
    paper.table(columns, rows, totals=1)
    if recap.score.head.provisional:
        paper.paragraph(recap.score.reasons(language), small=True)


def _rows_of(node: Node, language: Language, depth: int) -> Iterator[tuple[str, str]]:
    """The rows that make the figure. Those of single entries stand in part A already, those of days in the console."""
    for child in node.children:
        if child.entry_ids or child.attendance_days or child.code in _SAID_ABOVE or _changes_nothing(child):
            continue
        yield f"{'    ' * depth}{_said(child, language)}", figure(child, language)
        if not child.code.startswith("target_minutes"):
            yield from _rows_of(child, language, depth + 1)


def _changes_nothing(node: Node) -> bool:
    return node.code.startswith("rounding") and not node.value


def _said(node: Node, language: Language) -> str:
    more = detail(node, language)
    return f"{label(node, language)} ({more})" if more else label(node, language)
