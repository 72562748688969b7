"""Who may call which route: declared beside each route, enforced in one place before it runs.

A route without a declaration is closed. Whose records a caller sees is decided in `services.access`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Literal, TypeAlias, TypeVar

from flask import Flask, current_app, request

from lontara_core.problems import Problem
from lontara_server.services.access import Permission
from lontara_server.web.sessions import check_unforged, load_asker

# everybody: no sign-in. device: the route's service checks the device's signature or code. signed_in: any role.
Rule: TypeAlias = Permission | Literal["everybody", "device", "signed_in"]

_View = TypeVar("_View", bound=Callable[..., Any])
_MARK: Final = "_lontara_admits"


def admits(rule: Rule) -> Callable[[_View], _View]:
    """Declare who may call the route. Stands below the route's own decorator."""

    def declare(view: _View) -> _View:
        setattr(view, _MARK, rule)
        return view

    return declare


def rule_of(view: Callable[..., Any]) -> Rule | None:
    """What a route declares, or None."""
    rule: Rule | None = getattr(view, _MARK, None)
    return rule


def guard_routes(app: Flask) -> None:
    """Let every request through the declared rule of its route."""
    app.before_request(_admit)


def _admit() -> None:
    if request.endpoint is None:
        return
    rule = rule_of(current_app.view_functions[request.endpoint])
    if rule == "everybody" or rule == "device":
        return
    asker = load_asker()
    check_unforged(asker)
    if rule is None or (rule != "signed_in" and not asker.viewer.may(rule)):
        raise Problem(
            "not_permitted",
            "Your role may not do this. Nothing was changed.",
            {"role": asker.viewer.role},
            "Ask an admin.",
        )
