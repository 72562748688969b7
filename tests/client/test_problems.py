"""What a device meets on its way: addresses, keys, stores, answers; each with its code, and nothing of the work lost."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import apsw
import msgspec
import pytest

from client.conftest import PIN
from client.fake_server import FakeServer
from lontara import Client
from lontara.transport import HttpAnswer, TransportFailed, check_url
from lontara_core.messages import EnrolAnswer
from lontara_core.problems import Problem

URL = "https://lontara.test"


def raised(act: Callable[[], object]) -> str:
    """The code of the Problem that this raises."""
    with pytest.raises(Problem) as caught:
        act()
    return caught.value.code


def record(client: Client) -> str:
    return client.record(work_date="2026-01-05", duration_minutes=30, title="Penyuluhan padi").id


@pytest.mark.parametrize(
    ("url", "code"),
    [("lontara.test", "invalid_url"), ("ftp://lontara.test", "invalid_url"), ("http://lontara.test", "plain_http_refused")],
)
def test_an_address_that_is_none_or_lets_others_read_along_is_refused(url: str, code: str) -> None:
    refused = raised(lambda: check_url(url, insecure_lan=False))

    assert refused == code


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000", "http://localhost", "https://lontara.test"])
def test_this_machine_itself_and_https_are_good_addresses(url: str) -> None:
    check_url(url, insecure_lan=False)


def test_a_pin_of_three_digits_is_too_short(tmp_path: Path) -> None:
    refused = raised(lambda: Client.open(tmp_path / "new", pin="123"))

    assert refused == "pin_too_short"


def test_a_wrong_pin_opens_nothing_and_changes_nothing(client: Client) -> None:
    refused = raised(lambda: Client.open(client.store.data_dir, pin="1357"))

    assert refused == "wrong_pin"


def test_a_damaged_key_file_leaves_the_store_untouched(client: Client) -> None:
    (client.store.data_dir / "key.json").write_text('{"salt": "', encoding="utf-8")
    before = (client.store.data_dir / "store.db").read_bytes()

    refused = raised(lambda: Client.open(client.store.data_dir, pin=PIN))

    assert (refused, (client.store.data_dir / "store.db").read_bytes() == before) == ("key_file_damaged", True)


def test_a_store_beside_another_s_key_is_not_readable_and_not_overwritten(client: Client, tmp_path: Path) -> None:
    record(client)
    client.close()
    Client.open(tmp_path / "other", pin=PIN).close()
    shutil.copy(tmp_path / "other" / "key.json", client.store.data_dir / "key.json")
    before = (client.store.data_dir / "store.db").read_bytes()

    refused = raised(lambda: Client.open(client.store.data_dir, pin=PIN))

    assert (refused, (client.store.data_dir / "store.db").read_bytes() == before) == ("store_not_readable", True)


class PlainConnection(apsw.Connection):
    """SQLite as it is built without ciphers: it passes over every pragma that it does not know."""

    def execute(self, statements: str, *values: Any, **options: Any) -> apsw.Cursor:
        known = not statements.startswith(("PRAGMA cipher", "PRAGMA key"))
        return super().execute(statements if known else "PRAGMA unknown_here", *values, **options)


def test_a_build_of_sqlite_that_does_not_encrypt_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lontara.database.apsw.Connection", PlainConnection)

    refused = raised(lambda: Client.open(tmp_path / "new", pin=PIN))

    assert refused == "store_not_encrypted"


def test_a_device_that_is_not_enrolled_saves_nothing_and_says_so(tmp_path: Path) -> None:
    client = Client.open(tmp_path / "new", pin=PIN)

    refused = raised(lambda: record(client))

    assert (refused, client.entries()) == ("not_enrolled", [])


def no_signal(number: int) -> None:
    raise TransportFailed("no route", reached=False)


def junk(number: int, answer: HttpAnswer) -> HttpAnswer:
    return HttpAnswer(200, {}, b"<html>welcome to the wifi</html>")


def test_without_a_signal_the_server_is_unreachable_and_the_work_stays_queued(
    client: Client, server: FakeServer
) -> None:
    record(client)
    server.before = no_signal

    report = client.sync()

    assert (report.problem and report.problem.code, report.unsent) == ("server_unreachable", 1)


@pytest.mark.parametrize(
    ("status", "headers", "body", "code"),
    [
        (200, {}, b"<html>", "malformed_answer"),
        (200, {"content-encoding": "gzip"}, b"no gzip", "malformed_answer"),
        (426, {}, b'{"code":"protocol_version","message":"too old"}', "protocol_version"),
        (429, {"retry-after": "600"}, b'{"code":"too_many_requests","message":"later"}', "server_busy"),
        (503, {"retry-after": "600"}, b'{"code":"busy","message":"later"}', "server_busy"),
        (401, {}, b'{"code":"unknown_device","message":"who?"}', "unknown_device"),
        (400, {}, b"<html>", "refused"),
    ],
)
def test_a_signed_answer_that_is_no_receipt_leaves_the_work_queued(
    client: Client, server: FakeServer, status: int, headers: dict[str, str], body: bytes, code: str
) -> None:
    record(client)
    post = server.post

    def answer(path: str, sent: bytes, named: dict[str, str]) -> HttpAnswer:
        signed = server.signed(status, msgspec.Raw(body), named["Lontara-Request"])
        return replace(signed, headers={**signed.headers, **headers})

    server.post = answer  # type: ignore[method-assign, assignment]

    report = client.sync()

    assert (report.problem and report.problem.code, report.unsent) == (code, 1)
    server.post = post  # type: ignore[method-assign]
    assert (client.sync().problem, client.status()["unsent"]) == (None, 0)


def test_a_page_of_the_network_is_no_answer(client: Client, server: FakeServer) -> None:
    record(client)
    server.after = junk

    report = client.sync()

    assert (report.problem and report.problem.code, report.unsent) == ("answer_not_signed", 1)


def test_an_enrolment_that_a_page_of_the_network_answers_changes_nothing(
    tmp_path: Path, server: FakeServer, opened: Callable[[Path], Client]
) -> None:
    client, server.after = opened(tmp_path / "new"), junk

    refused = raised(lambda: client.enrol(URL, "KODE"))

    assert (refused, client.status()["enrolled"]) == ("malformed_answer", False)


def test_another_server_s_key_is_not_trusted(client: Client, server: FakeServer) -> None:
    server.key = b"x" * 32

    refused = raised(lambda: client.enrol(URL, "KODE"))

    assert refused == "server_key_changed"


def test_a_store_does_not_become_another_person_s(client: Client, server: FakeServer) -> None:
    entry, device = record(client), client.status()["device"]

    def of_somebody_else(number: int, answer: HttpAnswer) -> HttpAnswer:
        if "lontara-signature" in answer.headers:
            return answer  # of a question before the enrolment
        enrolled = msgspec.json.decode(answer.body, type=EnrolAnswer)
        other = msgspec.structs.replace(enrolled, employee="00000000-0000-8000-8000-0000000000dd")
        return replace(answer, body=msgspec.json.encode(other))

    server.after = of_somebody_else

    refused = raised(lambda: client.enrol(URL, "KODE"))

    assert (refused, client.status()["device"], client.entry(entry).id) == ("store_of_another_person", device, entry)
