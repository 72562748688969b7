"""Which column of a file is which field: told by a preset that an office has saved, else guessed from the header.

How columns are usually called is `column_names`. Works in the transaction that it is given.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from lontara_core.canonical import encode, tidy_text
from lontara_core.problems import Problem
from lontara_server.services.column_names import SPELLINGS, column_key, guessed_columns, guessed_people_columns
from lontara_server.services.table_file import Table
from lontara_server.storage import mappings as store
from lontara_server.storage.engine import Connection
from lontara_server.storage.orgs import add_audit

NAME_LENGTH_MAX: Final = 60


def columns_of(connection: Connection, org_id: int, kind: str, table: Table, mapping: str | None) -> dict[str, str]:
    """{field: column in the file}. A preset is exact: what it does not name is not read.

    mapping: a preset's name; None: the columns are guessed by their spelling.
    Raises Problem not_found, import_refused.
    """
    if mapping is None:
        return guessed_people_columns(table.header) if kind == "employee" else guessed_columns(table.header, SPELLINGS[kind])
    wanted = preset_of(connection, org_id, kind, mapping)
    by_key = {column_key(column): column for column in reversed(table.header)}
    missing = sorted(column for column in wanted.values() if column_key(column) not in by_key)
    if missing:
        raise missing_columns(missing, table, [*wanted.values()])
    return {field: by_key[column_key(column)] for field, column in wanted.items()}


def missing_columns(missing: list[str], table: Table, wanted: list[str]) -> Problem:
    """The Problem for a file that lacks columns."""
    return Problem(
        "import_refused",
        f"The file has no column {', '.join(missing)}. Nothing was imported.",
        {"missing_columns": missing, "columns": list(table.header)},
        f"Name the columns in the first row: {', '.join(wanted)}.",
    )


def save_preset(
    connection: Connection, org_id: int, kind: str, name: str, columns: Mapping[str, str], *, by: str, now_ms: int
) -> None:
    """Remember which column is which field; a preset of this name is replaced. Raises Problem invalid_field."""
    known, title = _fields_of(kind), tidy_text(name)
    if not 0 < len(title) <= NAME_LENGTH_MAX:
        raise Problem(
            "invalid_field",
            f"A mapping's name has 1 to {NAME_LENGTH_MAX} characters. Nothing was changed.",
            {"field": "name"},
            "Write another value.",
        )
    for field, column in columns.items():
        if field not in known or not column_key(column):
            raise Problem(
                "invalid_field",
                f"{field}={column} is no field with its column. Nothing was changed.",
                {"field": "column", "value": f"{field}={column}"},
                f"Fields: {', '.join(known)}.",
            )
    text = encode({field: tidy_text(column) for field, column in columns.items()}).decode()
    if store.presets_of(connection, org_id, kind).get((kind, title)) == text:
        return
    store.put_preset(connection, org_id, kind, title, text)
    facts = {"kind": kind, "name": title, "columns": dict(columns)}
    add_audit(connection, org_id, "mapping.save", by=by, now_ms=now_ms, facts=facts)


def preset_of(connection: Connection, org_id: int, kind: str, name: str) -> dict[str, str]:
    """{field: column} of one preset. Raises Problem not_found, invalid_field."""
    _fields_of(kind)
    text = store.presets_of(connection, org_id, kind).get((kind, name))
    if text is None:
        raise Problem(
            "not_found",
            f"There is no mapping {name} for {kind}. Nothing was changed.",
            {"kind": kind, "name": name},
            "`lontara-server mapping list` shows every mapping.",
        )
    return {str(field): str(column) for field, column in json.loads(text).items()}


def list_presets(connection: Connection, org_id: int, kind: str | None = None) -> list[dict[str, Any]]:
    """Every preset: its kind, name and columns."""
    return [
        {"kind": of, "name": name, "columns": json.loads(text)}
        for (of, name), text in store.presets_of(connection, org_id, kind).items()
    ]


def _fields_of(kind: str) -> tuple[str, ...]:
    if kind not in SPELLINGS:
        raise Problem(
            "invalid_field",
            f"There is no import of {kind}. Nothing was changed.",
            {"field": "kind", "value": kind},
            f"Kinds: {', '.join(sorted(SPELLINGS))}.",
        )
    return tuple(SPELLINGS[kind])
