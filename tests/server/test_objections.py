"""Objections to scores: who opens and decides them, what a decision does to the score, and what devices write."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import update

from engines.places import Place
from lontara_core.operations import Judged
from lontara_core.problems import Problem
from lontara_server.services import objections
from lontara_server.services.assessors import Officer
from lontara_server.services.periods import lock_period
from lontara_server.services.scores import check_stored, drift, history
from lontara_server.storage.engine import Engine, transaction
from lontara_server.storage.models import AttendanceDay
from lontara_server.storage.objections import ObjectionRow, objections_of
from lontara_server.storage.plans import audit_about
from server.logged_tablet import LoggedTablet
from server.plan_office import ADMIN, CHIEF, WORKER, PlanOffice
from server.scored import NOW, ORG, PERIOD, WORKDAYS, add_day, add_entry, add_present_month, open_office, shown, stored

LATER = NOW + 3_600_000


@pytest.fixture
def database(place: Place) -> Iterator[Engine]:
    opened = open_office(place)
    with transaction(opened) as connection:
        for number, day in enumerate(WORKDAYS, start=1):
            add_entry(connection, number, work_date=day)
        shown(connection)
    yield opened
    opened.dispose()


@pytest.fixture
def office(database: Engine) -> PlanOffice:
    return PlanOffice(database, now=LATER)


def opened(office: PlanOffice, text: str = "Presensi saya keliru", officer: Officer = ADMIN) -> str:
    made = office.run(objections.open_objection, office.person(WORKER), PERIOD, text, officer, office.tick())
    return str(made)


def decided(office: PlanOffice, made: str, how: str = "upheld", **options: str) -> ObjectionRow:
    row = office.run(objections.decide, made, how, "Sudah diperiksa", ADMIN, office.tick(), **options)
    assert isinstance(row, ObjectionRow)
    return row


def code_of(office: PlanOffice, work: object, *args: object, **options: object) -> str:
    with pytest.raises(Problem) as raised:
        office.run(work, *args, **options)
    return raised.value.code


def locked_month(office: PlanOffice) -> None:
    with transaction(office.database) as connection:
        lock_period(connection, ORG, PERIOD, by="admin", now_ms=office.tick())


def test_a_correction_is_a_row_of_the_score_and_the_figure_before_stays_in_the_history(office: PlanOffice) -> None:
    before = stored(office.database)["value"]
    made = opened(office)

    row = decided(office, made, correction="-1,5")

    document = stored(office.database)
    rows = [each for each in document["explanation"]["children"] if each["code"] == "objection_correction"]
    with transaction(office.database) as connection:
        figures = [each["value"] for each in history(connection, ORG, WORKER, PERIOD)]
    assert rows[0]["params"]["reason"] == "Sudah diperiksa"
    assert (row.value_before, row.value_after, row.correction) == (before, document["value"], "-1.5")
    assert figures == [document["value"], before]
    assert document["value"] != before


def test_an_objection_alone_changes_no_score(office: PlanOffice) -> None:
    before = stored(office.database)

    opened(office)

    assert stored(office.database) == before


def test_a_correction_changes_the_published_score_of_a_locked_month_and_nothing_else_does(office: PlanOffice) -> None:
    locked_month(office)
    before = stored(office.database)
    with transaction(office.database) as connection:
        add_present_month(connection)
    made = opened(office)

    decided(office, made, correction="-2")

    after = stored(office.database)
    assert float(after["value"]) == pytest.approx(float(before["value"]) - 2)
    with transaction(office.database) as connection:
        assert check_stored(connection, ORG, LATER, PERIOD).differences == ()
        assert drift(connection, ORG, LATER, PERIOD) != ()


def test_inputs_that_were_mended_count_in_a_locked_month_once_the_objection_is_upheld(office: PlanOffice) -> None:
    with transaction(office.database) as connection:
        add_day(connection, WORKDAYS[0], status="absent_unexcused")
        shown(connection)
    locked_month(office)
    published = stored(office.database)["value"]
    with transaction(office.database) as connection:
        connection.execute(update(AttendanceDay).where(AttendanceDay.org_id == ORG).values(status="present"))
    made = opened(office)

    row = decided(office, made)

    assert row.value_before == published
    assert row.value_after == stored(office.database)["value"] != published
    with transaction(office.database) as connection:
        assert drift(connection, ORG, LATER, PERIOD) == ()
        assert check_stored(connection, ORG, LATER, PERIOD).differences == ()


def test_a_dismissed_objection_leaves_the_score_and_tells_the_person_why(office: PlanOffice) -> None:
    before, made = stored(office.database), opened(office)

    row = decided(office, made, "dismissed")

    assert (row.state, row.answer, row.value_after) == ("dismissed", "Sudah diperiksa", before["value"])
    assert stored(office.database) == before


def test_one_objection_of_a_month_is_open_at_a_time(office: PlanOffice) -> None:
    made = opened(office)

    code = code_of(office, objections.open_objection, office.person(WORKER), PERIOD, "Lagi", ADMIN, office.tick())

    assert code == "already_exists"
    decided(office, made, "dismissed")
    assert opened(office, "Masih keliru") != made


def test_nobody_decides_on_their_own_objection_nor_comments_it(office: PlanOffice) -> None:
    made, own = opened(office), Officer("saya", office.person(WORKER).id, is_admin=True)

    codes = (
        code_of(office, objections.decide, made, "upheld", "Ya", own, office.tick()),
        code_of(office, objections.comment, made, "Ya", own, office.tick()),
    )

    assert codes == ("not_permitted", "not_permitted")


def test_a_supervisor_comments_and_does_not_decide(office: PlanOffice) -> None:
    made, chief = opened(office), office.officer(CHIEF)

    row = office.run(objections.comment, made, "Mesinnya rusak hari itu", chief, office.tick())

    assert [each["text"] for each in row.said] == ["Mesinnya rusak hari itu"]
    assert code_of(office, objections.decide, made, "upheld", "Ya", chief, office.tick()) == "not_permitted"


def test_nobody_objects_for_another_but_an_admin(office: PlanOffice) -> None:
    code = code_of(
        office, objections.open_objection, office.person(WORKER), PERIOD, "Keliru", office.officer(CHIEF), office.tick()
    )

    assert code == "not_permitted"


@pytest.mark.parametrize(
    ("period", "text", "code"),
    [(PERIOD, "  ", "missing_field"), ("2027-01", "Keliru", "invalid_field"), ("2026-13", "Keliru", "invalid_field")],
)
def test_an_objection_has_a_text_and_is_about_a_month_that_has_begun(
    office: PlanOffice, period: str, text: str, code: str
) -> None:
    assert code_of(office, objections.open_objection, office.person(WORKER), period, text, ADMIN, office.tick()) == code


@pytest.mark.parametrize("typed", ["0", "1001", "1.2345", "lima"])
def test_a_correction_is_some_points(office: PlanOffice, typed: str) -> None:
    made = opened(office)

    code = code_of(office, objections.decide, made, "upheld", "Ya", ADMIN, office.tick(), correction=typed)

    assert code == "invalid_field"


def test_what_is_decided_or_withdrawn_stays_so(office: PlanOffice) -> None:
    made = opened(office)
    office.run(objections.withdraw, made, ADMIN, office.tick())

    code = code_of(office, objections.decide, made, "upheld", "Ya", ADMIN, office.tick())

    assert code == "state_not_allowed"


def test_everything_about_an_objection_is_in_the_audit_trail(office: PlanOffice) -> None:
    made = opened(office)
    office.run(objections.comment, made, "Mesinnya rusak", office.officer(CHIEF), office.tick())
    decided(office, made, correction="2")

    trail = office.run(audit_about, made)

    assert [each.action for each in trail] == ["objection.decide", "objection.comment", "objection.open"]


def objected(tablet: LoggedTablet, period: str = PERIOD, text: str = "Presensi saya keliru") -> str:
    operation = tablet.write("create", type="objection", fields={"period": period, "text": text})
    return str(operation.record)


def rows_of(office: PlanOffice) -> list[ObjectionRow]:
    found: list[ObjectionRow] = office.run(objections_of, office.person(WORKER).id)
    return found


def test_an_objection_that_a_device_wrote_is_open_and_comes_back_to_its_person_alone(office: PlanOffice) -> None:
    tablet, chief = LoggedTablet(office.database).enrolled(), LoggedTablet(office.database, nip=CHIEF).enrolled()
    made = objected(tablet)

    tablet.sync()

    answer, other = tablet.sync(cursors={"self": 0}), chief.sync(cursors={"self": 0})
    (row,) = rows_of(office)
    told = [row for page in answer.pages for row in page.rows if row.type == "objection"]
    assert (row.id, row.state, row.period, row.opened_by) == (made, "open", PERIOD, office.person(WORKER).id)
    assert row.value_before == stored(office.database)["value"]
    assert [(each.id, each.fields["state"]) for each in told] == [(made, "open")]
    assert not [row for page in other.pages for row in page.rows if row.type == "objection"]


def test_a_decision_reaches_the_devices_of_who_objected(office: PlanOffice) -> None:
    tablet = LoggedTablet(office.database).enrolled()
    made = objected(tablet)
    tablet.sync()

    decided(office, made, correction="2")

    (told,) = [row for page in tablet.sync().pages for row in page.rows if row.type == "objection"]
    assert (told.fields["state"], told.fields["answer"]) == ("upheld", "Sudah diperiksa")


def test_a_second_objection_from_a_device_is_refused_while_one_is_open(office: PlanOffice) -> None:
    tablet = LoggedTablet(office.database).enrolled()
    objected(tablet)
    objected(tablet, text="Satu lagi")

    answer = tablet.sync()

    assert answer.batch is not None
    assert [(each.seq, each.verdict, each.code) for each in answer.batch.results] == [(2, "rejected", "already_exists")]
    assert len(rows_of(office)) == 1


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"period": "2027-01", "text": "Keliru"}, "invalid_field"),
        ({"period": PERIOD}, "missing_field"),
        ({"period": PERIOD, "text": "Keliru", "state": "upheld"}, "server_field"),
        ({"period": PERIOD, "text": "Keliru", "correction": "9"}, "server_field"),
    ],
)
def test_a_device_writes_only_what_its_person_says(office: PlanOffice, fields: dict[str, str], code: str) -> None:
    tablet = LoggedTablet(office.database).enrolled()
    tablet.write("create", type="objection", fields=fields)

    answer = tablet.sync()

    assert answer.batch is not None
    assert [each.code for each in answer.batch.results] == [code]
    assert rows_of(office) == []


def test_a_person_takes_an_open_objection_back_and_no_decided_one(office: PlanOffice) -> None:
    tablet = LoggedTablet(office.database).enrolled()
    first, second = objected(tablet), objected(tablet, period="2026-09")
    tablet.sync()
    decided(office, second, "dismissed")
    for each in (first, second):
        tablet.write("void", each, type="objection", judged=Judged(hash="0" * 64, revision=1))

    answer = tablet.sync()

    assert answer.batch is not None
    assert [(each.seq, each.code) for each in answer.batch.results] == [(4, "state_not_allowed")]
    assert {row.period: row.state for row in rows_of(office)} == {PERIOD: "withdrawn", "2026-09": "dismissed"}


def test_another_persons_objection_is_not_there_for_a_device(office: PlanOffice) -> None:
    tablet, chief = LoggedTablet(office.database).enrolled(), LoggedTablet(office.database, nip=CHIEF).enrolled()
    made = objected(tablet)
    tablet.sync()
    chief.write("void", made, type="objection", judged=Judged(hash="0" * 64, revision=1))

    answer = chief.sync()

    assert answer.batch is not None
    assert [(each.verdict, each.code) for each in answer.batch.results] == [("parked", "unknown_record")]
    assert [row.state for row in rows_of(office)] == ["open"]


def test_an_edit_of_an_objection_is_refused(office: PlanOffice) -> None:
    tablet = LoggedTablet(office.database).enrolled()
    made = objected(tablet)
    tablet.write("set", made, type="objection", fields={"text": "Lain"}, was={"text": "Presensi saya keliru"})

    answer = tablet.sync()

    assert answer.batch is not None
    assert [each.code for each in answer.batch.results] == ["not_permitted"]
