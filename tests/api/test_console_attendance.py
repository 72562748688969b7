"""The console's pages about attendance: a month day by day with its punches, what people say of a day, and machines."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from api.console_office import Browser, ConsoleOffice, visible
from lontara_server.services.attendance_import import import_punches
from lontara_server.services.attendance_machines import add_machine
from lontara_server.services.attendance_pins import set_pin
from lontara_server.services.attendance_totals import import_recaps
from lontara_server.services.calendars import CalendarDraft, set_calendar
from lontara_server.services.import_runs import SourceFile
from lontara_server.services.people import employee_named
from lontara_server.storage import attendance as store
from lontara_server.storage.engine import transaction
from server.ready import NOW, WORKER, seeded_bytes

MONTH = f"/attendance/{WORKER}/2026-11"
LOG = """7\t2026-11-16 07:45:00\t1\t0\t1\t0
7\t2026-11-16 07:45:20\t1\t0\t1\t0
7\t2026-11-16 16:05:00\t1\t1\t1\t0
99\t2026-11-16 07:30:00\t1\t0\t1\t0
"""


@pytest.fixture
def logged(console: ConsoleOffice) -> ConsoleOffice:
    """The office with its hours, and a log of one day of which one PIN is nobody's."""
    with transaction(console.database) as connection:
        hours = dict.fromkeys(range(1, 6), ("07:30", "16:00"))
        set_calendar(connection, 1, CalendarDraft(date(2026, 1, 1), 5, hours), by="admin", now_ms=NOW)
        set_pin(connection, 1, "7", employee_named(connection, 1, WORKER), by="admin", now_ms=NOW)
        import_punches(connection, 1, SourceFile(LOG.encode(), "attlog.dat"), "attlog", by="admin", now_ms=NOW)
    return console


def said(**changes: str) -> dict[str, str]:
    return {"first": "2026-11-17", "last": "", "status": "leave", "reason": "SK 12/2026", **changes}


def status_of(console: ConsoleOffice, day: int) -> Any:
    with transaction(console.database) as connection:
        worker = employee_named(connection, 1, WORKER).id
        on = date(2026, 11, day)
        row = store.days_of(connection, 1, [worker], on, on).get((worker, on))
        return None if row is None else (row.status, row.late_minutes)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("id", ["Terlambat 15 menit", "07.45 masuk dihitung masuk", "tekan ganda", "16.05 pulang dihitung pulang",
                "belum ada data"]),
        ("en", ["Late 15 minutes", "07:45 in counts as arrival", "pressed twice", "16:05 out counts as leaving",
                "no data yet"]),
    ],
)  # fmt: skip
def test_a_month_shows_each_day_with_its_punches_and_what_counted(
    logged: ConsoleOffice, language: str, words: list[str]
) -> None:
    page = visible(logged.browser("chief").get(f"{MONTH}?lang={language}").text)

    assert [word for word in words if word not in " ".join(page.split())] == []


def test_the_list_sums_the_month_up_and_says_where_nothing_is_known(logged: ConsoleOffice) -> None:
    page = " ".join(visible(logged.browser("admin").get("/attendance?period=2026-11").text).split())

    assert f"NIP {WORKER} 1 15 menit" in page
    assert "belum ada data" in page


def test_a_supervisor_says_what_days_were_and_the_month_shows_it(logged: ConsoleOffice) -> None:
    chief = logged.browser("chief")

    answer = chief.post(MONTH, said(last="2026-11-22"))

    assert (answer.status_code, answer.headers["Location"]) == (303, MONTH)
    # The weekend is no leave.
    assert [status_of(logged, day) for day in (17, 20, 21, 22)] == [("leave", 0), ("leave", 0), None, None]
    assert "SK 12/2026 (chief)" in visible(chief.get(MONTH).text)


def test_a_correction_of_minutes_counts_instead_of_the_machine(logged: ConsoleOffice) -> None:
    logged.browser("chief").post(MONTH, said(first="2026-11-16", status="present", late_minutes="0", reason="mesin rusak"))

    assert status_of(logged, 16) == ("present", 0)


def test_what_was_said_can_be_taken_back(logged: ConsoleOffice) -> None:
    chief = logged.browser("chief")
    chief.post(MONTH, said(first="2026-11-16"))

    chief.post(f"{MONTH}/clear", {"day": "2026-11-16", "reason": "keliru"})

    assert status_of(logged, 16) == ("present", 15)


@pytest.mark.parametrize(
    "wrong",
    [{"first": "kemarin"}, {"last": "2026-13-01"}, {"reason": ""}, {"status": "hilang"}, {"late_minutes": "1,5"}],
)
def test_what_cannot_be_used_is_told_on_the_page_and_changes_nothing(
    logged: ConsoleOffice, wrong: dict[str, str]
) -> None:
    answer = logged.browser("chief").post(MONTH, said(**wrong))

    assert answer.status_code == 400
    assert "Tidak ada yang tersimpan" in visible(answer.text)
    assert status_of(logged, 17) is None


def test_an_auditor_reads_and_is_offered_no_form(logged: ConsoleOffice) -> None:
    page = logged.browser("auditor").get(MONTH).text

    assert 'name="reason"' not in page


def test_a_recap_of_the_month_is_shown_where_it_is_known(logged: ConsoleOffice) -> None:
    table = f"nip,periode,terlambat,cuti\n{WORKER},2026-10,45,2\n"
    with transaction(logged.database) as connection:
        import_recaps(connection, 1, SourceFile(table.encode(), "rekap.csv"), by="admin", now_ms=NOW)

    page = " ".join(visible(logged.browser("admin").get(f"/attendance/{WORKER}/2026-10").text).split())

    assert "Rekap sebulan" in page
    assert "Terlambat 45 menit" in page
    assert "Cuti 2 hari" in page


def test_machines_and_pins_of_nobody_have_a_page(logged: ConsoleOffice) -> None:
    with transaction(logged.database) as connection:
        add_machine(connection, 1, "BWXP1", "Kantor camat", by="admin", now_ms=NOW, random_bytes=seeded_bytes("m"))

    page = " ".join(visible(logged.browser("admin").get("/attendance/machines").text).split())

    assert "Kantor camat BWXP1 aktif belum pernah" in page
    assert "99 1 16 Nov 2026 07.30" in page


@pytest.mark.parametrize("login", ["chief", "far-admin", "auditor"])
def test_machines_are_for_admins_of_the_whole_org(logged: ConsoleOffice, login: str) -> None:
    browser: Browser = logged.browser(login)

    assert browser.get("/attendance/machines").status_code == 403
