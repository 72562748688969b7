"""Pages about people: found by name, NIP or unit, and one person with their placements through time."""

from __future__ import annotations

from flask import Response, request

from lontara_server.services import people_desk
from lontara_server.services.people import FIRST_DAY
from lontara_server.web.console.pages import page, page_routes
from lontara_server.web.permissions import admits
from lontara_server.web.server import current_server
from lontara_server.web.sessions import current_asker

people_pages = page_routes("people")


@people_pages.get("/people")
@admits("people.read")
def listing() -> Response:
    """People by name, some at a time."""
    asker, server = current_asker(), current_server()
    search, after = request.args.get("search", ""), request.args.get("after", "")
    with server.transaction() as connection:
        found = people_desk.list_for(
            connection, asker.org_id, asker.viewer, server.now_ms(), search=search, after=after
        )  # fmt: skip
    return page("people.html", found=found, search=search, after=after)


@people_pages.get("/people/<nip>")
@admits("people.read")
def detail(nip: str) -> Response:
    """One person."""
    asker, server = current_asker(), current_server()
    with server.transaction() as connection:
        person = people_desk.person_for(connection, asker.org_id, asker.viewer, nip, server.now_ms())
    return page("person.html", person=person.document, placements=person.placements, first_day=FIRST_DAY.isoformat())
