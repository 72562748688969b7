"""Files that one person at the console asks for: within their bounds, each noted in the audit trail under their name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import IO, Final, Literal

from lontara_server.services.access import Viewer
from lontara_server.services.outputs import ekinerja, recap, recap_reading, score_list, tpp
from lontara_server.services.outputs.formats import Language
from lontara_server.services.outputs.people_of import Wanted
from lontara_server.services.outputs.sheets import csv_lines
from lontara_server.services.server import Server
from lontara_server.storage.engine import Connection

ListFile = Literal["scores.csv", "scores.xlsx", "tpp.xlsx", "ekinerja.csv", "ekinerja.xlsx"]
# What tells a spreadsheet that a CSV is UTF-8.
_MARK: Final = "\N{ZERO WIDTH NO-BREAK SPACE}"


def write_list(
    server: Server, org_id: int, viewer: Viewer, name: ListFile, period: str, link_base: str, target: IO[bytes],
    language: Language,
) -> None:  # fmt: skip
    """Write a month's list of the people whom the viewer sees. Raises Problem invalid_field, file_too_large."""
    wanted, now_ms, by = Wanted(viewer=viewer), server.now_ms(), viewer.login

    def scores_csv(connection: Connection) -> None:
        rows = score_list.score_rows(connection, org_id, period, wanted)
        count = _write_csv(target, score_list.COLUMNS, (score_list.csv_row(row) for row in rows))
        score_list.note_export(connection, org_id, period, wanted, "csv", by=by, now_ms=now_ms, rows=count)

    def ekinerja_csv(connection: Connection) -> None:
        rows = ekinerja.progress_rows(connection, org_id, period, wanted, link_base)
        count = _write_csv(target, ekinerja.COLUMNS, ([row[each] for each in ekinerja.COLUMNS] for row in rows))
        ekinerja.note_export(connection, org_id, period, wanted, "csv", by=by, now_ms=now_ms, rows=count)

    def scores_xlsx(connection: Connection) -> None:
        score_list.write_scores(connection, org_id, period, wanted, target, language, by=by, now_ms=now_ms)

    def tpp_xlsx(connection: Connection) -> None:
        tpp.write_tpp(connection, org_id, period, wanted, target, language, by=by, now_ms=now_ms)

    def ekinerja_xlsx(connection: Connection) -> None:
        ekinerja.write_progress(connection, org_id, period, wanted, link_base, target, language, by=by, now_ms=now_ms)

    makers: Mapping[ListFile, Callable[[Connection], None]] = {
        "scores.csv": scores_csv, "scores.xlsx": scores_xlsx, "tpp.xlsx": tpp_xlsx, "ekinerja.csv": ekinerja_csv,
        "ekinerja.xlsx": ekinerja_xlsx,
    }  # fmt: skip
    with server.transaction() as connection:
        makers[name](connection)


def write_recap(
    server: Server, org_id: int, viewer: Viewer, nip: str, period: str, target: IO[bytes], language: Language
) -> None:  # fmt: skip
    """Write one person's monthly recap as PDF. Raises Problem not_found, also for whom they may not see."""
    now_ms, wanted = server.now_ms(), Wanted(nip=nip, viewer=viewer)
    with server.transaction() as connection:
        read = recap_reading.read_recaps(connection, org_id, period, wanted, by=viewer.login, now_ms=now_ms)
    recap.print_recaps(read, target, language, now_ms)


def _write_csv(target: IO[bytes], columns: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
    count = -1  # the heading is no row
    target.write(_MARK.encode())
    for line in csv_lines(columns, rows):
        target.write(line.encode())
        count += 1
    return count
