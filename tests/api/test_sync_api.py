"""`POST /v1/sync` over the application: signed answers, bounded bodies, and never a 500 for what a client sent."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from engines.places import Place
from lontara_core import signing
from lontara_core.compression import deflate
from lontara_core.messages import BODY_BYTES_MAX, INFLATED_BYTES_MAX, SyncAnswer
from lontara_server.app import create_app
from lontara_server.config import Config
from lontara_server.storage.engine import Engine
from server.logged_tablet import LoggedTablet
from server.ready import NOW, SECRET, ready_server, seeded_bytes


@pytest.fixture
def database(place: Place) -> Iterator[Engine]:
    engine = ready_server(place)
    yield engine
    engine.dispose()


@pytest.fixture
def client(database: Engine, tmp_path: Path) -> FlaskClient:
    config = Config(tmp_path, str(database.url), SECRET)
    app = create_app(config, engine=database, now_ms=lambda: NOW, random_bytes=seeded_bytes("api"))
    return app.test_client()


@pytest.fixture
def tablet(database: Engine) -> LoggedTablet:
    return LoggedTablet(database).enrolled()


def post(
    client: FlaskClient, tablet: LoggedTablet, body: bytes, headers: dict[str, str] | None = None, *, time_ms: int = NOW
) -> tuple[TestResponse, str]:
    signed = tablet.signed(body, time_ms=time_ms)
    named = {
        "Lontara-Device": signed.device, "Lontara-Request": signed.request, "Lontara-Time": str(signed.time_ms),
        "Lontara-Signature": signed.signature, **(headers or {}),
    }  # fmt: skip
    return client.post("/v1/sync", data=body, headers=named), signed.request


def is_signed(client: FlaskClient, answer: TestResponse, request: str) -> bool:
    me = client.application.extensions["lontara"].identity
    covered = signing.answer_input(
        server=me.server_id, request=request, status=answer.status_code, body=answer.data
    )  # fmt: skip
    key = signing.public_key_of(me.private_key)
    return signing.verifies(key, covered, answer.headers.get("Lontara-Signature", ""))


def body_of(tablet: LoggedTablet, **changes: int) -> bytes:
    return tablet.request(tablet.batch(1), **changes).body


def test_a_batch_goes_up_and_the_signed_answer_names_the_head(client: FlaskClient, tablet: LoggedTablet) -> None:
    tablet.create()

    answer, request = post(client, tablet, body_of(tablet))

    document = msgspec.json.decode(answer.data, type=SyncAnswer)
    assert (answer.status_code, document.head_seq, document.request) == (200, 1, request)
    assert is_signed(client, answer, request)


def test_a_compressed_body_is_taken_and_the_signature_covers_it_as_sent(
    client: FlaskClient, tablet: LoggedTablet
) -> None:
    tablet.create()

    answer, request = post(
        client, tablet, deflate(body_of(tablet)), {"Content-Encoding": "gzip", "Accept-Encoding": "gzip"}
    )

    document = msgspec.json.decode(gzip.decompress(answer.data), type=SyncAnswer)
    assert (answer.headers["Content-Encoding"], document.head_seq) == ("gzip", 1)
    assert is_signed(client, answer, request)


def test_a_clock_that_is_far_off_gets_a_signed_refusal_with_the_server_s_time(
    client: FlaskClient, tablet: LoggedTablet
) -> None:
    answer, request = post(client, tablet, body_of(tablet), time_ms=NOW + 700_000)

    assert (answer.status_code, answer.json and answer.json["code"]) == (401, "clock_skew")
    assert answer.json is not None
    assert answer.json["facts"] == {"server_time": NOW}
    assert is_signed(client, answer, request)


def test_another_protocol_has_its_work_taken_and_reads_nothing(client: FlaskClient, tablet: LoggedTablet) -> None:
    tablet.create()

    answer, request = post(client, tablet, body_of(tablet, protocol=2))

    document = msgspec.json.decode(answer.data, type=SyncAnswer)
    assert (answer.status_code, document.head_seq, document.pages) == (426, 1, [])
    assert is_signed(client, answer, request)


@pytest.mark.parametrize(
    ("body", "headers", "status", "code"),
    [
        (b"", {}, 400, "malformed_envelope"),
        (b"[1]", {}, 400, "malformed_envelope"),
        (b"\xff\xfe", {}, 400, "malformed_envelope"),
        (b"{}", {}, 400, "malformed_envelope"),
        (b"[" * 100_000, {}, 400, "malformed_envelope"),
        (b"not gzip", {"Content-Encoding": "gzip"}, 400, "malformed_request"),
        (b"{}", {"Content-Encoding": "br"}, 415, "unsupported_encoding"),
        (deflate(b" " * (INFLATED_BYTES_MAX + 1)), {"Content-Encoding": "gzip"}, 413, "body_too_large"),
        (b"x" * (BODY_BYTES_MAX + 1), {}, 413, "body_too_large"),
        (b"{}", {"Lontara-Time": "now"}, 400, "malformed_request"),
        (b"{}", {"Lontara-Request": "1"}, 400, "malformed_request"),
        (b"{}", {"Lontara-Device": "nobody"}, 401, "unknown_device"),
        (b"{}", {"Lontara-Signature": "x"}, 401, "bad_signature"),
    ],
)
def test_what_is_no_sync_request_is_refused_as_a_problem(
    client: FlaskClient, tablet: LoggedTablet, body: bytes, headers: dict[str, str], status: int, code: str
) -> None:
    answer, _ = post(client, tablet, body, headers)

    assert (answer.status_code, answer.json and answer.json["code"]) == (status, code)


def test_more_operations_than_a_batch_may_hold_are_refused_whole(client: FlaskClient, tablet: LoggedTablet) -> None:
    tablet.raws = [b"{}"] * 501

    answer, _ = post(client, tablet, body_of(tablet))

    assert (answer.status_code, answer.json and answer.json["code"]) == (413, "batch_too_large")
