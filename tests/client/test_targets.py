"""A worker's work results (RHK) on the device: listed without a signal, and chosen by number or the start of an id."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from click.testing import Result

from client.fake_server import FakeServer
from lontara import Client
from lontara_core.record import Record

Run = Callable[..., Result]
YEAR = 2026
FIRST, SECOND, DRAFT, OLD = (f"01a20d73-ef1{n}-8d91-b2e5-d0df3dafd3d{n}" for n in range(4))


@pytest.fixture
def planned(client: Client, server: FakeServer) -> Client:
    for key, title, kind, state, year in (
        (SECOND, "Arsip tertata", "additional", "approved", YEAR),
        (FIRST, "Berkas warga terlayani", "main", "approved", YEAR),
        (DRAFT, "Aplikasi baru", "main", "draft", YEAR),
        (OLD, "Tahun lalu", "main", "final", YEAR - 1),
    ):
        server.put(Record("work_result_plan", key, 1, {"title": title, "kind": kind, "state": state, "year": year}))
    fields = {"work_result": FIRST, "title": "Jumlah berkas", "aspect": "quantity", "target": "40.5", "unit": "berkas"}
    server.put(Record("indicator", "01a20d73-ef19-8d91-b2e5-d0df3dafd3d9", 1, {**fields, "direction": "higher"}))
    client.sync()
    return client


def added(run: Run, target: str, *more: str) -> Result:
    return run("add", "--date", "2026-01-05", "--duration", "60", "--title", "Loket", "--target", target, *more)


def test_work_results_are_listed_agreed_ones_first_with_what_they_are_measured_by(run: Run, planned: Client) -> None:
    shown = json.loads(run("targets", "--year", "2026", "--json").stdout)

    assert [(each["number"], each["title"]) for each in shown] == [
        (1, "Berkas warga terlayani"), (2, "Arsip tertata"), (3, "Aplikasi baru"),
    ]  # fmt: skip
    assert shown[0]["indicators"][0]["target"] == "40.5"


@pytest.mark.parametrize(
    ("language", "words"), [("id", ("RHK", "Disetujui", "40,5 berkas", "tambahan")), ("en", ("Work result", "Approved"))]
)
def test_the_list_speaks_the_person_s_language(run: Run, planned: Client, language: str, words: tuple[str, ...]) -> None:
    shown = run("targets", "--year", "2026", "--lang", language).stdout

    assert all(word in shown for word in words), shown


@pytest.mark.parametrize("typed", ["1", FIRST, FIRST[:13], "01A20D73-EF10"])
def test_an_entry_names_a_work_result_by_number_or_the_start_of_its_id(run: Run, planned: Client, typed: str) -> None:
    made = json.loads(added(run, typed, "--json").stdout)

    assert made["target_id"] == FIRST


def test_what_was_chosen_is_said_by_its_title(run: Run, planned: Client) -> None:
    assert "Untuk RHK: Berkas warga terlayani" in added(run, "1").stderr


def test_a_plan_that_is_not_approved_warns_and_the_entry_is_saved(run: Run, planned: Client) -> None:
    done = added(run, "3")

    assert (done.exit_code, "belum disetujui" in done.stderr, "Tersimpan di perangkat" in done.stdout) == (0, True, True)


@pytest.mark.parametrize("typed", ["9", "0", "zzzz", "01a2"])
def test_what_names_no_single_work_result_saves_nothing(run: Run, planned: Client, typed: str) -> None:
    done = added(run, typed)

    assert done.exit_code == 1
    assert json.loads(run("list", "--json").stdout) == []


def test_a_whole_id_that_the_device_does_not_know_is_taken_and_said(run: Run, planned: Client) -> None:
    stranger = "01a20d73-efff-8d91-b2e5-d0df3dafd3db"

    done = added(run, stranger)

    assert (done.exit_code, "belum dikenal" in done.stderr) == (0, True)


def test_an_entry_is_given_another_work_result_by_its_number(run: Run, planned: Client) -> None:
    entry = json.loads(added(run, "1", "--json").stdout)["id"]

    changed = json.loads(run("edit", entry, "--set", "rhk=2", "--json").stdout)

    assert changed["target_id"] == SECOND


def test_show_names_the_work_result_and_its_json_the_id(run: Run, planned: Client) -> None:
    entry = json.loads(added(run, "1", "--json").stdout)["id"]

    assert "Berkas warga terlayani" in run("show", entry).stdout
    assert json.loads(run("show", entry, "--json").stdout)["target_id"] == FIRST


def test_without_any_work_result_the_list_says_when_they_come(run: Run, client: Client) -> None:
    assert "Belum ada RHK" in run("targets").stdout
