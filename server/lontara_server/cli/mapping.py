"""`lontara-server mapping`: which column of an office's files is which field, saved by name and shown."""

from __future__ import annotations

import click

from lontara_server.cli.program import Program, print_json
from lontara_server.services import mappings
from lontara_server.services.column_names import SPELLINGS
from lontara_server.storage.engine import transaction

KIND = click.Choice(sorted(SPELLINGS))


@click.group()
def mapping() -> None:
    """Saved mappings of columns, for `import --mapping NAME`."""


@mapping.command("save")
@click.argument("kind", type=KIND)
@click.argument("name")
@click.option("--column", "pairs", multiple=True, required=True, metavar="FIELD=COLUMN", help="May be given repeatedly.")
@click.pass_obj
def save(program: Program, kind: str, name: str, pairs: tuple[str, ...]) -> None:
    """Remember which column is which field; one of this name is replaced.

    Example: lontara-server mapping save employee simpeg --column nip="NIP BARU" --column full_name="NAMA PEGAWAI"
    """
    columns = {field.strip(): column.strip() for field, _, column in (pair.partition("=") for pair in pairs)}
    with transaction(program.engine) as connection:
        mappings.save_preset(
            connection, program.org_id, kind, name, columns, by=program.login, now_ms=program.now_ms()
        )  # fmt: skip
    program.say(f"Pemetaan {name} tersimpan.", f"The mapping {name} is saved.")


@mapping.command("list")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def list_mappings(program: Program, *, as_json: bool) -> None:
    """List every saved mapping. Example: lontara-server mapping list --json"""
    with transaction(program.engine) as connection:
        rows = mappings.list_presets(connection, program.org_id)
    if as_json:
        print_json(rows)
        return
    headings = (("Impor", "Import"), ("Nama", "Name"), ("Kolom", "Columns"))
    told = [[row["kind"], row["name"], _in_short(row["columns"])] for row in rows]
    program.table(headings, told)


@mapping.command("show")
@click.argument("kind", type=KIND)
@click.argument("name")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def show(program: Program, kind: str, name: str, *, as_json: bool) -> None:
    """Show one saved mapping. Example: lontara-server mapping show employee simpeg"""
    with transaction(program.engine) as connection:
        columns = mappings.preset_of(connection, program.org_id, kind, name)
    if as_json:
        print_json({"kind": kind, "name": name, "columns": columns})
        return
    program.table((("Isian", "Field"), ("Kolom", "Column")), [[field, column] for field, column in columns.items()])


def _in_short(columns: dict[str, str]) -> str:
    return ", ".join(f"{field} = {column}" for field, column in columns.items())
