"""Pages about policies in the console: what holds, what another would change for whom, letting it hold, and drift."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import delete, insert

from api.console_office import ConsoleOffice, visible
from lontara_server.jobs.slots import verify_nightly
from lontara_server.services.periods import lock_period
from lontara_server.services.policies import policy_for
from lontara_server.services.policy_store import import_policy
from lontara_server.services.reviews import entry_document, entry_named, review
from lontara_server.storage import scores as store
from lontara_server.storage.engine import transaction
from lontara_server.storage.models import AllowanceBase, AttendanceDay
from lontara_server.storage.people import employee_of_nip
from server.logged_tablet import DAY
from server.ready import NOW, WORKER
from server.test_policy_store import OWN

PAGE = "/policies/generic-60-40/2"
HALF_PAST_ONE = 1_795_800_000_000 - 1_795_800_000_000 % 86_400_000 + 18 * 3_600_000


@pytest.fixture
def scored(console: ConsoleOffice) -> ConsoleOffice:
    """An approved hour, a day of attendance and a base, scored; and a version of the org's own that nobody uses yet."""
    entry = console.entry()
    with transaction(console.database) as connection:
        seen = entry_document(entry_named(connection, 1, entry))
        review(connection, 1, entry, "approved", revision=seen["revision"], judged=seen["hash"], by="chief", now_ms=NOW)
        worker = employee_of_nip(connection, 1, WORKER)
        assert worker is not None
        day = date.fromisoformat(DAY)
        head = {"org_id": 1, "employee": worker.id}
        connection.execute(insert(AllowanceBase).values(**head, valid_from=date(2020, 1, 1), amount=4_000_000, by="x", at=NOW))
        connection.execute(
            insert(AttendanceDay).values(
                **head, day=day, status="present", late_minutes=45, early_leave_minutes=0, has_check_in=True,
                has_check_out=True, origin="punches",
            )
        )  # fmt: skip
        import_policy(connection, 1, OWN, where="x.yaml", by="admin", now_ms=NOW)
    console.compute()
    return console


def activate(office: ConsoleOffice, login: str = "admin", **form: str) -> Any:
    wanted = {"since": "2026-11", "reason": "Perbup 12/2026", **form}
    return office.browser(login).post(f"{PAGE}/activate", wanted)


def version_in_use(office: ConsoleOffice) -> int:
    with transaction(office.database) as connection:
        return policy_for(connection, 1, "2026-11").version


def test_the_list_says_which_policy_holds(scored: ConsoleOffice) -> None:
    page = visible(scored.browser("auditor").get("/policies").text)

    assert "generic-60-40, versi 1 · bawaan" in page
    assert "generic-60-40, versi 2 · milik organisasi" in page
    assert page.count("berlaku sekarang") == 2


def test_a_trial_shows_what_would_change_for_whom(scored: ConsoleOffice) -> None:
    page = visible(scored.browser("admin").get(f"{PAGE}?period=2026-11").text)

    assert "1 dari 4 pegawai akan bernilai lain pada Nov 2026." in page
    assert "Ambo Upe Lamaru NIP 199103092015031005" in page
    assert "Rp 1.606.800 → Rp 1.214.600" in page
    assert version_in_use(scored) == 1


def test_a_supervisor_sees_a_trial_of_their_own_people_alone(scored: ConsoleOffice) -> None:
    mine = visible(scored.browser("chief").get(f"{PAGE}?period=2026-11").text)
    far = visible(scored.browser("far-chief").get(f"{PAGE}?period=2026-11").text)

    assert "Ambo Upe Lamaru" in mine
    assert "Ambo Upe Lamaru" not in far


def test_an_admin_lets_a_policy_hold_and_reads_what_follows(scored: ConsoleOffice) -> None:
    answer = activate(scored)

    assert "Tersimpan: berlaku mulai Nov 2026. 4 nilai dihitung ulang." in visible(answer.text)
    assert version_in_use(scored) == 2


@pytest.mark.parametrize("login", ["chief", "auditor", "far-admin"])
def test_nobody_else_lets_a_policy_hold_for_the_whole_org(scored: ConsoleOffice, login: str) -> None:
    answer = activate(scored, login)

    assert (answer.status_code, version_in_use(scored)) == (403, 1)
    assert "Pakai kebijakan ini" not in visible(scored.browser(login).get(PAGE).text)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"since": "November"}, "Ada isian yang tidak dapat dipakai"),
        ({"reason": ""}, "Ada isian wajib yang masih kosong"),
        ({"since": "2017-01"}, "belum atau tidak lagi berlaku"),
    ],
)
def test_a_form_that_is_wrong_keeps_what_was_written(scored: ConsoleOffice, wrong: dict[str, str], said: str) -> None:
    answer = activate(scored, **wrong)

    typed = {"since": "2026-11", "reason": "Perbup 12/2026", **wrong}
    assert said in visible(answer.text)
    assert all(f'value="{value}"' in answer.text for value in typed.values())
    assert version_in_use(scored) == 1


@pytest.mark.parametrize("path", ["/policies/none/1", "/policies/generic-60-40/9", "/policies/generic-60-40/x"])
def test_a_policy_that_is_not_there_is_not_found(scored: ConsoleOffice, path: str) -> None:
    assert scored.browser("admin").get(path).status_code == 404


def test_a_month_that_cannot_be_tried_is_a_problem_and_no_failure(scored: ConsoleOffice) -> None:
    answer = scored.browser("admin").get(f"{PAGE}?period=yesterday")

    assert answer.status_code in (400, 422)


def test_the_score_s_page_shows_the_allowance(scored: ConsoleOffice) -> None:
    page = visible(scored.browser("admin").get(f"/scores/{WORKER}/2026-11").text)

    assert "TPP menurut nilai ini" in page
    assert "tidak membayar dan tidak memotong" in page


def test_drift_of_published_scores_is_shown_as_the_night_found_it(scored: ConsoleOffice) -> None:
    never = visible(scored.browser("admin").get("/scores/drift").text)
    with transaction(scored.database) as connection:
        lock_period(connection, 1, "2026-11", by="admin", now_ms=NOW)
        connection.execute(delete(AttendanceDay))
    verify_nightly(scored.database, lambda: HALF_PAST_ONE)

    found = visible(scored.browser("admin").get("/scores/drift").text)
    far = visible(scored.browser("far-chief").get("/scores/drift").text)

    assert "belum pernah berjalan" in never
    assert "Ambo Upe Lamaru" in found
    assert "TPP" in found
    assert "Ambo Upe Lamaru" not in far


@pytest.mark.parametrize("path", ["/policies", PAGE, f"{PAGE}?period=2026-11", "/scores/drift"])
def test_every_page_is_there_in_english_too(scored: ConsoleOffice, path: str) -> None:
    answer = scored.browser("admin").get(f"{path}{'&' if '?' in path else '?'}lang=en")

    assert (answer.status_code, '<html lang="en">' in answer.text) == (200, True)


def test_an_activation_marks_scores_and_the_job_computes_them(scored: ConsoleOffice) -> None:
    activate(scored)

    with transaction(scored.database) as connection:
        assert len(store.dirty_months(connection, 1)) == 4
