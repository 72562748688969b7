"""An office in the middle of its month, for tests that look at every page: each list has rows, each state occurs once."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import insert

from api.console_office import OTHER_WORKER, ConsoleOffice
from lontara_server.jobs.slots import verify_nightly
from lontara_server.services import objections
from lontara_server.services.assessors import Officer
from lontara_server.services.attendance import DayStatus, set_days
from lontara_server.services.attendance_import import import_punches
from lontara_server.services.attendance_machines import add_machine, pusher_of
from lontara_server.services.attendance_pins import set_pin
from lontara_server.services.behaviour import VALUES, rate
from lontara_server.services.calendars import CalendarDraft, set_calendar
from lontara_server.services.import_runs import SourceFile
from lontara_server.services.marks import set_mark
from lontara_server.services.people import employee_named, import_employees
from lontara_server.services.periods import lock_period
from lontara_server.services.policy_store import import_policy
from lontara_server.services.punch_push import take_push
from lontara_server.services.reviews import entry_document, entry_named, review
from lontara_server.storage.engine import Connection, transaction
from lontara_server.storage.models import AllowanceBase
from server.plan_office import PlanOffice, indicator, result
from server.ready import CHIEF, NOW, WORKER, seeded_bytes
from server.test_policy_store import OWN

ADMIN: Final = Officer("admin", None, is_admin=True)
DAY_MS: Final = 24 * 3600 * 1000
NIGHT: Final = NOW - NOW % DAY_MS + 18 * 3_600_000
LONG_UNIT: Final = "Seksi Pemberdayaan Masyarakat Desa dan Kelurahan"
LONG_NAME: Final = "Dra. Hj. Andi Sitti Nurhalimah Petta Baji Daeng Macora, M.Si."
MORE_PEOPLE: Final = f"""nip,full_name,unit_code,unit_name,supervisor_nip,position
198301152009022003,"{LONG_NAME}",KEC-03,{LONG_UNIT},,Kepala Seksi Pemberdayaan Masyarakat Desa
199908042022031007,Muhammad Yusri Lapatau,KEC-03,{LONG_UNIT},198301152009022003,Penyusun Program
"""
ATTLOG: Final = "{pin}\t{day} {clock}\t1\t{button}\t1\t0\n"


def move_in(office: ConsoleOffice) -> dict[str, str]:
    """Fill the office; the ids that pages are opened with."""
    with transaction(office.database) as connection:
        import_employees(connection, 1, MORE_PEOPLE, by="tester", now_ms=NOW)
        connection.execute(
            insert(AllowanceBase).values(
                org_id=1, employee=employee_named(connection, 1, WORKER).id, valid_from=date(2020, 1, 1),
                amount=4_000_000, by="admin", at=NOW,
            )
        )  # fmt: skip
        _attendance(connection)
        _behaviour(connection)
        import_policy(connection, 1, OWN, where="x.yaml", by="admin", now_ms=NOW)
    entry = _entries(office)
    plan = _plans(office)
    for period in ("2026-10", "2026-11"):
        office.compute(period)
    objection = _objections(office)
    with transaction(office.database) as connection:
        lock_period(connection, 1, "2026-10", by="admin", now_ms=NOW)
        # What is learned after a lock changes no published score; it drifts.
        late = ATTLOG.format(pin="7", day="2026-10-06", clock="09:20:00", button=0)
        import_punches(connection, 1, SourceFile(late.encode(), "late.dat"), "attlog", by="admin", now_ms=NOW)
    verify_nightly(office.database, lambda: NIGHT)
    clash = office.clash(description="Mendata sawah tadah hujan bersama kelompok tani.")
    office.clash(OTHER_WORKER)
    return {"entry": entry, "clash": clash, "objection": objection, **plan}


def _attendance(connection: Connection) -> None:
    hours = dict.fromkeys(range(1, 6), ("07:30", "16:00"))
    set_calendar(connection, 1, CalendarDraft(date(2026, 1, 1), 5, hours), by="admin", now_ms=NOW)
    for pin, nip in (("7", WORKER), ("8", CHIEF)):
        set_pin(connection, 1, pin, employee_named(connection, 1, nip), by="admin", now_ms=NOW)
    arrivals = {3: "07:52:00", 5: "08:15:00", 6: "09:20:00"}
    lines = [ATTLOG.format(pin="99", day="2026-11-16", clock="07:30:00", button=0)]
    for day in (date(2026, 10, 5) + timedelta(days=number) for number in range(40)):
        if day.weekday() < 5 and day not in (date(2026, 10, 6), date(2026, 11, 11)):
            came = arrivals.get(day.day, "07:25:00") if day.month == 11 else "07:25:00"
            for pin in ("7", "8"):
                lines.append(ATTLOG.format(pin=pin, day=day, clock=came, button=0))
                if day != date(2026, 11, 10):
                    lines.append(ATTLOG.format(pin=pin, day=day, clock="16:05:00", button=1))
    file = SourceFile("".join(lines).encode(), "attlog.dat")
    import_punches(connection, 1, file, "attlog", by="admin", now_ms=NOW)
    worker = employee_named(connection, 1, WORKER)
    for status, day, reason in (
        ("absent_unexcused", date(2026, 11, 11), "Tidak ada kabar"),
        ("leave", date(2026, 11, 16), "SK cuti 12/2026"),
    ):
        set_days(connection, 1, worker, DayStatus(day, day, status, reason), ADMIN, NOW)
    key = add_machine(connection, 1, "BWXP1", "Kantor camat", by="admin", now_ms=NOW, random_bytes=seeded_bytes("m"))
    pushed = b"7\t2026-11-18 07:20:00\t0\t1\nnot a punch at all\n"
    take_push(connection, pusher_of(connection, key, "BWXP1", NOW), pushed, NOW)


def _behaviour(connection: Connection) -> None:
    worker = employee_named(connection, 1, WORKER)
    given = dict(zip(VALUES, ("4", "4.5", "4", "5", "5", "3.5", "4"), strict=True))
    rate(connection, 1, worker, "2026-11", given, ADMIN, NOW, note="Pelayanan loket dipuji warga.")
    set_mark(connection, 1, worker, "2026-11", "quality", "88", ADMIN, NOW, reason="Berkas lengkap")


def _entries(office: ConsoleOffice) -> str:
    tablet = office.tablet()
    made: dict[str, list[str]] = {"approved": [], "needs_revision": [], "rejected": [], "submitted": []}
    titles = ("Verifikasi berkas bansos", "Administrasi kependudukan", "Rapat koordinasi kecamatan", "Survei lapangan")
    for number in range(26):
        day = date(2026, 10, 19) + timedelta(days=number)
        state = {23: "needs_revision", 24: "rejected", 25: "submitted"}.get(number, "approved")
        made[state].append(
            tablet.create(
                title=titles[number % 4], work_date=day.isoformat(), start_time="08:00", end_time="11:30",
                quantity="12", output_unit="berkas", category=("main_duty", "additional_duty")[number % 2],
            )
        )  # fmt: skip
    # Two that share half an hour, and one past midnight.
    made["approved"] += [
        tablet.create(title="Rapat koordinasi kecamatan", work_date="2026-11-12", start_time="11:00", end_time="12:30"),
        tablet.create(title="Piket posko banjir", work_date="2026-11-13", start_time="22:00", end_time="01:30"),
    ]
    tablet.sync()
    with transaction(office.database) as connection:
        for state, entries in made.items():
            for entry in entries if state != "submitted" else ():
                seen = entry_document(entry_named(connection, 1, entry))
                note = None if state == "approved" else "Lampirkan jumlah warga yang dilayani."
                review(
                    connection, 1, entry, state, revision=seen["revision"], judged=seen["hash"], by="chief", now_ms=NOW,
                    note=note,
                )  # fmt: skip
    return made["submitted"][0]


def _plans(office: ConsoleOffice) -> dict[str, str]:
    plans = PlanOffice(office.database)
    above = plans.plan(CHIEF, result("Layanan publik membaik di seluruh kecamatan"), state="approved")
    mine = plans.plan(WORKER, result(), result("Arsip tertata", indicators=(indicator("Boks arsip"),)), state="submitted")
    return {"plan": mine, "plan_above": above}


def _objections(office: ConsoleOffice) -> str:
    def run(work: Any, *args: Any, **options: Any) -> Any:
        with transaction(office.database) as connection:
            return work(connection, 1, *args, **options)

    with transaction(office.database) as connection:
        worker, other = (employee_named(connection, 1, nip) for nip in (WORKER, OTHER_WORKER))
    first = run(objections.open_objection, worker, "2026-10", "Tanggal 5 saya dinas luar ke kabupaten.", ADMIN, NOW)
    run(objections.decide, first, "upheld", "Surat tugasnya ada.", ADMIN, NOW + 1, correction="1,5")
    second = run(objections.open_objection, other, "2026-10", "Mesin rusak sepekan.", ADMIN, NOW)
    run(objections.decide, second, "dismissed", "Mesin lain di kantor itu hidup.", ADMIN, NOW + 1)
    waiting = run(objections.open_objection, worker, "2026-11", "Tanggal 11 saya rapat di kantor bupati.", ADMIN, NOW)
    run(objections.comment, waiting, "Undangannya sudah saya lihat.", Officer("chief", None, is_admin=True), NOW + 2)
    return str(waiting)
