"""Makes `openapi.json` from the routes of the server, and says with `--check` whether it is current.

It stands apart from `generate`, which must also run where the server is not installed.
"""

from __future__ import annotations

import sys
from pathlib import Path

from lontara_server.app import routes_alone
from lontara_server.web.openapi import document_text

TARGET = Path(__file__).resolve().parent / "openapi.json"


def openapi_text() -> str:
    """The description of the HTTP API, as the server gives it at `/v1/openapi.json`."""
    return document_text(routes_alone())


def main(*, check: bool) -> int:
    """Write the description, or with `check` return 1 when it is not current."""
    if check:
        return int(not TARGET.exists() or TARGET.read_text(encoding="utf-8") != openapi_text())
    TARGET.write_text(openapi_text(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(check="--check" in sys.argv))
