"""Objections to scores on the device: written without a signal, answered by the server, taken back while they are open."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from click.testing import Result
from msgspec.structs import replace

from client.fake_server import FakeServer
from lontara import Client
from lontara_core.operations import Operation

Run = Callable[..., Result]
MONTH, TEXT = "2026-01", "Tanggal 17 saya dinas luar"


def objected(run: Run, *more: str) -> Result:
    return run("score", "object", "--period", MONTH, "--text", TEXT, *more)


def answer(server: FakeServer, objection: str, **fields: object) -> None:
    _, record, _ = server.records[objection]
    told = {**record.fields, "state": "upheld", "answer": "Surat tugasnya ada", "value_before": "80.5",
            "value_after": "82", "decided_at": server.time_ms, **fields}  # fmt: skip
    server.put(replace(record, revision=record.revision + 1, fields=told))


def test_an_objection_is_saved_without_a_signal_and_sent_with_the_next_sync(run: Run, client: Client) -> None:
    said = objected(run).stdout

    (waiting,) = json.loads(run("score", "objections", "--json").stdout)
    client.sync()
    (sent,) = json.loads(run("score", "objections", "--json").stdout)
    assert "Tersimpan di perangkat" in said
    assert (waiting["text"], waiting["state"], waiting["delivery_state"]) == (TEXT, "open", "queued")
    assert sent["delivery_state"] == "received"


def test_the_answer_is_shown_with_the_scores_in_both_languages(run: Run, client: Client, server: FakeServer) -> None:
    made = json.loads(objected(run, "--json").stdout)["id"]
    client.sync()
    answer(server, made)
    client.sync()

    said = [run("score").stdout, run("score", "--lang", "en").stdout]

    for words, shown in zip(
        (("diterima", "Jawaban: Surat tugasnya ada", "80,5 menjadi 82"), ("upheld", "Answer:", "80.5 becomes 82")),
        said,
        strict=True,
    ):
        assert all(word in shown for word in words), shown


def test_one_objection_of_a_month_is_open_at_a_time(run: Run, client: Client) -> None:
    objected(run)

    done = objected(run)

    assert (done.exit_code, "sudah ada" in done.stderr) == (1, True)
    assert len(client.objections()) == 1


@pytest.mark.parametrize(("period", "text"), [("2026-13", TEXT), ("2099-01", TEXT), ("Januari", TEXT), (MONTH, "  ")])
def test_what_is_no_month_or_says_nothing_is_not_saved(run: Run, client: Client, period: str, text: str) -> None:
    done = run("score", "object", "--period", period, "--text", text)

    assert done.exit_code == 1
    assert client.objections() == []


def test_an_open_objection_is_taken_back_and_another_can_be_made(run: Run, client: Client) -> None:
    made = json.loads(objected(run, "--json").stdout)["id"]

    done = run("score", "withdraw", made[-8:])

    assert done.exit_code == 0, done.output
    assert [each.state for each in client.objections()] == ["withdrawn"]
    assert objected(run).exit_code == 0


def test_an_objection_that_was_answered_is_not_taken_back(run: Run, client: Client, server: FakeServer) -> None:
    made = json.loads(objected(run, "--json").stdout)["id"]
    client.sync()
    answer(server, made, state="dismissed")
    client.sync()

    done = run("score", "withdraw", made)

    assert (done.exit_code, "sudah dijawab" in done.stderr) == (1, True)


def test_an_objection_that_the_server_refuses_is_told_and_let_go(run: Run, client: Client, server: FakeServer) -> None:
    def refuse(operation: Operation) -> str | None:
        return "already_exists" if operation.type == "objection" else None

    server.reject = refuse
    objected(run)
    client.sync()

    said = run("attention").stdout

    assert "Keberatan atas nilai Jan 2026" in said
    assert "lontara correct" not in said
    (item,) = client.attention()
    assert run("attention", "dismiss", item.op_id.rpartition(":")[2]).exit_code == 0
    assert (client.objections(), client.attention()) == ([], [])


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("id", ["Keberatan atas nilai Jan 2026", "tidak diterima", "Jawaban: Mesin lain hidup"]),
        ("en", ["Objection to the score of Jan 2026", "dismissed", "Answer: Mesin lain hidup"]),
    ],
)
def test_an_answer_is_listed_with_its_reason_until_it_was_seen(
    run: Run, client: Client, server: FakeServer, language: str, words: list[str]
) -> None:
    made = json.loads(objected(run, "--json").stdout)["id"]
    client.sync()
    answer(server, made, state="dismissed", answer="Mesin lain hidup", value_after="80.5")
    client.sync()

    told = run("attention", "--lang", language)

    run("attention", "--seen")
    assert [word for word in words if word not in told.stdout] == []
    assert "80" not in told.stdout
    assert (told.exit_code, run("attention").exit_code) == (4, 0)


def test_an_answer_that_changed_the_score_says_so(run: Run, client: Client, server: FakeServer) -> None:
    made = json.loads(objected(run, "--json").stdout)["id"]
    client.sync()
    answer(server, made)
    client.sync()

    told = run("attention").stdout

    assert "Nilai: 80,5 menjadi 82" in told
    (item,) = json.loads(run("attention", "--json").stdout)
    assert (item["state"], item["code"], item["message"]) == ("answered", "upheld", "Surat tugasnya ada")
