"""A decision that is taken back and made anew: what it voided comes back, what others voided is told, and what was
judged is judged again where a decision changes it."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import insert

from lontara_core.identifiers import derived_id
from lontara_core.problems import Problem
from lontara_core.record import judged_hash
from lontara_server.services import conflict_desk
from lontara_server.services import conflicts as decide
from lontara_server.services.reviews import review
from lontara_server.storage.engine import Engine, transaction
from lontara_server.storage.models import Period
from lontara_server.storage.operations import history_of
from server.logged_tablet import LoggedTablet, stored
from server.ready import NOW

TITLE = "Mendata sawah di Pammana"


@pytest.fixture
def tablet(database: Engine) -> LoggedTablet:
    return LoggedTablet(database).enrolled()


def open_conflict(database: Engine) -> dict[str, Any]:
    with transaction(database) as connection:
        (found,) = decide.list_conflicts(connection, 1, only_open=True)
    return found


def resolve(database: Engine, choice: str, **values: Any) -> str:
    """Decide what is open; returns what the worker reads of it."""
    conflict = open_conflict(database)["id"]
    with transaction(database) as connection:
        decide.resolve_conflict(
            connection, 1, conflict, choice=choice, reason="Sudah ditanyakan", by="admin", now_ms=NOW, **values
        )
        return conflict_desk.told_of(decide.show_conflict(connection, 1, conflict), "id")


def reopen(database: Engine, conflict: str) -> None:
    with transaction(database) as connection:
        decide.reopen_conflict(connection, 1, conflict, reason="Keliru", by="admin", now_ms=NOW)


def overlapping(tablet: LoggedTablet) -> tuple[str, str]:
    first, second = tablet.create(), tablet.create(title="Rapat", start_time="08:30", end_time="10:00")
    tablet.sync()
    return first, second


@pytest.mark.parametrize("earlier", ["merge", "void"])
def test_what_the_decision_before_voided_comes_back_with_the_one_that_keeps_all(
    tablet: LoggedTablet, database: Engine, earlier: str
) -> None:
    first, second = overlapping(tablet)
    conflict = open_conflict(database)["id"]
    resolve(database, earlier, **({"survivor": first} if earlier == "merge" else {"void": second}))
    voided = stored(database, second).voided
    reopen(database, conflict)

    told = resolve(database, "keep_both")

    with transaction(database) as connection:
        lines = [line["changes"]["voided"]["now"] for line in history_of(connection, 1, second) if "voided" in line["changes"]]
    assert (voided, stored(database, second).voided, lines) == (True, False, [True, False])
    assert "Semua catatan tetap ada. Yang dibatalkan keputusan sebelumnya dipulihkan: “Rapat”, 18 Nov." in told


def test_the_other_entry_may_be_the_one_that_stays(tablet: LoggedTablet, database: Engine) -> None:
    first, second = overlapping(tablet)
    conflict = open_conflict(database)["id"]
    resolve(database, "merge", survivor=first)
    reopen(database, conflict)

    told = resolve(database, "merge", survivor=second)

    assert [stored(database, each).voided for each in (first, second)] == [True, False]
    assert "Digabung ke “Rapat”, 18 Nov" in told


def test_a_decision_that_is_made_a_third_time_still_knows_what_the_first_voided(
    tablet: LoggedTablet, database: Engine
) -> None:
    first, second = overlapping(tablet)
    conflict = open_conflict(database)["id"]
    for _ in range(2):
        resolve(database, "merge", survivor=first)
        reopen(database, conflict)

    resolve(database, "keep_both")

    assert not stored(database, second).voided


def test_what_its_author_deleted_since_stays_deleted_and_the_decision_says_so(
    tablet: LoggedTablet, database: Engine
) -> None:
    first, second = overlapping(tablet)
    conflict = open_conflict(database)["id"]
    resolve(database, "merge", survivor=first)
    for kind in ("restore", "void"):
        tablet.write(kind, second, judged=tablet.judged(second))
        tablet.sync()
    reopen(database, conflict)

    told = resolve(database, "keep_both")

    assert stored(database, second).voided
    assert "Semua catatan tetap ada" not in told
    assert "Tetap ada: “Mendata sawah di Pammana”, 18 Nov." in told
    assert "Sudah dihapus pemiliknya sendiri, jadi tetap terhapus dan tidak dihitung: “Rapat”, 18 Nov." in told


def test_nothing_is_merged_into_an_entry_that_its_author_deleted(tablet: LoggedTablet, database: Engine) -> None:
    first, second = overlapping(tablet)
    conflict = open_conflict(database)["id"]
    resolve(database, "keep_both")
    tablet.write("void", second, judged=tablet.judged(second))
    tablet.sync()
    reopen(database, conflict)

    with pytest.raises(Problem) as caught:
        resolve(database, "merge", survivor=second)

    assert (caught.value.code, stored(database, first).voided) == ("invalid_field", False)


def test_a_late_entry_that_was_voided_counts_after_the_decision_that_lets_it(
    tablet: LoggedTablet, database: Engine
) -> None:
    lock_november(database)
    entry = tablet.create()
    tablet.sync()
    conflict = open_conflict(database)["id"]
    resolve(database, "void", void=entry)
    reopen(database, conflict)

    told = resolve(database, "keep_server")

    assert not stored(database, entry).voided
    assert "Catatan itu ikut dihitung begitu disetujui." in told


@pytest.mark.parametrize("verdict", ["approved", "rejected"])
def test_an_edit_of_what_was_judged_is_judged_again_once_the_admin_takes_it(
    tablet: LoggedTablet, database: Engine, verdict: str
) -> None:
    entry = edited_after(tablet, database, verdict)

    told = resolve(database, "keep_device")

    held = stored(database, entry).fields
    assert (held["title"], held["review_state"], held.get("review_note")) == ("Mendata kebun", "submitted", None)
    assert "Catatan diajukan lagi" in told


def test_a_decision_that_leaves_what_was_judged_leaves_the_judgement(tablet: LoggedTablet, database: Engine) -> None:
    entry = edited_after(tablet, database, "approved")

    told = resolve(database, "keep_server")

    assert stored(database, entry).fields["review_state"] == "approved"
    assert "diajukan lagi" not in told


def test_the_sentence_names_the_device_and_the_decider(tablet: LoggedTablet, database: Engine) -> None:
    edited_after(tablet, database, "approved")

    told = [resolve_and_reopen(database, "keep_device"), resolve(database, "values", values={"title": "Mendata kolam"})]

    assert "Dipakai: kegiatan Mendata kebun dari perangkat “tablet”." in told[0]
    assert "Dipakai: kegiatan Mendata kolam ditulis sendiri oleh Admin." in told[1]


def test_the_reasons_of_decisions_are_in_the_history(tablet: LoggedTablet, database: Engine) -> None:
    overlapping(tablet)
    conflict = open_conflict(database)["id"]

    resolve_and_reopen(database, "keep_both")

    with transaction(database) as connection:
        reasons = [line["changes"]["reason"]["now"] for line in history_of(connection, 1, conflict)]
    assert reasons == ["Sudah ditanyakan", "Keliru"]


def resolve_and_reopen(database: Engine, choice: str, **values: Any) -> str:
    conflict = open_conflict(database)["id"]
    told = resolve(database, choice, **values)
    reopen(database, conflict)
    return told


def edited_after(tablet: LoggedTablet, database: Engine, verdict: str) -> str:
    """An entry that was judged for good, and then changed by its author."""
    entry = tablet.create()
    tablet.sync()
    held = stored(database, entry)
    with transaction(database) as connection:
        review(
            connection, 1, entry, verdict, revision=held.revision, judged=judged_hash(held), by="admin", now_ms=NOW,
            note="Bukan kegiatan dinas",
        )  # fmt: skip
    tablet.write("set", entry, fields={"title": "Mendata kebun"}, was={"title": TITLE})
    tablet.sync()
    return entry


def lock_november(database: Engine) -> None:
    with transaction(database) as connection:
        connection.execute(
            insert(Period).values(
                org_id=1, id=derived_id(NOW, b"period"), revision=1, voided=False, month="2026-11", state="locked",
                locked_at=NOW,
            )
        )  # fmt: skip
