"""The console: server-rendered pages for admins, supervisors and auditors, in Indonesian and English.

A handler permits (by its declaration), reads its form, calls one service and renders. No rule lives here.
"""

from __future__ import annotations

from flask import Flask
from jinja2 import StrictUndefined

from lontara_server.web.console.attendance import attendance_pages
from lontara_server.web.console.attendance_import import attendance_import_pages
from lontara_server.web.console.behaviour import behaviour_pages
from lontara_server.web.console.conflicts import conflict_pages
from lontara_server.web.console.downloads import download_pages
from lontara_server.web.console.front import front_pages
from lontara_server.web.console.objections import objection_pages
from lontara_server.web.console.pages import not_found
from lontara_server.web.console.people import people_pages
from lontara_server.web.console.people_import import people_import_pages
from lontara_server.web.console.plans import plan_pages
from lontara_server.web.console.policies import policy_pages
from lontara_server.web.console.reviews import review_pages
from lontara_server.web.console.scores import score_pages
from lontara_server.web.console.workload import workload_pages

__all__ = ["register_console"]


def register_console(app: Flask) -> None:
    """Add the console's pages to the application."""
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.undefined = StrictUndefined
    app.register_error_handler(404, not_found)
    for pages in (front_pages, conflict_pages, review_pages, score_pages, objection_pages):
        app.register_blueprint(pages)
    app.register_blueprint(download_pages)
    for pages in (plan_pages, behaviour_pages, workload_pages, people_pages, people_import_pages, attendance_pages,
                  attendance_import_pages, policy_pages):  # fmt: skip
        app.register_blueprint(pages)
