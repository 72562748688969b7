"""Scores on real databases: what counts, when a score is written, and the proof that it follows its entries."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib.resources import files
from typing import Any
from uuid import UUID

import pytest
from click.testing import CliRunner
from sqlalchemy import Connection, Engine, insert, select, update

from engines.places import Place
from lontara_core.problems import Problem
from lontara_server.cli.policy import policy
from lontara_server.cli.recompute import recompute
from lontara_server.cli.score import score
from lontara_server.jobs.scores import drain_scores
from lontara_server.performance.wording import Language
from lontara_server.services.policies import read_policy
from lontara_server.services.scores import check_stored, compute_period, drain_dirty, show
from lontara_server.storage import scores as store
from lontara_server.storage.engine import transaction
from lontara_server.storage.models import (
    ActivityEntry,
    Conflict,
    ConflictRecord,
    Device,
    Employee,
    Holiday,
    Org,
    Score,
)
from server.ready import migrated

ORG = 1
NIP = "199001012015031001"
NOW = int(datetime(2026, 11, 5, tzinfo=UTC).timestamp() * 1000)


def uid(number: int) -> str:
    return str(UUID(int=number))


ANDI, ENTRY, CONFLICT, DEVICE = uid(1), 100, uid(900), uid(800)
MONTH = store.PersonMonth(ANDI, "2026-10")


@dataclass(frozen=True)
class Server:
    engine: Engine
    org_id: int = ORG
    language: Language = "en"

    def now_ms(self) -> int:
        return NOW


@pytest.fixture
def engine(place: Place) -> Iterator[Engine]:
    engine = migrated(place)
    with transaction(engine) as connection:
        connection.execute(
            insert(Org).values(
                org_id=ORG, uid=uid(7), code="WAJO", name="Wajo", time_zone="Asia/Makassar", feed_head=b""
            )
        )
        connection.execute(insert(Employee).values(org_id=ORG, id=ANDI, revision=1, nip=NIP, full_name="Andi Tenri"))
    yield engine
    engine.dispose()


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    with transaction(engine) as connection:
        yield connection


def add_entry(connection: Connection, number: int = ENTRY, **changed: Any) -> str:
    values: dict[str, Any] = {
        "org_id": ORG,
        "id": uid(number),
        "revision": 1,
        "owner": ANDI,
        "work_date": date(2026, 10, 5),
        "start_time": "08:00",
        "end_time": "10:00",
        "title": "Menyusun laporan",
        "review_state": "approved",
        "captured_at": NOW,
        "recorded_at": NOW,
        "writer_device": DEVICE,
        "writer_seq": 1,
    }
    connection.execute(insert(ActivityEntry).values(**values | changed))
    return uid(number)


def add_conflict(connection: Connection, record: str, kind: str, state: str = "open") -> None:
    connection.execute(
        insert(Conflict).values(
            org_id=ORG, id=CONFLICT, revision=1, kind=kind, route="admin", state=state, owner=ANDI,
            records="[]", clashes="{}", opened_at=NOW, answers="[]",
        )
    )  # fmt: skip
    connection.execute(insert(ConflictRecord).values(org_id=ORG, record=record, conflict=CONFLICT))


def add_device(connection: Connection, **changed: Any) -> None:
    values: dict[str, Any] = {
        "org_id": ORG, "id": DEVICE, "employee_id": ANDI, "lineage": DEVICE, "kind": "device", "name": "Tablet",
        "public_key": "", "state": "active", "head": b"", "enrolled_at": 0, "last_seen_at": NOW,
    }  # fmt: skip
    connection.execute(insert(Device).values(**values | changed))


def counted_ids(document: dict[str, Any]) -> set[str]:
    below = [counted_ids(child) for child in document["children"]]
    return set(document["entry_ids"]).union(*below)


def shown(connection: Connection) -> dict[str, Any]:
    compute_period(connection, ORG, "2026-10", NOW)
    return show(connection, ORG, NIP, "2026-10")


def drain_and_crash(engine: Engine) -> None:
    with transaction(engine) as connection:
        drain_dirty(connection, ORG, NOW, 10)
        raise KeyboardInterrupt


def test_approved_minutes_make_the_score_and_name_their_entries(connection: Connection) -> None:
    approved = add_entry(connection)

    document = shown(connection)

    # 120 minutes of 22 workdays x 300.
    assert (document["value"], document["rating"]) == ("1.82", "very_poor")
    assert counted_ids(document["explanation"]) == {approved}
    assert document["policy"] == {"policy_id": "generic-60-40", "version": 1}
    assert document["provisional"] is True


@pytest.mark.parametrize(
    "changed", [{"review_state": "rejected"}, {"review_state": "needs_revision"}, {"review_state": "submitted", "voided": True}]
)
def test_work_that_is_rejected_returned_or_voided_earns_nothing(connection: Connection, changed: dict[str, Any]) -> None:
    add_entry(connection, **changed)

    document = shown(connection)

    assert document["value"] == "0.00"


def test_while_no_entry_of_the_month_has_arrived_nothing_is_known_and_it_is_not_zero(connection: Connection) -> None:
    add_entry(connection, owner=uid(2))
    add_entry(connection, ENTRY + 1, work_date=date(2026, 9, 30))

    document = shown(connection)

    assert (document["value"], document["explanation"]["code"]) == (None, "score_without_data")
    assert "no_entries" in document["reasons"]


def test_a_holiday_takes_a_day_from_the_target(connection: Connection) -> None:
    add_entry(connection)
    connection.execute(insert(Holiday).values(org_id=ORG, day=date(2026, 10, 6), name="Libur"))

    document = shown(connection)

    assert document["value"] == "1.90"


def test_an_entry_that_came_after_the_lock_waits_for_its_decision(connection: Connection) -> None:
    record = add_entry(connection)
    add_conflict(connection, record, "after_lock")

    document = shown(connection)

    assert document["value"] == "0.00"


def test_an_entry_that_came_after_the_lock_counts_once_it_is_decided(connection: Connection) -> None:
    record = add_entry(connection)
    add_conflict(connection, record, "after_lock", state="resolved")

    document = shown(connection)

    assert document["value"] == "1.82"


def test_an_open_conflict_counts_the_servers_value_and_is_named(connection: Connection) -> None:
    record = add_entry(connection)
    add_conflict(connection, record, "field")

    document = shown(connection)

    assert document["value"] == "1.82"
    assert "open_conflicts" in document["reasons"]


def test_what_a_device_still_holds_lowers_coverage_and_not_the_score(connection: Connection) -> None:
    add_entry(connection)
    add_device(connection, unsent_reported=3)

    document = shown(connection)

    assert (document["value"], document["coverage"]["percent"]) == ("1.82", "25.00")
    assert "unsynced_devices" in document["reasons"]


def test_a_revoked_device_is_not_waited_for(connection: Connection) -> None:
    add_entry(connection)
    add_device(connection, state="revoked", unsent_reported=3, last_seen_at=None)

    document = shown(connection)

    assert "unsynced_devices" not in document["reasons"]


def test_a_drained_mark_writes_the_score_and_is_gone(engine: Engine) -> None:
    with transaction(engine) as connection:
        add_entry(connection)
        store.mark_dirty(connection, ORG, [MONTH, MONTH], NOW)

    computed = drain_scores(engine, lambda: NOW)

    assert computed == 1
    with transaction(engine) as connection:
        assert store.dirty_months(connection, ORG) == set()
        assert show(connection, ORG, NIP, "2026-10")["value"] == "1.82"


def test_a_crash_while_draining_leaves_the_mark(engine: Engine) -> None:
    with transaction(engine) as connection:
        store.mark_dirty(connection, ORG, [MONTH], NOW)

    with pytest.raises(KeyboardInterrupt):
        drain_and_crash(engine)

    with transaction(engine) as connection:
        assert store.dirty_months(connection, ORG) == {MONTH}
        assert connection.execute(select(Score.period).where(Score.org_id == ORG)).all() == []


def test_a_stored_score_that_was_changed_by_hand_is_named_by_the_check(engine: Engine) -> None:
    with transaction(engine) as connection:
        add_entry(connection)
        compute_period(connection, ORG, "2026-10", NOW)
        connection.execute(update(Score).where(Score.org_id == ORG).values(value="99.00"))

    result = CliRunner().invoke(recompute, ["--check"], obj=Server(engine))

    assert result.exit_code == 1
    assert f"{NIP} 2026-10: stored 99.00, from scratch 1.82" in result.output


def test_scores_that_follow_their_entries_pass_the_check(connection: Connection) -> None:
    add_entry(connection)
    compute_period(connection, ORG, "2026-10", NOW)

    proof = check_stored(connection, ORG, NOW)

    assert (proof.checked, proof.differences) == (1, ())


def test_a_score_whose_mark_waits_is_told_apart_from_a_wrong_one(engine: Engine) -> None:
    with transaction(engine) as connection:
        add_entry(connection)
        store.mark_dirty(connection, ORG, [MONTH], NOW)

    result = CliRunner().invoke(recompute, ["--check", "--json"], obj=Server(engine))

    assert result.exit_code == 4
    assert json.loads(result.output)["differences"][0]["kind"] == "missing"


def test_the_commands_compute_and_show_a_score(engine: Engine) -> None:
    with transaction(engine) as connection:
        add_entry(connection)
    CliRunner().invoke(score, ["compute", "--period", "2026-10"], obj=Server(engine), catch_exceptions=False)

    result = CliRunner().invoke(score, ["show", "--nip", NIP, "--period", "2026-10", "--json"], obj=Server(engine))

    document = json.loads(result.output)
    keys = {"value", "rating", "coverage", "provisional", "policy", "explanation"}
    assert keys <= document.keys()


def test_a_month_in_another_shape_is_a_problem_that_says_the_shape(connection: Connection) -> None:
    with pytest.raises(Problem) as raised:
        compute_period(connection, ORG, "10-2026", NOW)

    assert raised.value.code == "invalid_field"


def test_the_line_of_a_policy_mistake_is_told() -> None:
    text = files("lontara_schema").joinpath("policies/generic-60-40.yaml").read_text(encoding="utf-8")
    wrong = text.replace("discipline: 40", "discipline: many")
    line = next(number for number, row in enumerate(wrong.splitlines(), 1) if "discipline: many" in row)

    with pytest.raises(Problem) as raised:
        read_policy(wrong, where="x.yaml")

    assert (raised.value.code, raised.value.facts["line"]) == ("policy_mistake", line)


def test_the_shipped_policy_is_listed(engine: Engine) -> None:
    result = CliRunner().invoke(policy, ["list", "--json"], obj=Server(engine))

    assert "generic-60-40" in {row["policy_id"] for row in json.loads(result.output)}


def test_a_month_before_every_policy_has_no_score_and_says_so(connection: Connection) -> None:
    with pytest.raises(Problem) as caught:
        compute_period(connection, ORG, "1999-01", NOW, ANDI)

    assert caught.value.code == "no_policy"
