"""The small routes over the application: signatures, problems in one shape, and never a 500 for what a client sent."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from engines.places import Place
from lontara_core import signing
from lontara_core.messages import BODY_BYTES_MAX, EnrolAnswer
from lontara_server.app import create_app
from lontara_server.config import Config
from lontara_server.services.devices import issue_code
from lontara_server.storage.engine import Engine, transaction
from server.ready import NOW, SECRET, WORKER, ready_server, seeded_bytes
from server.test_devices import Tablet

REQUEST = "01a20d73-ef10-8d91-b2e5-d0df3dafd3db"


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
def server_key(client: FlaskClient) -> str:
    server = client.application.extensions["lontara"]
    return signing.public_key_of(server.identity.private_key)


def body_for(database: Engine) -> bytes:
    with transaction(database) as connection:
        issued = issue_code(
            connection, 1, WORKER, by="tester", secret=SECRET, now_ms=NOW, random_bytes=seeded_bytes("code")
        )
    return msgspec.json.encode(Tablet().request(issued.code))


def test_ping_tells_server_and_epoch_signed_over_the_nonce(client: FlaskClient, server_key: str) -> None:
    answer = client.get("/v1/ping?nonce=palm-leaf")

    document = msgspec.json.decode(answer.data)
    covered = signing.answer_input(server=document["server"], request="palm-leaf", status=200, body=answer.data)
    assert document["server_time"] == NOW
    assert signing.verifies(server_key, covered, answer.headers["Lontara-Signature"])


def test_enrolment_answers_with_what_a_device_needs_and_signs_it(
    client: FlaskClient, database: Engine, server_key: str
) -> None:
    answer = client.post("/v1/enrol", data=body_for(database), headers={"Lontara-Request": REQUEST})

    document = msgspec.json.decode(answer.data, type=EnrolAnswer)
    covered = signing.answer_input(server=document.server, request=REQUEST, status=200, body=answer.data)
    assert (answer.status_code, document.nip, document.server_key) == (200, WORKER, server_key)
    assert signing.verifies(server_key, covered, answer.headers["Lontara-Signature"])


def test_the_same_enrolment_again_gives_the_same_device(client: FlaskClient, database: Engine) -> None:
    body = body_for(database)

    answers = [client.post("/v1/enrol", data=body).json for _ in range(2)]

    assert answers[0] == answers[1]


def test_a_refusal_is_signed_too(client: FlaskClient, server_key: str) -> None:
    answer = client.post("/v1/enrol", data=b"{}", headers={"Lontara-Request": REQUEST})

    server = client.application.extensions["lontara"].identity.server_id
    covered = signing.answer_input(server=server, request=REQUEST, status=400, body=answer.data)
    assert signing.verifies(server_key, covered, answer.headers["Lontara-Signature"])


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("GET", "/v1/ping", b"", 400, "missing_field"),
        ("GET", "/v1/ping?nonce=%00", b"", 400, "invalid_field"),
        ("GET", "/v1/ping?nonce=" + "a" * 129, b"", 400, "invalid_field"),
        ("POST", "/v1/ping", b"", 405, "method_not_allowed"),
        ("GET", "/v1/nothing", b"", 404, "not_found"),
        ("POST", "/v1/enrol", b"", 400, "malformed_request"),
        ("POST", "/v1/enrol", b"\xff\xfe", 400, "malformed_request"),
        ("POST", "/v1/enrol", b"[" * 10_000, 400, "malformed_request"),
        ("POST", "/v1/enrol", b'{"code": 5}', 400, "malformed_request"),
        ("POST", "/v1/enrol", b" " * 20_000, 413, "body_too_large"),
        ("POST", "/v1/enrol", b" " * (BODY_BYTES_MAX + 1), 413, "body_too_large"),
        (
            "POST", "/v1/enrol",
            b'{"code": "x", "public_key": "\\u0000", "device_name": "", "signature": "", "former": "y"}',
            400, "malformed_request",
        ),
        (
            "POST", "/v1/enrol",
            b'{"code": "x", "public_key": "\\u0001", "device_name": "", "signature": "", "former": "y"}',
            401, "bad_signature",
        ),
    ],
)  # fmt: skip
def test_what_a_client_does_wrong_is_a_problem_with_a_code(
    client: FlaskClient, method: str, path: str, body: bytes, status: int, code: str
) -> None:
    answer = client.open(path, method=method, data=body)

    document = msgspec.json.decode(answer.data)
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
    assert (document["code"], set(document) >= {"message", "facts", "next_step"}) == (code, True)


def test_staff_read_first_that_their_work_is_safe(client: FlaskClient) -> None:
    answer = client.post("/v1/enrol", data=b"{}", headers={"Accept-Language": "id"})

    assert msgspec.json.decode(answer.data)["title"].startswith("Catatan Anda masih tersimpan")


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_a_server_that_works_says_so(client: FlaskClient, path: str) -> None:
    answer = client.get(path)

    assert answer.status_code == 200


def test_our_own_failure_is_a_problem_too_and_tells_nothing_of_its_cause(client: FlaskClient, database: Engine) -> None:
    with transaction(database) as connection:
        connection.execute(text("DROP TABLE server_identity"))

    answer = client.get("/readyz")

    assert (answer.status_code, answer.json and answer.json["code"]) == (500, "server_failed")
    assert b"server_identity" not in answer.data
