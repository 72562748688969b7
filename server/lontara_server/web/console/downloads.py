"""Files to take away: the lists of a month, and one person's recap to print and sign."""

from __future__ import annotations

import tempfile
from typing import IO, Final

from flask import Response, request, send_file

from lontara_server.services import export_desk
from lontara_server.services.export_desk import ListFile
from lontara_server.web.console.pages import language, page_routes
from lontara_server.web.permissions import admits
from lontara_server.web.server import current_server
from lontara_server.web.sessions import current_asker

download_pages = page_routes("downloads")

_TYPES: Final = {
    "csv": "text/csv; charset=utf-8",
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
# What is larger lies on the disk until it is sent.
_BYTES_IN_MEMORY: Final = 1024 * 1024


@download_pages.get("/exports/<period>/scores.csv", defaults={"name": "scores.csv"})
@download_pages.get("/exports/<period>/scores.xlsx", defaults={"name": "scores.xlsx"})
@download_pages.get("/exports/<period>/tpp.xlsx", defaults={"name": "tpp.xlsx"})
@download_pages.get("/exports/<period>/ekinerja.csv", defaults={"name": "ekinerja.csv"})
@download_pages.get("/exports/<period>/ekinerja.xlsx", defaults={"name": "ekinerja.xlsx"})
@admits("score.export")
def month_list(period: str, name: ListFile) -> Response:
    """A list of the month with everybody whom the asker sees."""
    asker, target = current_asker(), _room()
    export_desk.write_list(
        current_server(), asker.org_id, asker.viewer, name, period, request.host_url, target, language()
    )
    return _sent(target, f"{period}-{name}")


@download_pages.get("/scores/<nip>/<period>/recap.pdf")
@admits("score.export")
def recap(nip: str, period: str) -> Response:
    """One person's monthly recap."""
    asker, target = current_asker(), _room()
    export_desk.write_recap(current_server(), asker.org_id, asker.viewer, nip, period, target, language())
    return _sent(target, f"{period}-{nip}.pdf")


def _room() -> IO[bytes]:
    return tempfile.SpooledTemporaryFile(_BYTES_IN_MEMORY)


def _sent(target: IO[bytes], name: str) -> Response:
    target.seek(0)
    answer = send_file(target, _TYPES[name.rpartition(".")[2]], as_attachment=True, download_name=name)
    answer.headers["Cache-Control"] = "no-store"
    return answer
