"""The server that hostile bodies are sent to: an office with an entry, conflicts and accounts, on one engine.

What a case sends is signed here, correctly unless the case says otherwise; what is judged lives in `judge`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, Final

import msgspec
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from api.console_office import PASSWORD, PEOPLE, token_in
from engines.statements import unrecorded
from hostile import build
from lontara_core import signing
from lontara_core.canonical import encode, sha256
from lontara_core.record import judged_hash
from lontara_server.app import create_app
from lontara_server.config import Config
from lontara_server.services.accounts import create_user
from lontara_server.services.conflicts import list_conflicts
from lontara_server.services.devices import issue_code
from lontara_server.services.orgs import identity_of, org_named
from lontara_server.services.scores import compute_period
from lontara_server.storage.engine import Engine, make_engine, transaction
from lontara_server.storage.models import Base
from server.logged_tablet import LoggedTablet, entry_fields, stored
from server.ready import CHIEF, NOW, SECRET, WORKER, prepare_ready, seeded_bytes

NOWHERE: Final = "01a20d73-ef10-8d91-b2e5-d0df3dafd3db"
ACCOUNTS: Final = {"admin": ("admin", None), "chief": ("supervisor", CHIEF), "auditor": ("auditor", None)}


def prepare(url: str) -> None:
    """A server with one org, its people and an account of each role."""
    prepare_ready(url, PEOPLE)
    engine = make_engine(url)
    with transaction(engine) as connection:
        for login, (role, nip) in ACCOUNTS.items():
            create_user(connection, 1, login=login, password=PASSWORD, role=role, by="tester", now_ms=NOW, nip=nip)
    engine.dispose()


@dataclass
class Target:
    """The server with what cases name: an entry that waits, one that clashes, and the conflict about it."""

    database: Engine
    app: Flask
    known: dict[str, Any]
    sessions: dict[str, tuple[FlaskClient, str]] = field(default_factory=dict)
    written: int = 0
    _sender: LoggedTablet | None = None
    _last_digest: str | None = None

    # The device protocol

    def tablet(self, nip: str = WORKER) -> LoggedTablet:
        """A device of its own for a case: what one case leaves waiting must not hold up the next."""
        self._last_digest = None
        return LoggedTablet(self.database, nip=nip).enrolled()

    def sender(self) -> LoggedTablet:
        """A device that has sent nothing yet; where every request is refused it stays so, and one is enough."""
        self._sender = self._sender or self.tablet()
        return replace(self._sender, raws=[])

    def operation(self, case: Mapping[str, Any], tablet: LoggedTablet) -> bytes:
        """The bytes of the case's operation."""
        if "raw" in case:
            return build.body(case["raw"], self.known)
        tablet.clock += 1
        plain = build.changed(self._operation(case["kind"], tablet.clock), case, self.known)
        return build.rewritten(encode(plain), case.get("rewrite", ()))

    def _operation(self, kind: str, clock: int) -> dict[str, Any]:
        known = self.known
        judged = {"hash": known["hash"], "revision": known["revision"]}
        of_a_conflict = kind in ("answer", "resolve", "reopen")
        by_kind: dict[str, dict[str, Any]] = {
            "create": {"fields": entry_fields(work_date="2026-11-02", title="Mendata tambak")},
            "set": {"fields": {"title": "Mendata kebun"}, "was": {"title": known["title"]}},
            "void": {"fields": {"reason": "ganda"}, "judged": judged},
            "restore": {"fields": {"reason": "keliru"}, "judged": judged},
            "review": {"fields": {"verdict": "approved"}, "judged": judged},
            "answer": {"fields": {"text": "Saya yang menulis"}},
            "resolve": {
                "fields": {"choice": "keep_server", "reason": "Sudah ditanyakan"},
                "judged": {"hash": known["conflict_hash"], "revision": 1},
            },
            "reopen": {"fields": {"reason": "keliru"}},
        }
        about = {} if kind == "create" else {"id": known["conflict"] if of_a_conflict else known["entry"]}
        record_type = "conflict" if of_a_conflict else "activity_entry"
        return {
            "at": clock, "hlc": [clock, 0], "kind": kind, "offset": 480, "type": record_type, **about, **by_kind[kind],
        }  # fmt: skip

    def neighbour(self, tablet: LoggedTablet) -> bytes:
        """A good create; each on a day of its own."""
        self.written += 1
        tablet.clock += 1
        day = f"2025-{1 + self.written // 28 % 12:02}-{1 + self.written % 28:02}"
        fields = {"duration_minutes": 30, "title": f"Rapat ke-{self.written}", "work_date": day}
        return encode(
            {"at": tablet.clock, "fields": fields, "hlc": [tablet.clock, 0], "kind": "create", "offset": 480,
             "type": "activity_entry"}
        )  # fmt: skip

    def sync_body(self, tablet: LoggedTablet, case: Mapping[str, Any] | None = None) -> bytes:
        """A request with the tablet's whole log as its batch, changed as the case says."""
        plain = json.loads(tablet.request(None).body)
        batch = tablet.batch(1)
        case = case or {}
        if batch is not None:
            raws = [bytes(each) for each in batch.operations]
            plain["batch"] = {**msgspec.structs.asdict(batch), "operations": []}
        plain = build.changed(plain, case, self.known)
        if batch is None or not isinstance(plain.get("batch"), dict):
            return build.rewritten(msgspec.json.encode(plain), case.get("rewrite", ()))
        if case.get("log_signed_again"):
            plain["batch"]["signature"] = self._log_signature(tablet, plain["batch"])
        operations = plain["batch"].get("operations", None)
        raw = msgspec.json.encode(plain)
        if operations == []:
            raw = raw.replace(b'"operations":[]', b'"operations":[' + b",".join(raws) + b"]", 1)
        return build.rewritten(raw, case.get("rewrite", ()))

    def _log_signature(self, tablet: LoggedTablet, batch: Mapping[str, Any]) -> str:
        with transaction(self.database) as connection:
            me, org = identity_of(connection), org_named(connection, 1)
        covered = signing.log_input(
            org=org.uid, server=me.server_id, epoch=batch["epoch"], device=tablet.device, first=batch["first"],
            last=batch["last"], head=batch["head"],
        )  # fmt: skip
        return signing.sign(tablet.key, covered)

    def send(
        self, tablet: LoggedTablet, raw: bytes, headers: Mapping[str, Any] | None = None, **signing_of: Any
    ) -> TestResponse:
        """POST the signed body; a header that the case gives as null is left out."""
        signed = tablet.signed(raw, **signing_of)
        named: dict[str, Any] = {
            "Lontara-Device": signed.device, "Lontara-Request": signed.request, "Lontara-Time": str(signed.time_ms),
            "Lontara-Signature": signed.signature, **(headers or {}),
        }  # fmt: skip
        kept = {name: str(each) for name, each in named.items() if each is not None}
        return self.app.test_client().post("/v1/sync", data=raw, headers=kept)

    def enrol_body(self, case: Mapping[str, Any]) -> bytes:
        """An enrolment with a fresh code, changed as the case says and signed after that."""
        self._last_digest = None
        with transaction(self.database) as connection:
            self.written += 1
            issued = issue_code(
                connection, 1, WORKER, by="tester", secret=SECRET, now_ms=NOW,
                random_bytes=seeded_bytes(f"enrol{self.written}"),
            )  # fmt: skip
        key = sha256(f"enrol{self.written}".encode())
        plain: dict[str, Any] = {"code": issued.code, "public_key": signing.public_key_of(key), "device_name": "tablet"}
        plain = build.changed(plain, case, self.known)
        if "signature" not in plain and "unsigned" not in case:
            with suppress(TypeError, AttributeError, KeyError):
                covered = signing.enrol_input(
                    code=plain["code"], public_key=plain["public_key"], former=plain.get("former")
                )
                plain["signature"] = signing.sign(key, covered)
        return build.rewritten(msgspec.json.encode(plain), case.get("rewrite", ()))

    # The console

    def session(self, login: str | None) -> tuple[FlaskClient, str]:
        """A browser that is signed in as this account, with its token; or one that is not."""
        if login is None:
            client = self.app.test_client()
            return client, token_in(client.get("/sign-in").text)
        if login not in self.sessions:
            self._last_digest = None
            client = self.app.test_client()
            token = token_in(client.get("/sign-in").text)
            form = {"csrf": token, "login": login, "password": PASSWORD}
            assert client.post("/sign-in", data=form).status_code == 303
            self.sessions[login] = (client, token_in(client.get("/scores").text))
        return self.sessions[login]

    # What is kept

    def digest_before(self) -> str:
        """The digest as it was last taken, where nothing was written on purpose since."""
        return self._last_digest or self.digest()

    def digest(self) -> str:
        """A hash of every row of every table."""
        whole = hashlib.sha256()
        # It asks of every org at once, which the product never does.
        with unrecorded(), transaction(self.database) as connection:
            for name in Base.metadata.tables:
                rows = connection.exec_driver_sql(f'SELECT * FROM "{name}"').fetchall()
                whole.update("\n".join([name, *sorted(repr(tuple(row)) for row in rows)]).encode())
        self._last_digest = whole.hexdigest()
        return self._last_digest

    def still_works(self) -> bool:
        """Whether an honest device gets its entry through, and an admin their pages."""
        tablet = self.tablet()
        tablet.raws.append(self.neighbour(tablet))
        sent = self.send(tablet, self.sync_body(tablet))
        client, _ = self.session("admin")
        pages = [client.get(path).status_code for path in ("/conflicts", "/reviews", "/v1/entries?review=waiting")]
        return sent.status_code == 200 and (sent.json or {}).get("head_seq") == 1 and pages == [200, 200, 200]


def open_target(database: Engine, folder: Any) -> Target:
    """The prepared server with an entry that waits, one that clashes, and a month of scores."""
    config = Config(folder, database.url.render_as_string(hide_password=False), SECRET)
    app = create_app(config, engine=database, now_ms=lambda: NOW, random_bytes=seeded_bytes("target"))
    one, other = (LoggedTablet(database).enrolled() for _ in range(2))
    entry, clashing = one.create(), one.create(work_date="2026-11-10")
    one.sync()
    for tablet, title in ((one, "Mendata sawah"), (other, "Mendata kebun")):
        tablet.write("set", clashing, fields={"title": title}, was={"title": entry_fields()["title"]})
        tablet.sync()
    held = stored(database, entry)
    with transaction(database) as connection:
        (conflict,) = (each for each in list_conflicts(connection, 1) if each["kind"] == "field")
        compute_period(connection, 1, "2026-11", NOW)
        me = identity_of(connection)
    known = {
        "entry": entry, "title": held.fields["title"], "hash": judged_hash(held), "revision": held.revision,
        "conflict": conflict["id"], "conflict_hash": conflict["hash"], "clashing": clashing, "nowhere": NOWHERE,
        "device": one.device, "worker": WORKER, "server": me.server_id, "epoch": me.epoch,
        "chief_employee": held.fields["supervisor"], "owner": held.fields["owner"],
        "h1": one.hashes(1)[1].hex(),
    }  # fmt: skip
    return Target(database, app, known)


def other_key() -> bytes:
    """A key that no device has."""
    return sha256(b"nobody's")
