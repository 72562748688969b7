"""The demo's server: a real one with invented people, on loopback, with the job that keeps scores behind entries."""

from __future__ import annotations

import csv
import io
import logging
import secrets
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.console import Console
from waitress.server import create_server

from lontara.transport import HttpTransport
from lontara_core.problems import Problem
from lontara_demo.material import Material
from lontara_demo.words import say
from lontara_server.app import clock_ms, create_app
from lontara_server.config import (
    SECRET_BYTES,
    Config,
    Language,
    database_url_of,
    prepare_data_dir,
    protect_database,
    read_config,
)
from lontara_server.jobs.background import jobs_in_background
from lontara_server.services.accounts import create_user
from lontara_server.services.devices import issue_code
from lontara_server.services.orgs import create_org, init_server
from lontara_server.services.people import import_employees
from lontara_server.services.units import import_units
from lontara_server.storage.engine import Engine, make_engine, transaction
from lontara_server.storage.schema import revision_of, upgrade

PORT: Final = 8470
PORTS_MAX: Final = 50
ORG: Final = 1
ADMIN: Final = "admin"


@dataclass
class Office:
    """The running server, with the port that its devices use at the moment."""

    engine: Engine
    config: Config
    port: int
    device_port: int

    def transport(self, _url: str) -> HttpTransport:
        """A transport to wherever the devices' way leads now."""
        return HttpTransport(f"http://127.0.0.1:{self.device_port}")

    def code_for(self, nip: str) -> str:
        """A new enrolment code for a person."""
        with transaction(self.engine) as connection:
            return issue_code(connection, ORG, nip, by=ADMIN, secret=self.config.secret, now_ms=clock_ms(),
                              random_bytes=secrets.token_bytes).code  # fmt: skip


@contextmanager
def running_office(
    folder: Path, database_url: str | None, material: Material, console: Console, language: Language
) -> Iterator[Office]:
    """A new server with its people and an admin, served on loopback for as long as the block lasts.

    Raises Problem target_not_empty where the named database holds a server.
    """
    prepare_data_dir(folder, secrets.token_bytes(SECRET_BYTES))
    protect_database(folder, database_url)
    engine = make_engine(database_url_of(folder, database_url))
    if revision_of(engine) is not None:
        raise Problem(
            "target_not_empty",
            "The database holds a server already. Nothing was changed.",
            {},
            "Name an empty database for the demo, or none.",
        )
    upgrade(engine)
    password = secrets.token_urlsafe(9)
    logins = _set_up(engine, material, password)
    config = read_config(folder, {}, database_url=database_url)
    port = _free_port(console, language)
    # Devices that drain side by side wait for each other now and then: no news to whoever watches the demo.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    server = create_server(create_app(config, engine=engine), host="127.0.0.1", port=port, threads=8)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    for key, values in (
        ("server", {"url": page_address(port, "", language)}),
        ("sign_in", {"logins": ", ".join(logins), "password": password}),
        ("data", {"folder": folder}),
    ):
        console.print(say(language, key, **values), soft_wrap=True, markup=False, highlight=False)
    try:
        with jobs_in_background(engine, clock_ms):
            yield Office(engine, config, port, port)
    finally:
        server.close()
        thread.join(timeout=5)
        engine.dispose()


def page_address(port: int, path: str, language: Language) -> str:
    """Where a page of the console is, in the language of the demo."""
    return f"http://127.0.0.1:{port}/{path}{'?lang=en' if language == 'en' else ''}"


def _set_up(engine: Engine, material: Material, password: str) -> list[str]:
    """Write the org, its people, and an account for the admin and for each who leads a unit; returns the logins."""
    with transaction(engine) as connection:
        now = clock_ms()
        init_server(connection, now_ms=now, random_bytes=secrets.token_bytes)
        create_org(connection, code="DEMO", name=material.org_name, by=ADMIN, now_ms=now,
                   random_bytes=secrets.token_bytes)  # fmt: skip
        create_user(connection, ORG, login=ADMIN, password=password, role="admin", by=ADMIN, now_ms=now)
        if material.units is not None:
            import_units(connection, ORG, material.units, by=ADMIN, now_ms=now)
        import_employees(connection, ORG, _people_file(material), by=ADMIN, now_ms=now)
        leaders = [person for person in material.people if not person.supervisor]
        chiefs = {f"atasan{number}": person for number, person in enumerate(leaders, start=1)}
        for login, person in chiefs.items():
            create_user(connection, ORG, login=login, password=password, role="supervisor", by=ADMIN, now_ms=now,
                        nip=person.nip)  # fmt: skip
    return [ADMIN, *chiefs]


def _free_port(console: Console, language: Language) -> int:
    for port in range(PORT, PORT + PORTS_MAX):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                console.print(say(language, "port_taken", port=port, next=port + 1))
                continue
        return port
    raise Problem(
        "address_unusable",
        f"The server cannot listen at 127.0.0.1:{PORT}: all {PORTS_MAX} ports from there are in use. Nothing was changed.",
        {"port": PORT},
        "End a demo that still runs, then start it again.",
    )


def _people_file(material: Material) -> str:
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(("nip", "full_name", "grade", "unit_code", "unit_name", "supervisor_nip", "position"))
    for person in material.people:
        unit_name = material.unit_names.get(person.unit_code, "")
        rows.writerow(
            (person.nip, person.full_name, person.grade, person.unit_code, unit_name, person.supervisor, person.position)
        )  # fmt: skip
    return text.getvalue()
