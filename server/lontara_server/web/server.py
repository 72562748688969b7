"""The running server, as a route finds it in the application that serves it."""

from __future__ import annotations

from flask import Flask, current_app

from lontara_server.services.server import Server

_KEY = "lontara"


def attach_server(app: Flask, server: Server) -> None:
    """Make the server known to the application's routes."""
    app.extensions[_KEY] = server


def current_server() -> Server:
    """The server that this request came to."""
    server = current_app.extensions[_KEY]
    assert isinstance(server, Server)
    return server
