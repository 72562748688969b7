"""The papers of a demo's month, written into its folder: the recaps to sign (PDF) and the table of allowances (XLSX)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lontara_demo.running import ADMIN, ORG
from lontara_server.app import clock_ms
from lontara_server.services.outputs import recap, recap_reading, tpp
from lontara_server.services.outputs.formats import Language
from lontara_server.services.outputs.people_of import Wanted
from lontara_server.storage.engine import Engine, transaction


@dataclass(frozen=True)
class Papers:
    """Where the files are, and of how many people and pages."""

    recap: Path
    people: int
    pages: int
    allowances: Path


def write_papers(engine: Engine, folder: Path, period: str, only_nip: str | None, language: Language) -> Papers:
    """Write the month's papers. only_nip: whose recap alone is printed, where all would be more than a file takes."""
    now_ms = clock_ms()
    names = {"id": ("rekap", "tpp"), "en": ("recap", "tpp")}[language]
    pdf, xlsx = folder / f"{names[0]}-{period}.pdf", folder / f"{names[1]}-{period}.xlsx"
    with transaction(engine) as connection:
        read = recap_reading.read_recaps(connection, ORG, period, Wanted(nip=only_nip), by=ADMIN, now_ms=now_ms)
        with xlsx.open("wb") as target:
            tpp.write_tpp(connection, ORG, period, Wanted(), target, language, by=ADMIN, now_ms=now_ms)
    with pdf.open("wb") as target:
        pages = recap.print_recaps(read, target, language, now_ms)
    return Papers(pdf, len(read.people), pages, xlsx)
