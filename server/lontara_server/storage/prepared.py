"""Statements of the operation path, compiled once for each kind of database and run by the driver's own cursor.

SQLAlchemy writes them, so that they are portable and can be walked; building one anew for each call costs more than
running it. Which statements there are stands with what they are for, in `operations`; nothing here knows a table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from operator import itemgetter
from typing import Any, Final, TypeAlias

from sqlalchemy import (
    ARRAY,
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Date,
    Dialect,
    Executable,
    Integer,
    LargeBinary,
    String,
    Table,
    Uuid,
    any_,
    bindparam,
    insert,
)
from sqlalchemy.sql import ClauseElement
from sqlalchemy.types import TypeEngine

from lontara_core.identifiers import bytes_of_id, id_of_bytes
from lontara_server.storage.models import Identifier

Row: TypeAlias = tuple[Any, ...]
Convert: TypeAlias = Callable[[Any], Any]
# Makes of a column the condition that its value is among the ids that are asked for.
Among: TypeAlias = Callable[[Any], ColumnElement[bool]]

# From this many rows on, PostgreSQL takes them faster through COPY.
COPY_ROWS_MIN: Final = 24
LIST_SIZES: Final = (1, 4, 16, 64, 256)
ARRAY_MAX: Final = 1000
_ORDINAL_2000: Final = date(2000, 1, 1).toordinal()
# Every statement of this module's kind, for the test that walks them.
PREPARED: Final[list[Prepared]] = []


class Prepared:
    """One statement. Its parameters are given by name; rows come as plain tuples, values as the models say."""

    def __init__(self, statement: Executable) -> None:
        self.statement = statement
        self._by_dialect: dict[str, _Compiled] = {}
        PREPARED.append(self)

    def rows(self, connection: Connection, **values: Any) -> list[Row]:
        """Run it and return every row."""
        compiled = self._compiled(connection)
        cursor = _cursor(connection)
        try:
            cursor.execute(compiled.text, compiled.parameters(values))
            return compiled.results(cursor.fetchall())
        finally:
            cursor.close()

    def row(self, connection: Connection, **values: Any) -> Row | None:
        """Run it and return its first row."""
        found = self.rows(connection, **values)
        return found[0] if found else None

    def run(self, connection: Connection, **values: Any) -> int:
        """Run it and return how many rows it touched."""
        compiled = self._compiled(connection)
        cursor = _cursor(connection)
        try:
            cursor.execute(compiled.text, compiled.parameters(values))
            return int(cursor.rowcount)
        finally:
            cursor.close()

    def run_many(self, connection: Connection, many: Sequence[Mapping[str, Any]]) -> None:
        """Run it once for each set of values."""
        if not many:
            return
        compiled = self._compiled(connection)
        cursor = _cursor(connection)
        try:
            cursor.executemany(compiled.text, [compiled.parameters(values) for values in many])
        finally:
            cursor.close()

    def run_rows(self, connection: Connection, names: Sequence[str], rows: Sequence[Row]) -> None:
        """Run it once for each row of values, which stand in the order of `names`."""
        if not rows:
            return
        compiled = self._compiled(connection)
        cursor = _cursor(connection)
        try:
            cursor.executemany(compiled.text, compiled.rows(names, rows))
        finally:
            cursor.close()

    def _compiled(self, connection: Connection) -> _Compiled:
        name = connection.dialect.name
        found = self._by_dialect.get(name)
        if found is None:
            found = self._by_dialect[name] = _Compiled(self.statement, connection.dialect)
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
        self._insert = Prepared(insert(table).values({name: bindparam(name) for name in self.names}))
        self._copy: _Copy | None = None

    def add(self, connection: Connection, rows: Sequence[Row]) -> None:
        """Insert the rows, all of them new."""
        if connection.dialect.name == "postgresql" and len(rows) >= COPY_ROWS_MIN:
            if self._copy is None:
                self._copy = _Copy(self._table)
            self._copy.add(connection, rows)
            return
        self._insert.run_rows(connection, self.names, rows)


class _Compiled:
    """A statement's text for one dialect, with the conversions of its parameters and columns."""

    def __init__(self, statement: Executable, dialect: Dialect) -> None:
        assert isinstance(statement, ClauseElement)
        compiled: Any = statement.compile(dialect=dialect)
        self.text: str = compiled.string
        binds: dict[str, Any] = {name: bind for bind, name in compiled.bind_names.items()}
        self._order: list[str] | None = list(compiled.positiontup) if compiled.positional else None
        self._binds = {name: _to_driver(bind.type, dialect) for name, bind in binds.items()}
        self._fixed: dict[str, Any] = {}
        self._fixed = self._converted({
            name: value for name, value in compiled.params.items() if value is not None and not binds[name].required
        })
        columns: Any = getattr(statement, "selected_columns", None) or getattr(statement, "exported_columns", None) or ()
        processors = [_from_driver(column.type, dialect) for column in columns]
        self._results = [(place, each) for place, each in enumerate(processors) if each is not None]

    def parameters(self, values: Mapping[str, Any]) -> Any:
        """The values as the driver takes them."""
        given = self._converted(values)
        return given if self._order is None else [given[name] for name in self._order]

    def _converted(self, values: Mapping[str, Any]) -> dict[str, Any]:
        binds, given = self._binds, dict(self._fixed)
        for name, value in values.items():
            convert = binds[name]
            given[name] = value if convert is None or value is None else convert(value)
        return given

    def rows(self, names: Sequence[str], rows: Sequence[Row]) -> list[Any]:
        """Rows of values as the driver takes them."""
        converts = [self._binds[name] for name in names]
        packed = [(place, convert) for place, convert in enumerate(converts) if convert is not None]
        made: list[Any] = []
        for row in rows:
            values = list(row)
            for place, convert in packed:
                if values[place] is not None:
                    values[place] = convert(values[place])
            made.append(values)
        if self._order is None:
            return [dict(zip(names, values, strict=True)) for values in made]
        if self._order != list(names):
            order = itemgetter(*(names.index(name) for name in self._order))
            return [order(values) for values in made]
        return made

    def results(self, rows: list[Row]) -> list[Row]:
        """The rows with their values as the models say."""
        if not self._results:
            return rows
        made = []
        for row in rows:
            values = list(row)
            for place, convert in self._results:
                if values[place] is not None:
                    values[place] = convert(values[place])
            made.append(tuple(values))
        return made


def _to_driver(kind: TypeEngine[Any], dialect: Dialect) -> Convert | None:
    if isinstance(kind, Identifier) and dialect.name == "sqlite":
        return bytes_of_id
    if isinstance(kind, Date):
        # Both drivers take a day as YYYY-MM-DD, which is what a record holds.
        return _iso
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _from_driver(kind: TypeEngine[Any], dialect: Dialect) -> Convert | None:
    if isinstance(kind, Identifier):
        return id_of_bytes if dialect.name == "sqlite" else str
    return kind.dialect_impl(dialect).result_processor(dialect, None)


def _iso(day: date | str) -> str:
    return day if isinstance(day, str) else day.isoformat()


class _Copy:
    """COPY … FROM STDIN (FORMAT BINARY) of one table; ids and dates are packed here, so that no type is looked up."""

    def __init__(self, table: Table) -> None:
        names = ", ".join(f'"{column.name}"' for column in table.columns)
        self._text = f'COPY "{table.name}" ({names}) FROM STDIN (FORMAT BINARY)'
        kinds = [_binary(column) for column in table.columns]
        self._types = [kind for kind, _ in kinds]
        self._packed = [(place, convert) for place, (_, convert) in enumerate(kinds) if convert is not None]

    def add(self, connection: Connection, rows: Sequence[Row]) -> None:
        with _cursor(connection) as cursor, cursor.copy(self._text) as copy:
            copy.set_types(self._types)
            for row in rows:
                values = list(row)
                for place, convert in self._packed:
                    if values[place] is not None:
                        values[place] = convert(values[place])
                copy.write_row(values)


def _binary(column: Column[Any]) -> tuple[str, Convert | None]:
    """The type under which COPY sends a column, and what packs its value where the driver need not know its type."""
    kind = column.type
    if isinstance(kind, Identifier):
        return "bytea", bytes_of_id
    if isinstance(kind, Date):
        return "bytea", _days_since_2000
    for known, name in ((Boolean, "bool"), (Integer, "int8"), (LargeBinary, "bytea"), (String, "text")):
        if isinstance(kind, known):
            return name, None
    raise TypeError(f"no binary form for {column}")


def _days_since_2000(day: date | str) -> bytes:
    whole = date.fromisoformat(day) if isinstance(day, str) else day
    return (whole.toordinal() - _ORDINAL_2000).to_bytes(4, "big", signed=True)


def _cursor(connection: Connection) -> Any:
    driver = connection.connection.driver_connection
    assert driver is not None
    return driver.cursor()
