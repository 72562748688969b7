"""Attendance machines over HTTP, in the shape that they speak: a key of their own, options, lines, and what is told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Connection, select

from engines.places import Place
from lontara_core.problems import Problem
from lontara_server.app import create_app
from lontara_server.config import Config
from lontara_server.services.attendance_days import rebuild_from
from lontara_server.services.attendance_machines import add_machine, list_machines, revoke_machine
from lontara_server.services.orgs import create_org
from lontara_server.storage.engine import Engine, transaction
from lontara_server.storage.models import AttendancePunch, ImportRun
from lontara_server.web.machines import PUSH_BYTES_MAX
from server.attendance_office import MONDAY, NOW, ORG, PIN, days_in, open_office
from server.ready import SECRET, seeded_bytes

SERIAL = "CGKK214760123"
DAY = MONDAY.isoformat()
LINES = f"{PIN}\t{DAY} 07:41:10\t0\t1\t0\t0\t0\n{PIN}\t{DAY} 16:02:00\t1\t1\t0\t0\t0\n"


class Machine:
    """A machine with its key at a server."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.engine = engine
        with transaction(engine) as connection:
            self.key = add_machine(
                connection, ORG, SERIAL, "Lobi", by="tester", now_ms=NOW, random_bytes=seeded_bytes("machine")
            )
        app = create_app(
            Config(folder, str(engine.url), SECRET), engine=engine, now_ms=lambda: NOW, random_bytes=seeded_bytes("app")
        )
        self.http: FlaskClient = app.test_client()

    def push(self, body: str | bytes, key: str | None = None, **query: str) -> Any:
        asked = {"SN": SERIAL, "table": "ATTLOG", "Stamp": "9999"} | query
        return self.http.post(f"/iclock/{key or self.key}/cdata", query_string=asked, data=body)

    def punches(self) -> list[tuple[str, str, int, str | None]]:
        with transaction(self.engine) as connection:
            return machine_punches(connection)

    def runs(self) -> list[dict[str, Any]]:
        with transaction(self.engine) as connection:
            texts = connection.scalars(select(ImportRun.outcome).where(ImportRun.kind == "attendance_push"))
            return [json.loads(text) for text in texts]


def machine_punches(connection: Connection) -> list[tuple[str, str, int, str | None]]:
    rows = connection.execute(
        select(AttendancePunch.pin, AttendancePunch.at, AttendancePunch.status, AttendancePunch.machine)
        .where(AttendancePunch.org_id == ORG)
        .order_by(AttendancePunch.at)
    )
    return [(row.pin, row.at, row.status, row.machine) for row in rows]


@pytest.fixture
def machine(place: Place, tmp_path: Path) -> Iterator[Machine]:
    opened = Machine(open_office(place), tmp_path)
    yield opened
    opened.engine.dispose()


def test_a_machine_that_connects_is_told_to_push_and_which_time_zone_it_is_in(machine: Machine) -> None:
    answer = machine.http.get(f"/iclock/{machine.key}/cdata?SN={SERIAL}&options=all&pushver=2.4.1")

    assert answer.status_code == 200
    assert answer.text.splitlines()[0] == f"GET OPTION FROM: {SERIAL}"
    assert {"TimeZone=8", "Realtime=1", "TransFlag=TransData AttLog"} <= set(answer.text.splitlines())
    with transaction(machine.engine) as connection:
        assert list_machines(connection, ORG)[0]["last_seen_at"] is not None


def test_lines_that_are_pushed_become_punches_and_a_recap(machine: Machine) -> None:
    answer = machine.push(LINES)

    assert (answer.status_code, answer.text) == (200, "OK: 2\n")
    assert machine.punches() == [(PIN, f"{DAY} 07:41:10", 0, SERIAL), (PIN, f"{DAY} 16:02:00", 1, SERIAL)]
    with transaction(machine.engine) as connection:
        assert days_in(connection) == {DAY: ("present", "07:41:10", "16:02:00", 11, 0, True, True)}


def test_a_push_that_comes_again_is_acknowledged_and_changes_nothing(machine: Machine) -> None:
    machine.push(LINES)

    answer = machine.push(LINES)

    assert answer.text == "OK: 2\n"
    assert (len(machine.punches()), len(machine.runs())) == (2, 1)


def test_the_key_may_stand_in_the_query(machine: Machine) -> None:
    answer = machine.http.post(f"/iclock/cdata?key={machine.key}&SN={SERIAL}&table=ATTLOG", data=LINES)

    assert (answer.text, len(machine.punches())) == ("OK: 2\n", 2)


def test_a_line_that_is_no_punch_is_kept_with_its_text(machine: Machine) -> None:
    answer = machine.push(f"{LINES}{PIN}\tyesterday\t0\t1\n")

    assert (answer.text, len(machine.punches())) == ("OK: 3\n", 2)
    (run,) = machine.runs()
    assert [(each["row"], each["column"], each["text"]) for each in run["errors"]] == [
        (3, "at", f"{PIN}\tyesterday\t0\t1")
    ]


def test_what_else_a_machine_tells_is_acknowledged_and_not_kept(machine: Machine) -> None:
    answer = machine.push("OPLOG 4\t14\t2026-11-02 07:00:00\t0\t0\t0\t0\nUSER PIN=17\tName=Ambo\n", table="OPERLOG")

    assert (answer.text, machine.punches(), machine.runs()) == ("OK: 2\n", [], [])


@pytest.mark.parametrize("path", ["getrequest", "devicecmd"])
def test_nothing_is_asked_of_a_machine(machine: Machine, path: str) -> None:
    ask = machine.http.get if path == "getrequest" else machine.http.post

    answers = [ask(f"/iclock/{machine.key}/{path}?SN={SERIAL}"), ask(f"/iclock/{path}?key={machine.key}&SN={SERIAL}")]

    assert [(answer.status_code, answer.text) for answer in answers] == [(200, "OK\n")] * 2


@pytest.mark.parametrize(
    "key", ["", "x", "1-" + "0" * 40, "2-" + "0" * 40, "999999999-" + "0" * 40, "0-" + "0" * 40, "1-" + "é" * 40, "1-0"]
)
@pytest.mark.parametrize("path", ["cdata", "getrequest"])
def test_a_key_that_opens_for_no_machine_is_refused(machine: Machine, key: str, path: str) -> None:
    answer = machine.http.get(f"/iclock/{path}", query_string={"key": key, "SN": SERIAL})

    assert (answer.status_code, answer.get_json()["code"]) == (403, "machine_refused")


def test_a_key_is_one_machine_s_and_one_org_s(machine: Machine) -> None:
    with transaction(machine.engine) as connection:
        create_org(
            connection, code="BONE", name="Kabupaten Bone", by="tester", now_ms=NOW, random_bytes=seeded_bytes("bone")
        )
    secret = machine.key.partition("-")[2]

    answers = [machine.push(LINES, SN="OTHER"), machine.push(LINES, key=f"2-{secret}")]

    assert [(answer.status_code, answer.json["code"]) for answer in answers] == [(403, "machine_refused")] * 2
    assert machine.punches() == []


def test_a_machine_whose_key_was_taken_away_is_refused_and_its_punches_stay(machine: Machine) -> None:
    machine.push(LINES)
    with transaction(machine.engine) as connection:
        revoke_machine(connection, ORG, SERIAL, by="tester", now_ms=NOW)

    answer = machine.push(LINES)

    assert (answer.status_code, answer.json["code"], len(machine.punches())) == (403, "machine_refused", 2)


def test_a_machine_that_is_added_again_has_a_new_key_and_the_old_one_is_refused(machine: Machine) -> None:
    with transaction(machine.engine) as connection:
        key = add_machine(connection, ORG, SERIAL, "", by="tester", now_ms=NOW, random_bytes=seeded_bytes("again"))

    answers = [machine.push(LINES), machine.push(LINES, key=key)]

    assert [answer.status_code for answer in answers] == [403, 200]


def test_machines_that_push_at_once_make_the_recap_that_all_their_punches_make(machine: Machine) -> None:
    """Two pushes at a time bring one person's arrival and leaving; neither may make the day without the other's."""
    days = [f"2026-10-{day:02}" for day in range(1, 29)]
    app, meeting = machine.http.application, Barrier(2)

    def push(day: str, press: str) -> int:
        asked = {"SN": SERIAL, "table": "ATTLOG"}
        client = app.test_client()
        meeting.wait(30)
        line = f"{PIN}\t{day} {press}\t1\n"
        return client.post(f"/iclock/{machine.key}/cdata", query_string=asked, data=line).status_code

    with ThreadPoolExecutor(2) as both:
        statuses = [list(both.map(push, (day, day), ("07:10:00\t0", "16:10:00\t1"))) for day in days]

    assert statuses == [[200, 200]] * len(days)
    with transaction(machine.engine) as connection:
        pairs = {row[1:3] for row in days_in(connection).values()}
        assert (pairs, len(days_in(connection))) == ({("07:10:00", "16:10:00")}, len(days))
        assert rebuild_from(connection, ORG, date(2026, 10, 1), NOW) == 0


def test_a_push_that_is_too_large_is_refused_before_it_is_read(machine: Machine) -> None:
    answer = machine.push(b"x" * (PUSH_BYTES_MAX + 1))

    assert (answer.status_code, answer.json["code"]) == (413, "body_too_large")


@pytest.mark.parametrize("body", [b"", b"\n\n", b"\0", b"\xff" * 100, b"\t\n" * 3000, b"17\t" * 9999])
def test_nothing_that_a_machine_sends_fails_the_server(machine: Machine, body: bytes) -> None:
    answer = machine.push(body)

    assert (answer.status_code, answer.text[:4]) == (200, "OK: ")


@pytest.mark.parametrize("serial", ["", "a b", "x" * 41, "é"])
def test_a_serial_number_that_is_none_gets_no_key(machine: Machine, serial: str) -> None:
    with transaction(machine.engine) as connection:
        with pytest.raises(Problem) as refused:
            add_machine(connection, ORG, serial, "", by="tester", now_ms=NOW, random_bytes=seeded_bytes("x"))

        assert refused.value.facts["field"] == "serial"


def test_a_machine_that_nobody_knows_is_not_revoked(machine: Machine) -> None:
    with transaction(machine.engine) as connection:
        with pytest.raises(Problem) as refused:
            revoke_machine(connection, ORG, "NOSUCH", by="tester", now_ms=NOW)

        assert refused.value.code == "not_found"
