"""`lontara-server objection` as an operator types it: written down for a person, listed, shown, commented and decided."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.ready import WORKER
from server.test_attendance_commands import Office

PERIOD = "2026-01"
TEXT = "Tanggal 17 saya dinas luar"


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


def objected(office: Office) -> str:
    made = office.told("objection", "open", "--nip", WORKER, "--period", PERIOD, "--text", TEXT)
    return str(made["id"])


def test_an_objection_is_written_down_listed_and_shown(office: Office) -> None:
    made = objected(office)

    (listed,) = office.told("objection", "list", "--state", "open")

    assert (listed["id"], listed["nip"], listed["text"], listed["state"]) == (made, WORKER, TEXT, "open")
    assert "menunggu jawaban" in office.typed("objection", "show", made[-8:], language="id").stdout


def test_a_comment_and_an_answer_are_shown_with_it(office: Office) -> None:
    made = objected(office)
    office.typed("objection", "comment", made, "--text", "Mesinnya rusak")

    decided = office.told("objection", "decide", made, "--dismiss", "--answer", "Mesin mencatat pukul 09.12")

    assert (decided["state"], decided["answer"]) == ("dismissed", "Mesin mencatat pukul 09.12")
    assert [each["text"] for each in decided["comments"]] == ["Mesinnya rusak"]


@pytest.mark.parametrize("words", [[], ["--uphold", "--dismiss"]])
def test_a_decision_is_one_of_two(office: Office, words: list[str]) -> None:
    made = objected(office)

    failed = office.typed("objection", "decide", made, *words, "--answer", "Ya", code=1, language="id")

    assert "--uphold atau --dismiss" in failed.stderr


def test_an_objection_is_withdrawn_for_a_person_and_another_can_be_opened(office: Office) -> None:
    office.typed("objection", "withdraw", objected(office))

    objected(office)

    assert [each["state"] for each in office.told("objection", "list")] == ["open", "withdrawn"]
