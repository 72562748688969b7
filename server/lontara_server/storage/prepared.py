"""Statements of the operation path, compiled once for each kind of database; how they are run, `compiled` knows.

SQLAlchemy writes them, so that they are portable and can be walked; building one anew for each call costs more than
running it. Which statements there are stands with what they are for, in `operations`; nothing here knows a table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, Final, TypeAlias

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Connection,
    Executable,
    Table,
    Uuid,
    any_,
    bindparam,
    func,
    insert,
    update,
)
from sqlalchemy.types import TypeEngine

from lontara_server.storage.compiled import Compiled, Copy, OnPostgresql, OnSqlite, Row, together
from lontara_server.storage.models import Identifier

__all__ = ["Changes", "Prepared", "PreparedList", "Rows", "together"]

# Makes of a column the condition that its value is among the ids that are asked for.
Among: TypeAlias = Callable[[Any], ColumnElement[bool]]

# From this many rows on, PostgreSQL takes them faster through COPY.
COPY_ROWS_MIN: Final = 24
LIST_SIZES: Final = (1, 4, 16, 64, 256)
ARRAY_MAX: Final = 1000
# Every statement of this module's kind, for the test that walks them.
PREPARED: Final[list[Prepared]] = []


class Prepared:
    """One statement. Its parameters are given by name; rows come as plain tuples, values as the models say."""

    def __init__(self, statement: Executable) -> None:
        self.statement = statement
        self._by_dialect: dict[str, Compiled] = {}
        PREPARED.append(self)

    def rows(self, connection: Connection, **values: Any) -> list[Row]:
        """Run it and return every row."""
        return self.compiled(connection).rows(connection, values)

    def row(self, connection: Connection, **values: Any) -> Row | None:
        """Run it and return its first row."""
        found = self.rows(connection, **values)
        return found[0] if found else None

    def run(self, connection: Connection, **values: Any) -> int:
        """Run it and return how many rows it touched."""
        return self.compiled(connection).run(connection, values)

    def run_many(self, connection: Connection, many: Sequence[Mapping[str, Any]]) -> None:
        """Run it once for each set of values."""
        if many:
            names = tuple(many[0])
            self.run_rows(connection, names, [tuple(values[name] for name in names) for values in many])

    def run_rows(self, connection: Connection, names: Sequence[str], rows: Sequence[Row]) -> None:
        """Run it once for each row of values, which stand in the order of `names`."""
        if rows:
            self.compiled(connection).run_rows(connection, names, rows)

    def compiled(self, connection: Connection) -> Compiled:
        """The statement as this kind of database runs it."""
        name = connection.dialect.name
        found = self._by_dialect.get(name)
        if found is None:
            kind = OnPostgresql if name == "postgresql" else OnSqlite
            found = self._by_dialect[name] = kind(self.statement, connection.dialect)
        return found


class PreparedList:
    """A statement about a list of ids, written as a function of the condition that a column is among them.

    PostgreSQL gets them as one array: of a list written out its planner expects so many look-ups that, while it knows
    nothing of the table, it reads all of the org instead. SQLite has no arrays: a few fixed lengths, the list filled
    up with its last id.
    """

    def __init__(self, write: Callable[[Among], Executable]) -> None:
        array = bindparam("ids", type_=ARRAY(Uuid(as_uuid=False)))
        self._of_array = Prepared(write(lambda column: column == any_(array)))
        self._by_size = {size: Prepared(write(_written_out(size))) for size in LIST_SIZES}

    def rows(self, connection: Connection, ids: Iterable[str], **values: Any) -> list[Row]:
        """Run it for all ids, in order and each once, in as many parts as it takes; return every row."""
        found: list[Row] = []
        ordered = sorted(set(ids))
        if connection.dialect.name == "postgresql":
            for start in range(0, len(ordered), ARRAY_MAX):
                found += self._of_array.rows(connection, ids=ordered[start : start + ARRAY_MAX], **values)
            return found
        for part in _parts(ordered):
            names = {f"id_{number}": each for number, each in enumerate(part)}
            found += self._by_size[len(part)].rows(connection, **names, **values)
        return found

    def run(self, connection: Connection, ids: Iterable[str], **values: Any) -> None:
        """Run it for all ids, in order and each once, in as many parts as it takes."""
        ordered = sorted(set(ids))
        if connection.dialect.name == "postgresql":
            for start in range(0, len(ordered), ARRAY_MAX):
                self._of_array.run(connection, ids=ordered[start : start + ARRAY_MAX], **values)
            return
        for part in _parts(ordered):
            names = {f"id_{number}": each for number, each in enumerate(part)}
            self._by_size[len(part)].run(connection, **names, **values)


def _written_out(size: int) -> Among:
    return lambda column: column.in_([bindparam(f"id_{number}", type_=Identifier) for number in range(size)])


def _parts(ids: list[str]) -> Iterator[list[str]]:
    largest = LIST_SIZES[-1]
    for start in range(0, len(ids), largest):
        part = ids[start : start + largest]
        size = next(each for each in LIST_SIZES if each >= len(part))
        yield part + part[-1:] * (size - len(part))


class Rows:
    """Inserts whole rows into one table: given as tuples in the order of its columns."""

    def __init__(self, table: Table) -> None:
        self.names = tuple(column.name for column in table.columns)
        self._table = table
        self._insert = self._of(1)
        self._by_count = {1: self._insert}
        self._copy: Copy | None = None

    def add(self, connection: Connection, rows: Sequence[Row]) -> None:
        """Insert the rows, all of them new."""
        if connection.dialect.name != "postgresql":
            self._insert.run_rows(connection, self.names, rows)
        elif len(rows) >= COPY_ROWS_MIN:
            if self._copy is None:
                self._copy = Copy(self._table)
            self._copy.add(connection, rows)
        elif rows:
            # In one statement: a trip to the server costs more than a row.
            count = len(rows)
            statement = self._by_count.get(count)
            if statement is None:
                statement = self._by_count[count] = self._of(count)
            statement.run_rows(connection, self._named(count), [tuple(chain.from_iterable(rows))])

    def _of(self, count: int) -> Prepared:
        named = iter(self._named(count))
        rows = [
            {column.name: bindparam(next(named), type_=column.type) for column in self._table.columns}
            for _ in range(count)
        ]
        return Prepared(insert(self._table).values(rows[0] if count == 1 else rows))

    def _named(self, count: int) -> list[str]:
        if count == 1:
            return list(self.names)
        return [f"{name}_{number}" for number in range(count) for name in self.names]


class Changes:
    """Changes some columns of rows of one table, all rows at once where the database has arrays."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._by_names: dict[tuple[str, tuple[str, ...]], Prepared] = {}

    def write(self, connection: Connection, org_id: int, names: tuple[str, ...], rows: Sequence[Row]) -> None:
        """Give these columns of the org's rows other values; each of `rows` is an id with the values of `names`."""
        if not rows:
            return
        with_arrays = connection.dialect.name == "postgresql"
        key = ("arrays" if with_arrays else "row", names)
        statement = self._by_names.get(key)
        if statement is None:
            write = self._by_arrays if with_arrays else self._by_row
            statement = self._by_names[key] = Prepared(write(names))
        given = ("org", "key", *(f"new_{name}" for name in names))
        made = [(org_id, *zip(*rows, strict=True))] if with_arrays else [(org_id, *row) for row in rows]
        statement.run_rows(connection, given, made)

    def _by_row(self, names: tuple[str, ...]) -> Executable:
        columns = self._table.c
        return (
            update(self._table)
            .where(columns.org_id == bindparam("org"), columns.id == bindparam("key"))
            .values({name: bindparam(f"new_{name}") for name in names})
        )

    def _by_arrays(self, names: tuple[str, ...]) -> Executable:
        columns = self._table.c
        keys = bindparam("key", type_=ARRAY(Uuid(as_uuid=False)))
        new = [bindparam(f"new_{name}", type_=ARRAY(_element(columns[name].type))) for name in names]
        given = func.unnest(keys, *new).table_valued("id", *names, name="given").render_derived()
        return (
            update(self._table)
            # Without the second condition on the ids PostgreSQL reads every row of the org.
            .where(columns.org_id == bindparam("org"), columns.id == given.c.id, columns.id == any_(keys))
            .values({name: given.c[name] for name in names})
        )


def _element(kind: TypeEngine[Any]) -> TypeEngine[Any]:
    return Uuid(as_uuid=False) if isinstance(kind, Identifier) else kind
