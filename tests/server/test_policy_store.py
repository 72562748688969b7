"""An org's own policies: imported, tried beside the one that holds, and activated from a month on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import Connection, Engine, select

from engines.places import Place
from lontara_core.problems import Problem
from lontara_server.cli.main import main
from lontara_server.jobs.scores import drain_scores
from lontara_server.services import policy_store
from lontara_server.services.policies import policy_for, year_policy_for
from lontara_server.services.trial import try_policy
from lontara_server.services.years import rate
from lontara_server.storage import scores as store
from lontara_server.storage.engine import transaction
from lontara_server.storage.models import Audit, PolicyVersion, Score, YearRating
from lontara_server.storage.scores import PersonMonth
from server.ready import WORKER
from server.scored import (
    NOW,
    ORG,
    PERIOD,
    add_entry,
    add_present_month,
    open_office,
    rate_behaviour,
    set_base,
    shown,
    stored,
    worker_of,
)
from server.test_policies import line_of, text_of

DEFAULT = text_of("generic-60-40.yaml")
# Productivity 70, discipline 30: a version that a region writes for itself.
OWN = DEFAULT.replace("version: 1", "version: 2").replace("productivity: 60", "productivity: 70").replace(
    "discipline: 40", "discipline: 30"
)  # fmt: skip


@pytest.fixture
def engine(place: Place) -> Iterator[Engine]:
    engine = open_office(place)
    yield engine
    engine.dispose()


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    with transaction(engine) as connection:
        yield connection


def take_in(connection: Connection, text: str = OWN) -> policy_store.ImportedPolicy:
    return policy_store.import_policy(connection, ORG, text, where="kebijakan.yaml", by="admin", now_ms=NOW)


def activate(
    connection: Connection, policy_id: str = "generic-60-40", version: int = 2, since: str = PERIOD,
    reason: str = "Perbup 12/2026",
) -> policy_store.Activated:  # fmt: skip
    return policy_store.activate(
        connection, ORG, policy_id, version, since, reason=reason, by="admin", now_ms=NOW
    )  # fmt: skip


def version_of(connection: Connection, period: str) -> tuple[str, int]:
    policy = policy_for(connection, ORG, period)
    return policy.policy_id, policy.version


def test_an_imported_policy_counts_only_once_it_is_activated(connection: Connection) -> None:
    take_in(connection)
    before = version_of(connection, PERIOD)

    activate(connection)

    assert (before, version_of(connection, PERIOD)) == (("generic-60-40", 1), ("generic-60-40", 2))
    assert version_of(connection, "2026-09") == ("generic-60-40", 1)


def test_the_same_file_again_adds_nothing(connection: Connection) -> None:
    first = take_in(connection)

    again = take_in(connection)

    assert (first.is_new, again.is_new) == (True, False)
    assert len(connection.execute(select(PolicyVersion.version)).all()) == 1


@pytest.mark.parametrize("text", [DEFAULT.replace("leave: 0", "leave: 1"), OWN.replace("from: 76", "from: 77")])
def test_a_version_that_is_there_is_never_written_over(connection: Connection, text: str) -> None:
    take_in(connection)

    with pytest.raises(Problem) as raised:
        take_in(connection, text)

    assert raised.value.code == "already_exists"
    assert "version: 3" in raised.value.next_step


def test_a_mistake_in_an_imported_file_is_told_with_its_line(connection: Connection) -> None:
    wrong = OWN.replace("from_minutes: 61", "from_minutes: 20")

    with pytest.raises(Problem) as raised:
        take_in(connection, wrong)

    assert raised.value.facts["line"] == line_of(wrong, "from_minutes: 20")


def test_an_activation_computes_what_it_reaches_anew(engine: Engine) -> None:
    with transaction(engine) as connection:
        add_entry(connection, 1)
        add_present_month(connection)
        before = shown(connection)["value"]
        take_in(connection)
        done = activate(connection)
        marked = store.dirty_months(connection, ORG)

    drain_scores(engine, lambda: NOW)

    assert (done.marked, marked) == (1, {PersonMonth(worker_id(engine), PERIOD)})
    assert (before, stored(engine)["value"], stored(engine)["policy"]["version"]) == ("41.09", "31.27", 2)


def worker_id(engine: Engine) -> str:
    with transaction(engine) as connection:
        return worker_of(connection)


def test_months_before_the_activation_stay_as_they_are(connection: Connection) -> None:
    add_entry(connection, 1)
    shown(connection)
    take_in(connection)

    done = activate(connection, since="2026-11")

    assert (done.marked, store.dirty_months(connection, ORG)) == (0, set())


def test_the_newest_beginning_holds_and_a_policy_that_has_ended_leaves_the_month_to_the_one_before(
    connection: Connection,
) -> None:
    take_in(connection)
    take_in(connection, OWN.replace("version: 2", "version: 3").replace("valid_to: null", "valid_to: 2026-11-30"))
    activate(connection, since="2026-01")
    activate(connection, version=3, since="2026-10")

    held = [version_of(connection, period)[1] for period in ("2025-12", "2026-09", "2026-11", "2026-12")]

    assert held == [1, 2, 3, 2]


def test_an_activation_is_audited_with_its_reason(connection: Connection) -> None:
    take_in(connection)

    activate(connection)

    facts = connection.scalar(select(Audit.facts).where(Audit.org_id == ORG, Audit.action == "policy.activate"))
    assert json.loads(str(facts))["reason"] == "Perbup 12/2026"


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"policy_id": "tidak-ada"}, "not_found"),
        ({"version": 9}, "not_found"),
        ({"since": "10-2026"}, "invalid_field"),
        ({"reason": "  "}, "missing_field"),
        ({"policy_id": "sumedang-2023", "version": 1, "since": "2022-12"}, "policy_not_valid"),
        ({"policy_id": "pp30-2019", "version": 1, "since": "2026"}, "policy_not_valid"),
        ({"policy_id": "permenpanrb-6-2022", "version": 1, "since": "2026-05"}, "invalid_field"),
    ],
)
def test_what_cannot_hold_is_refused_and_nothing_changes(
    connection: Connection, wrong: dict[str, Any], code: str
) -> None:
    take_in(connection)

    with pytest.raises(Problem) as raised:
        activate(connection, **wrong)

    assert raised.value.code == code
    assert version_of(connection, PERIOD) == ("generic-60-40", 1)


def test_the_year_s_default_is_the_law_of_that_year(connection: Connection) -> None:
    found = [year_policy_for(connection, ORG, year).policy_id for year in (2020, 2021, 2022, 2026)]

    assert found == ["pp30-2019", "pp30-2019", "permenpanrb-6-2022", "permenpanrb-6-2022"]


def test_a_year_before_every_law_has_no_policy(connection: Connection) -> None:
    with pytest.raises(Problem) as raised:
        year_policy_for(connection, ORG, 2001)

    assert raised.value.code == "no_policy"


def test_a_trial_tells_what_would_change_for_whom_and_stores_nothing(connection: Connection) -> None:
    add_entry(connection, 1)
    add_present_month(connection)
    set_base(connection, 1_000_000)
    shown(connection)
    before = connection.execute(select(Score.employee, Score.document)).all()
    take_in(connection)

    tried = try_policy(connection, ORG, "generic-60-40", 2, PERIOD, NOW).document()

    mine = next(row for row in tried["rows"] if row["nip"] == WORKER)
    assert (mine["value"], mine["tried_value"], mine["difference"]) == ("41.09", "31.27", "-9.82")
    assert (mine["allowance"], mine["tried_allowance"]) == ("410920", "312740")
    assert (mine["rating"], mine["tried_rating"], mine["changes"]) == ("very_poor", "very_poor", True)
    assert (tried["people"], tried["changed"], tried["active"]["version"]) == (2, 1, 1)
    assert connection.execute(select(Score.employee, Score.document)).all() == before
    assert store.dirty_months(connection, ORG) == set()


def test_a_trial_tells_why_a_result_would_be_provisional(connection: Connection) -> None:
    add_entry(connection, 1)
    add_present_month(connection)

    tried = try_policy(connection, ORG, "jakarta-kecamatan", None, PERIOD, NOW)

    mine = next(row for row in tried.rows if row.nip == WORKER)
    assert mine.reasons == ("no_behaviour", "no_budget_absorption")


def test_a_year_s_policy_is_tried_on_the_years_that_are_rated(connection: Connection) -> None:
    rate_behaviour(connection, "5", "2021")
    rate(connection, ORG, worker_of(connection), 2021, NOW)

    tried = try_policy(connection, ORG, "permenpanrb-6-2022", 1, "2021", NOW)

    assert [(row.nip, row.reasons) for row in tried.rows] == [(WORKER, ("no_plan",))]
    assert connection.scalar(select(YearRating.policy_id)) == "pp30-2019"


def test_a_text_that_is_too_large_for_a_policy_is_refused() -> None:
    with pytest.raises(Problem) as raised:
        policy_store.check_policy("#" * (policy_store.TEXT_MAX + 1), where="besar.yaml")

    assert raised.value.code == "file_too_large"


def test_the_list_says_what_holds_now(connection: Connection) -> None:
    take_in(connection)
    activate(connection, since="2026-11")

    rows = policy_store.list_policies(connection, ORG, date(2026, 11, 24))

    active = {(row["policy_id"], row["version"]) for row in rows if row["active"]}
    assert active == {("generic-60-40", 2), ("permenpanrb-6-2022", 1)}
    (own,) = [row for row in rows if not row["shipped"]]
    assert (own["version"], own["activated_from"]) == (2, ["2026-11"])


def test_the_commands_check_import_try_and_activate(tmp_path: Path, engine: Engine) -> None:
    file, url = tmp_path / "kebijakan.yaml", engine.url.render_as_string(hide_password=False)
    file.write_text(OWN, encoding="utf-8")
    with transaction(engine) as connection:
        add_entry(connection, 1)
        add_present_month(connection)

    def typed(*words: str) -> Any:
        result = CliRunner().invoke(
            main, ["--data-dir", str(tmp_path), "--database-url", url, "--lang", "en", *words, "--json"],
            catch_exceptions=False,
        )  # fmt: skip
        assert result.exit_code == 0, result.output
        return json.loads(result.output)

    checked = typed("policy", "check", str(file))
    dry = typed("policy", "import", str(file), "--dry-run")
    imported = typed("policy", "import", str(file))
    tried = typed("policy", "try", "generic-60-40", "--period", PERIOD)
    done = typed("policy", "activate", "generic-60-40", "--version", "2", "--from", PERIOD, "--reason", "Perbup")

    assert (checked["version"], dry["new"], imported["new"], tried["changed"], done["from"]) == (2, True, True, 1, PERIOD)
    assert typed("policy", "show", "generic-60-40")["version"] == 2
