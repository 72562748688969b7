"""The application: wires configuration, database, services and routes. Nobody imports it but who starts it."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from typing import Any

from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from lontara_core.messages import BODY_BYTES_MAX
from lontara_server.config import Config
from lontara_server.services.orgs import RandomBytes
from lontara_server.services.server import open_server
from lontara_server.storage.engine import Engine, make_engine
from lontara_server.storage.models import Base
from lontara_server.web.api import api_routes
from lontara_server.web.console import register_console
from lontara_server.web.console_api import console_api
from lontara_server.web.machines import machine_routes
from lontara_server.web.permissions import guard_routes
from lontara_server.web.problems import answer_problems
from lontara_server.web.server import attach_server
from lontara_server.web.signatures import sign_answers
from lontara_server.web.sync_api import sync_routes


class FlaskDatabase(SQLAlchemy):
    """Flask-SQLAlchemy on the server's own engine and models, for the ordinary pages. Sync uses the engine directly."""

    def __init__(self, engine: Engine) -> None:
        self._prepared = engine
        super().__init__(model_class=Base)

    def _make_engine(self, bind_key: str | None, options: dict[str, Any], app: Flask) -> Engine:
        # A second engine on the same SQLite file would know nothing of the first one's writer lock.
        return self._prepared


def clock_ms() -> int:
    """The machine's clock in milliseconds since 1970 UTC."""
    return time.time_ns() // 1_000_000


def create_app(
    config: Config,
    *,
    engine: Engine | None = None,
    now_ms: Callable[[], int] = clock_ms,
    random_bytes: RandomBytes = secrets.token_bytes,
) -> Flask:
    """The Flask application of an initialised server.

    Raises Problem database_not_migrated, database_newer, database_unreachable, not_initialised.
    """
    engine = engine or make_engine(config.database_url)
    server = open_server(engine, secret=config.secret, now_ms=now_ms, random_bytes=random_bytes)
    app = routes_alone()
    app.config["SQLALCHEMY_DATABASE_URI"] = engine.url
    FlaskDatabase(engine).init_app(app)
    attach_server(app, server)
    return app


def routes_alone() -> Flask:
    """The application without a server behind it: enough to say which routes there are."""
    app = Flask("lontara_server.web", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = BODY_BYTES_MAX
    answer_problems(app)
    guard_routes(app)
    sign_answers(app)
    app.register_blueprint(api_routes)
    app.register_blueprint(sync_routes)
    app.register_blueprint(machine_routes)
    app.register_blueprint(console_api)
    register_console(app)
    return app
