"""`lontara-server export`: files for other systems and for people. What is in them is made in `services.outputs`."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final, TypeVar

import click

from lontara_core.problems import Problem
from lontara_server.cli.program import Program, print_json, read_bytes
from lontara_server.services.exports import ENTRY_COLUMNS, export_entries, note_export, write_entries
from lontara_server.services.outputs import ekinerja, recap, recap_reading, score_list, siasn, tpp
from lontara_server.services.outputs.people_of import Wanted
from lontara_server.services.outputs.person import write_person
from lontara_server.services.outputs.sheets import csv_lines
from lontara_server.storage.engine import transaction

_Command = TypeVar("_Command", bound=Callable[..., Any])
_FORMS: Final = ("json", "csv", "xlsx")
_LEFT_OUT: Final = 4


@click.group()
def export() -> None:
    """What other systems and people read. Each export of personal data is in the audit trail."""


def _choices(*forms: str) -> Callable[[_Command], _Command]:
    """The options --json, --csv and --xlsx, as far as a command has them, and the file that is written."""

    def add(command: _Command) -> _Command:
        told = {"json": "JSON.", "csv": "CSV.", "xlsx": "A spreadsheet; needs FILE."}
        command = click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path))(command)
        for form in reversed(forms):
            command = click.option(f"--{form}", "form", flag_value=form, help=told[form])(command)
        return command

    return add


_period = click.option("--period", required=True, metavar="YYYY-MM")
_nip = click.option("--nip", help="Only this person.")
_unit = click.option("--unit", "unit_code", metavar="CODE", help="Only this unit, with those below it.")


@export.command("entries")
@_choices(*_FORMS)
@click.pass_obj
def entries(program: Program, form: str | None, file: Path | None) -> None:
    """Every entry as it stands, as JSON (one entry a line), CSV or XLSX. Example: lontara-server export entries --json"""
    form = _form(form, file)
    with transaction(program.engine) as connection:
        if form == "xlsx":
            with _written(_needed(file)) as target:
                count = write_entries(connection, program.org_id, target)
        else:
            rows = _Counted(export_entries(connection, program.org_id))
            _put(file, form, ENTRY_COLUMNS, rows, lambda row: [_flat(row[name]) for name in ENTRY_COLUMNS])
            count = rows.count
        note_export(connection, program.org_id, form, by=program.login, now_ms=program.now_ms(), rows=count)
    _tell(program, file, count)


@export.command("scores")
@_period
@_nip
@_unit
@_choices(*_FORMS)
@click.pass_obj
def scores(
    program: Program, period: str, nip: str | None, unit_code: str | None, form: str | None, file: Path | None
) -> None:
    """The scores of a month with their parts. Example: lontara-server export scores --period 2026-10 --xlsx nilai.xlsx"""
    form, wanted, told = _form(form, file), Wanted(nip, unit_code), _by(program)
    with transaction(program.engine) as connection:
        if form == "xlsx":
            with _written(_needed(file)) as target:
                count = score_list.write_scores(
                    connection, program.org_id, period, wanted, target, program.language, **told
                )
        else:
            rows = _Counted(score_list.score_rows(connection, program.org_id, period, wanted))
            _put(file, form, score_list.COLUMNS, rows, score_list.csv_row)
            count = rows.count
            score_list.note_export(connection, program.org_id, period, wanted, form, rows=count, **told)
    _tell(program, file, count)


@export.command("ekinerja")
@_period
@_nip
@_unit
@click.option("--link", "link_base", metavar="URL", help="The console's address; evidence is linked there.")
@_choices(*_FORMS)
@click.pass_obj
def ekinerja_rows(
    program: Program, period: str, nip: str | None, unit_code: str | None, link_base: str | None, form: str | None,
    file: Path | None,
) -> None:  # fmt: skip
    """Approved entries as progress rows. Example: lontara-server export ekinerja --period 2026-10 --csv progres.csv"""
    form, wanted, told = _form(form, file), Wanted(nip, unit_code), _by(program)
    with transaction(program.engine) as connection:
        if form == "xlsx":
            with _written(_needed(file)) as target:
                count = ekinerja.write_progress(
                    connection, program.org_id, period, wanted, link_base, target, program.language, **told
                )
        else:
            rows = _Counted(ekinerja.progress_rows(connection, program.org_id, period, wanted, link_base))
            _put(file, form, ekinerja.COLUMNS, rows, lambda row: [row[name] for name in ekinerja.COLUMNS])
            count = rows.count
            ekinerja.note_export(connection, program.org_id, period, wanted, form, rows=count, **told)
    _tell(program, file, count)


@export.command("siasn")
@click.option("--year", type=int, required=True)
@click.option("--shape", type=click.Choice(siasn.SHAPES), default="skp22", show_default=True)
@click.option("--ids", "ids_file", type=click.Path(path_type=Path), help="CSV or XLSX: nip, pns_id (SIASN's own ids).")
@click.option("--with-provisional", is_flag=True, help="Ratings that may still change too.")
@_nip
@_unit
@_choices("json")
@click.pass_context
def siasn_rows(
    context: click.Context, year: int, shape: siasn.Shape, ids_file: Path | None, nip: str | None, unit_code: str | None,
    form: str | None, file: Path | None, *, with_provisional: bool,
) -> None:  # fmt: skip
    """Ratings of a year as SIASN takes them; exit 4 where some are left out. Nothing is sent.

    Example: lontara-server export siasn --year 2026 --ids pns-id.csv --json siasn.json
    """
    del form  # JSON is the only form
    program: Program = context.obj
    ids = {} if ids_file is None else siasn.read_ids(read_bytes(ids_file), ids_file.name)
    with transaction(program.engine) as connection:
        made = siasn.siasn_file(
            connection, program.org_id, year, shape, Wanted(nip, unit_code), ids, with_provisional=with_provisional,
            **_by(program),
        )  # fmt: skip
        if file is None:
            print_json(made.document())
        else:
            with _written(file) as target:
                target.write(json.dumps(made.document(), ensure_ascii=False, indent=1).encode())
    if file is not None:
        _tell(program, file, len(made.rows))
        for each in made.left_out:
            click.echo(f"  {each.nip} {each.full_name}: {', '.join(each.reasons)}")
    context.exit(_LEFT_OUT if made.left_out else 0)


@export.command("person")
@click.option("--nip", required=True)
@click.option("--json", "as_json", is_flag=True, help="Print how many rows each part has as JSON.")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.pass_obj
def person(program: Program, nip: str, file: Path, *, as_json: bool) -> None:
    """Everything that is held of one person, as a ZIP to hand to them.

    Example: lontara-server export person --nip 199103092015031005 data.zip
    """
    with transaction(program.engine) as connection, _written(file) as target:
        counts = write_person(connection, program.org_id, nip, target, **_by(program))
    if as_json:
        print_json({"file": str(file), "rows": counts})
    else:
        _tell(program, file, sum(counts.values()))


@export.command("recap")
@_period
@_nip
@_unit
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.pass_obj
def recap_file(program: Program, period: str, nip: str | None, unit_code: str | None, file: Path) -> None:
    """The monthly recap of a person or a unit as PDF, to print and sign.

    Example: lontara-server export recap --period 2026-10 --nip 199103092015031005 rekap.pdf
    """
    if (nip is None) == (unit_code is None):
        raise click.UsageError("Say --nip or --unit, one of them.")
    told = _by(program)
    with transaction(program.engine) as connection:
        read = recap_reading.read_recaps(connection, program.org_id, period, Wanted(nip, unit_code), **told)
    with _written(file) as target:
        pages = recap.print_recaps(read, target, program.language, told["now_ms"])
    program.say(
        f"{file}: {len(read.people)} pegawai, {pages} halaman.", f"{file}: {len(read.people)} people, {pages} pages."
    )


@export.command("tpp")
@_period
@_unit
@click.option("--json", "as_json", is_flag=True, help="Print what the table holds as JSON.")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.pass_obj
def tpp_file(program: Program, period: str, unit_code: str | None, file: Path, *, as_json: bool) -> None:
    """The table of allowances (TPP) of a month as XLSX. Example: lontara-server export tpp --period 2026-10 tpp.xlsx"""
    with transaction(program.engine) as connection, _written(file) as target:
        told = tpp.write_tpp(
            connection, program.org_id, period, Wanted(unit_code=unit_code), target, program.language, **_by(program)
        )
    if as_json:
        print_json({"file": str(file), **told.document()})
        return
    program.say(
        f"{file}: {told.people} pegawai, {told.without_amount} tanpa jumlah, {told.provisional} sementara, "
        f"{told.without_score} belum punya nilai.",
        f"{file}: {told.people} people, {told.without_amount} without an amount, {told.provisional} provisional, "
        f"{told.without_score} without a score.",
    )


class _Counted(Iterable[dict[str, Any]]):
    """Rows that pass by, and how many have."""

    def __init__(self, rows: Iterable[dict[str, Any]]) -> None:
        self._rows, self.count = rows, 0

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for row in self._rows:
            self.count += 1
            yield row


def _by(program: Program) -> dict[str, Any]:
    return {"by": program.login, "now_ms": program.now_ms()}


def _form(form: str | None, file: Path | None) -> str:
    """The form that is asked for; where none is, the one that the file's name tells, else JSON."""
    ending = "" if file is None else file.suffix.lower().removeprefix(".")
    return form or (ending if ending in _FORMS else "json")


def _needed(file: Path | None) -> Path:
    if file is None:
        raise click.UsageError("--xlsx needs FILE.")
    return file


def _put(
    file: Path | None, form: str, columns: Sequence[str], rows: Iterable[dict[str, Any]],
    csv_row: Callable[[dict[str, Any]], Sequence[object]],
) -> None:  # fmt: skip
    """Write rows one by one, to the file or to where the command prints."""
    lines = _json_lines(rows) if form == "json" else csv_lines(columns, (csv_row(row) for row in rows))
    if file is None:
        for line in lines:
            click.echo(line, nl=False)
        return
    with _written(file) as target:
        for line in lines:
            target.write(line.encode())


def _json_lines(rows: Iterable[dict[str, Any]]) -> Iterator[str]:
    lead = "["
    for row in rows:
        yield f"{lead}{json.dumps(row, ensure_ascii=False)}"
        lead = ",\n"
    yield "[]\n" if lead == "[" else "]\n"


def _flat(value: object) -> object:
    if isinstance(value, bool):
        return str(value).lower()
    return " ".join(map(str, value)) if isinstance(value, list) else value


@contextmanager
def _written(file: Path) -> Iterator[IO[bytes]]:
    """A file that is there whole or not at all, and that only its owner reads. Raises Problem file_unwritable."""
    try:
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    except OSError as error:
        raise _unwritable(file, error) from error
    try:
        with os.fdopen(handle, "w+b") as target:
            yield target
        os.replace(name, file)
    except OSError as error:
        raise _unwritable(file, error) from error
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)


def _unwritable(file: Path, error: OSError) -> Problem:
    return Problem(
        "file_unwritable",
        f"{file.name} cannot be written. Nothing was exported.",
        {"file": str(file), "why": error.strerror or type(error).__name__},
        "Check the folder and the rights on it.",
    )


def _tell(program: Program, file: Path | None, count: int) -> None:
    if file is not None:
        program.say(f"{file}: {count} baris.", f"{file}: {count} rows.")
