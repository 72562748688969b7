"""Two orgs on one server, each with two units, and in them an account of every role and a device of every kind of
person. What each may see and do stands in the tests' tables; here is only who and what there is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from engines.places import Place
from engines.statements import unrecorded
from lontara_server.app import create_app
from lontara_server.config import Config
from lontara_server.services import punch_uploads
from lontara_server.services.access import Viewer
from lontara_server.services.accounts import SESSION_MS
from lontara_server.services.accounts import _token_hash as session_key
from lontara_server.services.assessors import Officer
from lontara_server.services.conflicts import list_conflicts
from lontara_server.services.import_runs import SourceFile
from lontara_server.services.objections import open_objection
from lontara_server.services.orgs import create_org
from lontara_server.services.people import employee_named, import_employees
from lontara_server.services.people_uploads import upload_for
from lontara_server.services.plan_drafts import ResultDraft
from lontara_server.services.plan_writing import create_plan, save_result
from lontara_server.services.scores import compute_period
from lontara_server.storage.accounts import AccountRow, SessionRow, add_account, add_session
from lontara_server.storage.engine import Engine, make_engine, transaction
from lontara_server.storage.models import Assignment
from lontara_server.storage.people import units_of
from server.logged_tablet import LoggedTablet
from server.ready import CHIEF, NOW, SECRET, WORKER, prepare_ready, seeded_bytes

COLLEAGUE, ACTING = "199204172016032006", "198806252012121003"
FAR_CHIEF, FAR_WORKER = "197511022001121002", "199508172020122004"
FOREIGN_CHIEF, FOREIGN_WORKER = "197609102002122001", "199711052021011002"
NOWHERE: Final = "01a20d73-ef10-8d91-b2e5-d0df3dafd3db"
NOBODY: Final = "190001011900010001"
PEOPLE: Final = f"""nip,full_name,unit_code,unit_name,supervisor_nip,position
{CHIEF},Andi Rahmatia Pallawa,KEC-01,Seksi Pelayanan Umum,,Kepala Seksi
{WORKER},Ambo Upe Lamaru,KEC-01,Seksi Pelayanan Umum,{CHIEF},Pengelola Layanan
{COLLEAGUE},Besse Rannu Palipu,KEC-01,Seksi Pelayanan Umum,{CHIEF},Pengelola Layanan
{ACTING},Baso Tancung Siwa,KEC-02,Seksi Sarana,{FAR_CHIEF},Kepala Subseksi
{FAR_CHIEF},Besse Tenri Ampa,KEC-02,Seksi Sarana,,Kepala Seksi
{FAR_WORKER},Indo Sakka Tanete,KEC-02,Seksi Sarana,{FAR_CHIEF},Pengelola Sarana
"""
FOREIGN_PEOPLE: Final = f"""nip,full_name,unit_code,unit_name,supervisor_nip,position
{FOREIGN_CHIEF},Andi Mappanyukki Cenrana,KEC-01,Seksi Umum,,Kepala Seksi
{FOREIGN_WORKER},I Mase Tellulimpoe,KEC-01,Seksi Umum,{FOREIGN_CHIEF},Pengelola Layanan
"""
# login: org, role, NIP, unit. `chief` leads the near unit; `far` is the other unit, `foreign` the other org.
ACCOUNTS: Final[dict[str, tuple[int, str, str | None, str | None]]] = {
    "admin": (1, "admin", None, None),
    "near-admin": (1, "admin", None, "KEC-01"),
    "far-admin": (1, "admin", None, "KEC-02"),
    "chief": (1, "supervisor", CHIEF, None),
    "acting": (1, "supervisor", ACTING, None),
    "far-chief": (1, "supervisor", FAR_CHIEF, None),
    "lone-chief": (1, "supervisor", None, None),
    "auditor": (1, "auditor", None, None),
    "far-auditor": (1, "auditor", None, "KEC-02"),
    "foreign-admin": (2, "admin", None, None),
    "foreign-chief": (2, "supervisor", FOREIGN_CHIEF, None),
    "foreign-auditor": (2, "auditor", None, None),
}
# Who has devices: org and NIP. The near entries are the worker's.
DEVICES: Final[dict[str, tuple[int, str]]] = {
    "author": (1, WORKER),
    "colleague": (1, COLLEAGUE),
    "chief": (1, CHIEF),
    "acting": (1, ACTING),
    "far-chief": (1, FAR_CHIEF),
    "far-worker": (1, FAR_WORKER),
    "foreign-worker": (2, FOREIGN_WORKER),
    "foreign-chief": (2, FOREIGN_CHIEF),
}
PLACES: Final = {"near": (1, WORKER), "far": (1, FAR_WORKER), "foreign": (2, FOREIGN_WORKER)}


@dataclass(frozen=True)
class Thing:
    """What a route may be about, in one place: an entry that waits, a conflict, a person with a score, a plan, a
    file of people and one of punches that wait to be looked at, and an objection.
    """

    entry: str
    conflict: str
    nip: str
    plan: str
    result: str
    upload: str
    objection: str
    punches: str


@dataclass
class Offices:
    """The server, what is in each place, and browsers that are signed in."""

    database: Engine
    app: Flask
    things: dict[str, Thing]
    browsers: dict[str, tuple[FlaskClient, str]] = field(default_factory=dict)

    def browser(self, login: str) -> tuple[FlaskClient, str]:
        """A browser signed in as this account and its token; `nobody` is not signed in."""
        if login not in self.browsers:
            self.browsers[login] = self._signed_in(login) if login != "nobody" else (self.app.test_client(), "")
        return self.browsers[login]

    def _signed_in(self, login: str) -> tuple[FlaskClient, str]:
        # The session is put there by hand: checking a password takes longer than all the requests with it.
        org, token, csrf = ACCOUNTS[login][0], f"session-of-{login}", f"token-of-{login}"
        session = SessionRow(login, csrf, created_at=NOW, seen_at=NOW, expires_at=NOW + SESSION_MS)
        with transaction(self.database) as connection:
            add_session(connection, org, session_key(token, SECRET), session)
        client = self.app.test_client()
        client.set_cookie("lontara", f"{org}.{token}")
        return client, csrf

    def tablet(self, who: str) -> LoggedTablet:
        """A new device of this person."""
        org, nip = DEVICES[who]
        return LoggedTablet(self.database, nip=nip, org=org).enrolled()


def prepare(url: str) -> None:
    """Both orgs with their people and accounts."""
    prepare_ready(url, PEOPLE)
    engine, random_bytes = make_engine(url), seeded_bytes("foreign")
    with transaction(engine) as connection:
        create_org(connection, code="BONE", name="Kabupaten Bone", by="tester", now_ms=NOW, random_bytes=random_bytes)
        import_employees(connection, 2, FOREIGN_PEOPLE, by="tester", now_ms=NOW)
        for login, (org, role, nip, unit) in ACCOUNTS.items():
            units = {each.code: each.id for each in units_of(connection, org)}
            employee = None if nip is None else employee_named(connection, org, nip).id
            # No password fits; nobody signs in here.
            row = AccountRow(login, "-", role, employee, None if unit is None else units[unit], active=True)
            add_account(connection, org, row)
        worker, acting = (employee_named(connection, 1, nip).id for nip in (WORKER, ACTING))
        stand_in = update(Assignment).where(Assignment.org_id == 1, Assignment.employee == worker)
        connection.execute(stand_in.values(acting_supervisor=acting))
    engine.dispose()


def open_offices(place: Place, folder: Path) -> Offices:
    """The offices with something to see in each place."""
    database = place.prepared("offices", prepare)
    url = database.url.render_as_string(hide_password=False)
    app = create_app(
        Config(folder, url, SECRET), engine=database, now_ms=lambda: NOW, random_bytes=seeded_bytes("offices")
    )
    with unrecorded():
        things = {name: _thing(database, org, nip) for name, (org, nip) in PLACES.items()}
    return Offices(database, app, {**things, "nowhere": Thing(NOWHERE, NOWHERE, NOBODY, *[NOWHERE] * 5)})


def _thing(database: Engine, org: int, nip: str) -> Thing:
    one, other = (LoggedTablet(database, nip=nip, org=org).enrolled() for _ in range(2))
    # What two people write alike in the same millisecond has the same id.
    title = f"Kegiatan {nip}"
    waiting, clashing = one.create(work_date="2026-11-02", title=title), one.create(work_date="2026-11-03", title=title)
    one.sync()
    for tablet, other_title in ((one, "Mendata sawah"), (other, "Mendata kebun")):
        tablet.write("set", clashing, fields={"title": other_title}, was={"title": title})
        tablet.sync()
    with transaction(database) as connection:
        (conflict,) = (each for each in list_conflicts(connection, org) if each["records"] == [clashing])
        compute_period(connection, org, "2026-11", NOW)
        admin, owner = Officer("admin", None, is_admin=True), employee_named(connection, org, nip)
        plan = create_plan(connection, org, owner, 2026, admin, NOW).id
        result = save_result(connection, org, plan, ResultDraft(f"Layanan {nip}", "main", None), admin, NOW)
        file, everybody = SourceFile(f"nip\n{nip}\n".encode(), "pegawai.csv"), Viewer("admin", "admin", None, None, None)
        upload = upload_for(connection, org, everybody, file, NOW)
        log = SourceFile(f"{nip}\t2026-11-02 07:30:00\t1\t0\t1\t0\n".encode(), "attlog.dat")
        punches = punch_uploads.upload_for(connection, org, everybody, log, NOW)
        objection = open_objection(connection, org, owner, "2026-11", f"Keliru {nip}", admin, NOW)
    return Thing(waiting, str(conflict["id"]), nip, plan, result, upload, objection, punches)


def keys_in(document: Any) -> set[str]:
    """Every text in a JSON document, for what a list holds."""
    if isinstance(document, dict):
        return {each for value in document.values() for each in keys_in(value)}
    if isinstance(document, list):
        return {each for value in document for each in keys_in(value)}
    return {document} if isinstance(document, str) else set()
