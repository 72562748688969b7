"""Plans: who writes and who decides, what a year is rated by, and what the owner's device is told."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest

from engines.places import Place
from lontara_core.problems import Problem
from lontara_core.record import judged_hash
from lontara_server.services import plans
from lontara_server.services.assessors import Officer
from lontara_server.services.people import FIRST_DAY, assign_supervisor
from lontara_server.services.plan_moves import move_plan
from lontara_server.services.plan_writing import change_plan, measure, parts_of, remove_result, save_result
from lontara_server.services.reviews import entry_named, review
from lontara_server.services.verification import verify_org
from lontara_server.storage import plans as store
from lontara_server.storage.scores import PersonMonth, dirty_months
from server.logged_tablet import LoggedTablet
from server.plan_office import ADMIN, CHIEF, WORKER, YEAR, PlanOffice, indicator, result
from server.ready import ready_server


@pytest.fixture
def office(place: Place) -> Iterator[PlanOffice]:
    database = ready_server(place)
    yield PlanOffice(database)
    database.dispose()


def approved_entry(office: PlanOffice, target: str, quantity: str, unit: str | None = "berkas", **fields: str) -> str:
    """An entry of the worker for this work result, approved by an admin."""
    tablet = LoggedTablet(office.database, nip=WORKER).enrolled()
    told = {"target_id": target, "quantity": quantity, **({"output_unit": unit} if unit else {}), **fields}
    entry = tablet.create(**told)
    tablet.sync()
    held = office.run(entry_named, entry)
    office.run(
        review, entry, "approved", revision=held.revision, judged=judged_hash(held), by="admin", now_ms=office.tick()
    )
    return entry


def progress(office: PlanOffice, plan: str) -> plans.PlanProgress:
    found = office.run(plans.progress_of, office.run(plans.plan_named, plan))
    assert isinstance(found, plans.PlanProgress)
    return found


def only_result(office: PlanOffice, plan: str) -> store.ResultRow:
    (shown,) = progress(office, plan).results
    return shown.row


def test_a_plan_goes_from_draft_to_final_and_its_work_results_with_it(office: PlanOffice) -> None:
    plan = office.plan(WORKER, result())

    states = [office.move(plan, to) for to in ("submitted", "approved", "final")]

    assert states == ["submitted", "approved", "final"]
    assert only_result(office, plan).state == "final"


def test_each_move_is_told_in_the_audit_trail_with_its_reason(office: PlanOffice) -> None:
    plan = office.plan(WORKER, result(), state="submitted")

    office.move(plan, "revision", reason="Target terlalu rendah")

    trail = office.run(store.audit_about, plan)
    assert (trail[0].action, trail[0].facts) == (
        "plan.return",
        {"was": "submitted", "now": "revision", "reason": "Target terlalu rendah"},
    )


@pytest.mark.parametrize("to", ["approved", "revision", "final"])
def test_nobody_decides_on_their_own_plan_not_even_an_admin(office: PlanOffice, to: str) -> None:
    plan = office.plan(WORKER, result(), state="approved" if to == "final" else "submitted")
    own = Officer("admin-itu-sendiri", office.person(WORKER).id, is_admin=True)

    with pytest.raises(Problem) as raised:
        office.move(plan, to, own, reason="x")

    assert raised.value.code == "not_permitted"


def test_the_owner_drafts_and_submits_and_the_supervisor_approves(office: PlanOffice) -> None:
    plan = office.plan(WORKER, result(), officer=office.officer(WORKER))
    office.move(plan, "submitted", office.officer(WORKER))

    state = office.move(plan, "approved", office.officer(CHIEF))

    assert state == "approved"


def test_a_named_assessor_decides_and_the_supervisor_no_longer(office: PlanOffice) -> None:
    plan = office.plan(WORKER, result(), state="submitted")
    held = office.run(plans.plan_named, plan)
    other = office.person(CHIEF).id
    office.run(change_plan, plan, ADMIN, office.tick(), days=(held.valid_from, held.valid_to), assessor=other)

    stranger = Officer("lain", "01a20d73-ef10-8d91-b2e5-d0df3dafd3db", is_admin=False)
    with pytest.raises(Problem) as raised:
        office.move(plan, "approved", stranger)

    assert raised.value.code == "not_permitted"
    assert office.move(plan, "approved", office.officer(CHIEF)) == "approved"


def test_a_plan_without_an_indicator_is_not_submitted(office: PlanOffice) -> None:
    plan = office.plan(WORKER, result(indicators=()))

    with pytest.raises(Problem) as raised:
        office.move(plan, "submitted")

    assert (raised.value.code, raised.value.facts["field"]) == ("missing_field", "indicator")


def test_a_return_needs_a_reason(office: PlanOffice) -> None:
    plan = office.plan(WORKER, result(), state="submitted")

    with pytest.raises(Problem) as raised:
        office.move(plan, "revision")

    assert (raised.value.code, raised.value.facts["field"]) == ("missing_field", "reason")


@pytest.mark.parametrize(("state", "to"), [("draft", "approved"), ("draft", "final"), ("approved", "submitted")])
def test_a_state_is_not_skipped(office: PlanOffice, state: str, to: str) -> None:
    plan = office.plan(WORKER, result(), state=state)

    with pytest.raises(Problem) as raised:
        office.move(plan, to)

    assert raised.value.code == "state_not_allowed"


def test_only_an_admin_opens_a_final_plan_again(office: PlanOffice) -> None:
    plan = office.plan(WORKER, result(), state="final")

    with pytest.raises(Problem) as raised:
        office.move(plan, "revision", office.officer(CHIEF), reason="Keliru")

    assert raised.value.code == "not_permitted"
    assert office.move(plan, "revision", ADMIN, reason="Keliru") == "revision"


def test_what_is_agreed_to_is_not_written_on(office: PlanOffice) -> None:
    plan = office.plan(WORKER, result(), state="approved")

    with pytest.raises(Problem) as raised:
        office.run(save_result, plan, result("Yang lain"), ADMIN, office.tick())

    assert raised.value.code == "state_not_allowed"


def test_a_form_over_an_older_state_changes_nothing(office: PlanOffice) -> None:
    plan = office.plan(WORKER, result())
    held = office.run(plans.plan_named, plan)
    seen = office.run(parts_of, held, only_result(office, plan).id)
    office.run(save_result, plan, result("Judul lain"), ADMIN, office.tick(), result=seen.row.id, seen=seen.seen)

    with pytest.raises(Problem) as raised:
        office.run(save_result, plan, result("Ketiga"), ADMIN, office.tick(), result=seen.row.id, seen=seen.seen)

    assert raised.value.code == "plan_changed"
    assert only_result(office, plan).title == "Judul lain"


def test_what_is_taken_out_of_a_plan_is_void_and_stays_in_the_history(office: PlanOffice) -> None:
    plan = office.plan(WORKER, result(), result("Kedua"))
    gone = progress(office, plan).results[0].row

    office.run(remove_result, plan, gone.id, ADMIN, office.tick())

    assert only_result(office, plan).id != gone.id
    assert office.run(verify_org).faults == []


def test_approved_entries_add_up_to_what_is_realised(office: PlanOffice) -> None:
    plan = office.plan(WORKER, result(), state="approved")
    target = only_result(office, plan).id
    entries = {
        approved_entry(office, target, "12", work_date="2026-11-02"),
        approved_entry(office, target, "8", work_date="2026-11-03"),
    }
    other = approved_entry(office, target, "3", unit="rapat", work_date="2026-11-04")

    shown = progress(office, plan).results[0].indicators[0]

    assert (shown.realised, shown.percent) == ("20", "50.00")
    assert {each.id for each in shown.entries} == entries
    assert [each.id for each in shown.other_units] == [other]


def test_what_waits_for_a_review_is_not_realised_yet(office: PlanOffice) -> None:
    plan = office.plan(WORKER, result(), state="approved")
    tablet = LoggedTablet(office.database, nip=WORKER).enrolled()
    tablet.create(target_id=only_result(office, plan).id, quantity="12", output_unit="berkas")
    tablet.sync()

    shown = progress(office, plan).results[0].indicators[0]

    assert (shown.realised, shown.percent) == ("0", "0.00")


def test_a_year_is_rated_by_plans_that_are_agreed_to_alone(office: PlanOffice) -> None:
    plan = office.plan(WORKER, result(), state="submitted")
    target = only_result(office, plan).id
    approved_entry(office, target, "12")
    worker = office.person(WORKER).id
    before = office.run(plans.year_results, worker, YEAR)
    office.move(plan, "approved")

    results, quantities = office.run(plans.year_results, worker, YEAR)

    assert before == ((), ())
    assert [each.title for each in results] == ["Berkas warga terlayani"]
    assert [each.quantity for each in quantities] == [Decimal(12)]


def test_an_entry_outside_of_the_plan_s_days_does_not_count_for_it(office: PlanOffice) -> None:
    plan = office.plan(WORKER, result())
    held = office.run(plans.plan_named, plan)
    office.run(
        change_plan, plan, ADMIN, office.tick(), days=(held.valid_from.replace(month=11, day=3), held.valid_to),
        assessor=None,
    )  # fmt: skip
    office.move(plan, "submitted")
    office.move(plan, "approved")
    target = only_result(office, plan).id
    approved_entry(office, target, "5", work_date="2026-11-02")
    approved_entry(office, target, "7", work_date="2026-11-03")

    _, quantities = office.run(plans.year_results, office.person(WORKER).id, YEAR)

    assert [each.quantity for each in quantities] == [Decimal(7)]


def test_what_somebody_has_measured_goes_before_the_entries_and_is_told_by_whom(office: PlanOffice) -> None:
    drafted = result(indicators=(indicator("Kepuasan warga", "80", "persen", aspect="quality"),))
    plan = office.plan(WORKER, drafted, state="approved")
    row = progress(office, plan).results[0].indicators[0].row

    office.run(measure, plan, row.id, "72", office.officer(CHIEF, "kasi"), office.tick())

    shown = progress(office, plan).results[0].indicators[0]
    assert (shown.realised, shown.percent) == ("72", "90.00")
    assert office.run(store.audit_about, plan)[0].by == "kasi"


def test_nobody_measures_their_own_work(office: PlanOffice) -> None:
    drafted = result(indicators=(indicator("Kepuasan warga", "80", "persen", aspect="quality"),))
    plan = office.plan(WORKER, drafted, state="approved")
    row = progress(office, plan).results[0].indicators[0].row

    with pytest.raises(Problem) as raised:
        office.run(measure, plan, row.id, "100", office.officer(WORKER), office.tick())

    assert raised.value.code == "not_permitted"


def test_an_indicator_s_own_cap_goes_before_the_policy_s(office: PlanOffice) -> None:
    plan = office.plan(WORKER, result(indicators=(indicator(target="10", cap="100"),)), state="approved")
    approved_entry(office, only_result(office, plan).id, "50")

    shown = progress(office, plan).results[0].indicators[0]

    assert shown.percent == "100.00"


def test_a_superior_s_work_result_shows_whose_serve_it(office: PlanOffice) -> None:
    upper = office.plan(CHIEF, result("Layanan publik membaik"))
    served = only_result(office, upper).id
    office.plan(WORKER, result("Berkas terlayani", supports=served))

    (shown,) = office.run(plans.progress_of, office.run(plans.plan_named, upper)).results

    assert [each.title for each in shown.supported_by] == ["Berkas terlayani"]


def test_a_work_result_serves_no_other_of_the_same_person(office: PlanOffice) -> None:
    plan = office.plan(WORKER, result())
    own = only_result(office, plan).id

    with pytest.raises(Problem) as raised:
        office.run(save_result, plan, result("Kedua", supports=own), ADMIN, office.tick())

    assert (raised.value.code, raised.value.facts["field"]) == ("invalid_field", "supports")


def test_every_change_of_a_plan_asks_for_the_year_s_rating_anew(office: PlanOffice) -> None:
    office.plan(WORKER, result(), state="approved")

    marks = office.run(dirty_months)

    assert PersonMonth(office.person(WORKER).id, str(YEAR)) in marks


def test_the_owner_s_device_gets_the_work_results_and_nobody_else_s_does(office: PlanOffice) -> None:
    office.plan(WORKER, result(), state="approved")
    own, other = (LoggedTablet(office.database, nip=nip).enrolled() for nip in (WORKER, CHIEF))
    for tablet in (own, other):
        tablet.sync()

    pages = {tablet.nip: tablet.sync().pages for tablet in (own, other)}

    read = {nip: {(row.type, row.fields.get("state")) for page in told for row in page.rows} for nip, told in pages.items()}
    plans_read = {each for each in read[WORKER] if each[0] in ("performance_plan", "work_result_plan", "indicator")}
    assert plans_read == {("performance_plan", "approved"), ("work_result_plan", "approved"), ("indicator", None)}
    assert not {kind for kind, _ in read[CHIEF]} & {"performance_plan", "work_result_plan", "indicator", "action_plan"}


def test_a_second_plan_for_the_same_days_is_refused(office: PlanOffice) -> None:
    office.plan(WORKER)

    with pytest.raises(Problem) as raised:
        office.plan(WORKER)

    assert raised.value.code == "already_exists"


def test_a_new_supervisor_decides_and_the_former_no_longer(office: PlanOffice) -> None:
    plan = office.plan(WORKER, result(), state="submitted")
    office.run(assign_supervisor, WORKER, None, by="tester", now_ms=office.tick(), valid_from=FIRST_DAY)
    office.run(assign_supervisor, CHIEF, WORKER, by="tester", now_ms=office.tick())

    with pytest.raises(Problem) as raised:
        office.run(move_plan, plan, "approved", Officer("x", None, is_admin=False), office.tick())

    assert raised.value.code == "not_permitted"
