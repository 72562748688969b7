"""How a statement that is compiled once is run: by the driver's cursor on SQLite, by libpq itself on PostgreSQL.

PostgreSQL's driver spends more on a small statement than the server does: it looks up types, adapts and waits in
Python. Here the types are known from the models, so parameters go as they are to PQexecPrepared (psycopg's `pq`), and
only the rows that come back are read by the driver. Nothing here knows a table.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from functools import lru_cache, partial
from itertools import count
from operator import itemgetter
from struct import Struct
from typing import Any, Final, Protocol, TypeAlias

from psycopg import adapters, errors, pq
from psycopg.adapt import AdaptersMap, Transformer
from psycopg.types.string import TextLoader
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    Connection,
    Date,
    Dialect,
    Executable,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    Uuid,
)
from sqlalchemy.sql import ClauseElement
from sqlalchemy.types import TypeEngine

from lontara_core.identifiers import bytes_of_id, id_of_bytes
from lontara_server.storage.models import Identifier

Row: TypeAlias = tuple[Any, ...]
Convert: TypeAlias = Callable[[Any], Any]
Encode: TypeAlias = Callable[[Any], bytes]

# So many statements go out before their results are read: what comes back fits into a socket's buffer.
PIPELINED_MAX: Final = 64
_ORDINAL_2000: Final = date(2000, 1, 1).toordinal()
_TEXT, _BINARY = 0, 1


class Compiled(Protocol):
    """A statement as one kind of database runs it."""

    def rows(self, connection: Connection, values: Mapping[str, Any]) -> list[Row]:
        """Run it and return every row."""

    def run(self, connection: Connection, values: Mapping[str, Any]) -> int:
        """Run it and return how many rows it touched."""

    def run_rows(self, connection: Connection, names: Sequence[str], rows: Sequence[Row]) -> None:
        """Run it once for each row of values, which stand in the order of `names`."""


class OnSqlite:
    """By the driver's own cursor."""

    def __init__(self, statement: Executable, dialect: Dialect) -> None:
        compiled, binds, self._fixed = _compile(statement, dialect)
        self._text: str = compiled.string
        self._order = list(compiled.positiontup)
        self._binds = {name: _to_sqlite(kind, dialect) for name, kind in binds.items()}
        self._fixed = self._converted(self._fixed)
        processors = [_from_sqlite(column.type, dialect) for column in _columns_of(statement)]
        self._results = [(place, each) for place, each in enumerate(processors) if each is not None]

    def rows(self, connection: Connection, values: Mapping[str, Any]) -> list[Row]:
        cursor = _driver_of(connection).execute(self._text, self._parameters(values))
        return self._read(cursor.fetchall())

    def run(self, connection: Connection, values: Mapping[str, Any]) -> int:
        return int(_driver_of(connection).execute(self._text, self._parameters(values)).rowcount)

    def run_rows(self, connection: Connection, names: Sequence[str], rows: Sequence[Row]) -> None:
        packed = [(place, each) for place, name in enumerate(names) if (each := self._binds[name]) is not None]
        made: list[Any] = []
        for row in rows:
            values = list(row)
            for place, convert in packed:
                if values[place] is not None:
                    values[place] = convert(values[place])
            made.append(values)
        if self._order != list(names):
            order = itemgetter(*(names.index(name) for name in self._order))
            made = [order(values) for values in made] if len(self._order) > 1 else [[order(each)] for each in made]
        _driver_of(connection).executemany(self._text, made)

    def _parameters(self, values: Mapping[str, Any]) -> list[Any]:
        given = self._converted(values)
        return [given[name] for name in self._order]

    def _converted(self, values: Mapping[str, Any]) -> dict[str, Any]:
        binds, given = self._binds, dict(self._fixed)
        for name, value in values.items():
            convert = binds[name]
            given[name] = value if convert is None or value is None else convert(value)
        return given

    def _read(self, rows: list[Row]) -> list[Row]:
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


class OnPostgresql:
    """By libpq: prepared on a connection at its first use there, under a name of its own."""

    _numbers: Final = count(1)

    def __init__(self, statement: Executable, dialect: Dialect) -> None:
        compiled, binds, fixed = _compile(statement, dialect)
        self.order = list(dict.fromkeys(re.findall(r"%\((\w+)\)s", compiled.string)))
        places = {name: place for place, name in enumerate(self.order, start=1)}
        self.text = re.sub(r"%\((\w+)\)s", lambda found: f"${places[found[1]]}", compiled.string).replace("%%", "%")
        self._name = b"lontara_%d" % next(self._numbers)
        self._encoders = [(name, _to_postgresql(binds[name])) for name in self.order]
        self._formats = [_BINARY if isinstance(binds[name], LargeBinary) else _TEXT for name in self.order]
        self.fixed = fixed

    def rows(self, connection: Connection, values: Mapping[str, Any]) -> list[Row]:
        session = _session_of(connection)
        result = self._done(session, self._parameters(values))
        if not result.ntuples:
            return []
        reader = session.reader
        reader.set_pgresult(result, format=pq.Format.TEXT)
        found: list[Row] = reader.load_rows(0, result.ntuples, tuple)
        return found

    def run(self, connection: Connection, values: Mapping[str, Any]) -> int:
        return self._done(_session_of(connection), self._parameters(values)).command_tuples or 0

    def run_rows(self, connection: Connection, names: Sequence[str], rows: Sequence[Row]) -> None:
        session = _session_of(connection)
        self._prepare(session)
        made = [
            (self._name, self._parameters(dict(zip(names, row, strict=True))), self._formats) for row in rows
        ]  # fmt: skip
        if session.waiting is not None:
            session.waiting += made
        else:
            _send_together(session.link, made)

    def _parameters(self, values: Mapping[str, Any]) -> list[bytes | None]:
        given = {**self.fixed, **values} if self.fixed else values
        return [None if (value := given[name]) is None else encode(value) for name, encode in self._encoders]

    def _prepare(self, session: _Session) -> None:
        if self._name not in session.prepared:
            _check(session.link.prepare(self._name, self.text.encode()))
            session.prepared.add(self._name)

    def _done(self, session: _Session, parameters: list[bytes | None]) -> Any:
        self._prepare(session)
        return _check(session.link.exec_prepared(self._name, parameters, self._formats))


# A prepared statement's name, its parameters and their formats.
_Sent: TypeAlias = tuple[bytes, list[bytes | None], list[int]]


@contextmanager
def together(connection: Connection) -> Iterator[None]:
    """What `run_rows` writes inside goes to PostgreSQL in one trip at the end, in order; reads inside see none of it."""
    if connection.dialect.name != "postgresql":
        yield
        return
    session = _session_of(connection)
    session.waiting = []
    try:
        yield
        waiting = session.waiting
    finally:
        session.waiting = None
    _send_together(session.link, waiting)


def _send_together(link: Any, many: list[_Sent]) -> None:
    if len(many) == 1:
        _check(link.exec_prepared(*many[0]))
        return
    for start in range(0, len(many), PIPELINED_MAX):
        for result in _pipelined(link, many[start : start + PIPELINED_MAX]):
            _check(result)


def _pipelined(link: Any, many: list[_Sent]) -> list[Any]:
    """The result of each, all of them read; after one that failed the others were not run."""
    link.enter_pipeline_mode()
    try:
        for each in many:
            link.send_query_prepared(*each)
        link.pipeline_sync()
        results = [_next_result(link) for _ in many]
        link.get_result()  # of the synchronisation
        return results
    finally:
        link.exit_pipeline_mode()


def _next_result(link: Any) -> Any:
    result = link.get_result()
    if result is None:
        # The connection broke off: no result says so, the connection does.
        raise errors.OperationalError(link.get_error_message())
    link.get_result()  # the end of this one's results
    return result


class _Session:
    """What is known of one connection to PostgreSQL: which statements it holds, and a reader of rows."""

    def __init__(self, driver: Any) -> None:
        self._driver = driver
        self.link: Any = driver.pgconn
        self.prepared: set[bytes] = set()
        self.doubtful = False
        self.waiting: list[_Sent] | None = None
        self.reader: Any = Transformer(_Reading(driver))

    def begin(self) -> None:
        """Begin the transaction, if nothing has: the driver does it at the first statement that goes through itself."""
        if self.link.transaction_status == pq.TransactionStatus.IDLE:
            level, read_only = self._driver.isolation_level, self._driver.read_only
            words = [
                f" ISOLATION LEVEL {level.name.replace('_', ' ')}" if level else "",
                " READ ONLY" if read_only else "",
            ]
            _check(self.link.exec_(f"BEGIN{''.join(words)}".encode()))

    def look_again(self) -> None:
        """Learn which statements are left: the driver drops every prepared one after a rollback, also those of here."""
        # Through the driver, which drops them before its next statement where it has not done so yet.
        rows = self._driver.execute("SELECT name FROM pg_prepared_statements", prepare=False)
        self.prepared = {name.encode() for (name,) in rows}
        self.doubtful = False


class _Reading:
    """How values are read: as the driver does, but an id is the text that it is on the wire."""

    adapters: Final = AdaptersMap(adapters)

    def __init__(self, driver: Any) -> None:
        self.connection = driver


_Reading.adapters.register_loader("uuid", TextLoader)
_SESSION: Final = "lontara session"


def _session_of(connection: Connection) -> _Session:
    info = connection.info
    found = info.get(_SESSION)
    if found is None:
        found = info[_SESSION] = _Session(_driver_of(connection))
    assert isinstance(found, _Session)
    found.begin()
    if found.doubtful:
        found.look_again()
    return found


def rolled_back(connection: Connection, *_: object) -> None:
    """A transaction, or what was done since a savepoint, is being taken back on this connection."""
    # One that was lost has no session any more, and may not be asked for it.
    session = None if connection.invalidated else connection.info.get(_SESSION)
    if isinstance(session, _Session):
        session.doubtful = True


def _check(result: Any) -> Any:
    if result.status in (pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK):
        return result
    raise errors.error_from_result(result)


class Copy:
    """COPY … FROM STDIN (FORMAT BINARY) of one table; the types are known, so its bytes are made here."""

    def __init__(self, table: Table) -> None:
        names = ", ".join(f'"{column.name}"' for column in table.columns)
        self._text = f'COPY "{table.name}" ({names}) FROM STDIN (FORMAT BINARY)'.encode()
        self._width = _INT2(len(table.columns))
        self._fields = [_binary(column) for column in table.columns]

    def add(self, connection: Connection, rows: Sequence[Row]) -> None:
        width, fields = self._width, self._fields
        parts = [_COPY_HEAD]
        for row in rows:
            parts.append(width)
            parts += [_NULL if value is None else pack(value) for value, pack in zip(row, fields, strict=True)]
        parts.append(_COPY_END)
        link = _session_of(connection).link
        started = link.exec_(self._text)
        if started.status != pq.ExecStatus.COPY_IN:
            raise errors.error_from_result(started)
        link.put_copy_data(b"".join(parts))
        link.put_copy_end()
        result = _next_result(link)
        _check(result)


def _compile(statement: Executable, dialect: Dialect) -> tuple[Any, dict[str, TypeEngine[Any]], dict[str, Any]]:
    """The compiled statement, the type of each parameter, and the values of those that are not given at a call."""
    assert isinstance(statement, ClauseElement)
    compiled: Any = statement.compile(dialect=dialect)
    binds: dict[str, Any] = {name: bind for bind, name in compiled.bind_names.items()}
    fixed = {
        name: value for name, value in compiled.params.items() if value is not None and not binds[name].required
    }  # fmt: skip
    return compiled, {name: bind.type for name, bind in binds.items()}, fixed


def _columns_of(statement: Executable) -> Any:
    return getattr(statement, "selected_columns", None) or getattr(statement, "exported_columns", None) or ()


def _to_sqlite(kind: TypeEngine[Any], dialect: Dialect) -> Convert | None:
    if isinstance(kind, Identifier):
        return bytes_of_id
    if isinstance(kind, Date):
        # The driver takes a day as YYYY-MM-DD, which is what a record holds.
        return _iso
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _from_sqlite(kind: TypeEngine[Any], dialect: Dialect) -> Convert | None:
    return _known_id if isinstance(kind, Identifier) else kind.dialect_impl(dialect).result_processor(dialect, None)


# The same few people, units and devices stand in most rows.
_known_id: Final = lru_cache(maxsize=4096)(id_of_bytes)


def _to_postgresql(kind: TypeEngine[Any]) -> Encode:
    if isinstance(kind, ARRAY):
        return _array_of(kind.item_type)
    if isinstance(kind, Date):
        return lambda day: _iso(day).encode()
    for known, encode in _ENCODERS:
        if isinstance(kind, known):
            return encode
    raise TypeError(f"no form for a parameter of type {kind!r}")


def _array_of(kind: TypeEngine[Any]) -> Encode:
    """How a list goes out as one parameter: its values as text, those with any text in them in quotes."""
    encode = _to_postgresql(kind)
    if isinstance(kind, String):
        return lambda texts: ("{" + ",".join([_quoted(text) for text in texts]) + "}").encode()
    return lambda values: b"{" + b",".join([b"NULL" if each is None else encode(each) for each in values]) + b"}"


def _quoted(text: str | None) -> str:
    if text is None:
        return "NULL"
    if '"' in text or "\\" in text:
        text = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'


_ENCODERS: Final[tuple[tuple[Any, Encode], ...]] = (
    (LargeBinary, bytes),
    (Boolean, lambda value: b"t" if value else b"f"),
    (Integer, lambda value: b"%d" % value),
    ((Identifier, String, Uuid), str.encode),
)


def _iso(day: date | str) -> str:
    return day if isinstance(day, str) else day.isoformat()


def _binary(column: Column[Any]) -> Encode:
    """How COPY sends a value of the column: its length in four bytes, then the value."""
    kind = column.type
    if isinstance(kind, Identifier):
        return _packed_id
    if isinstance(kind, Date):
        return _packed_day
    for known, pack in _PACKED:
        if isinstance(kind, known):
            return pack
    raise TypeError(f"no binary form for {column}")


def _packed_bytes(value: bytes) -> bytes:
    return _INT4(len(value)) + value


def _packed_text(text: str) -> bytes:
    return _packed_bytes(text.encode())


@lru_cache(maxsize=8192)
def _packed_id(text: str) -> bytes:
    return _packed_bytes(bytes_of_id(text))


@lru_cache(maxsize=4096)
def _packed_day(day: date | str) -> bytes:
    whole = date.fromisoformat(day) if isinstance(day, str) else day
    return _packed_bytes(_INT4(whole.toordinal() - _ORDINAL_2000))


_INT2, _INT4 = Struct(">h").pack, Struct(">i").pack
_PACKED: Final[tuple[tuple[Any, Encode], ...]] = (
    (Boolean, lambda value: b"\0\0\0\1\1" if value else b"\0\0\0\1\0"),
    (BigInteger, partial(Struct(">iq").pack, 8)),
    (SmallInteger, partial(Struct(">ih").pack, 2)),
    (Integer, partial(Struct(">ii").pack, 4)),
    (LargeBinary, _packed_bytes),
    (String, _packed_text),
)
_NULL: Final = _INT4(-1)
# The signature, no flags, no extension; and the width of a row that is none.
_COPY_HEAD: Final = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_COPY_END: Final = _INT2(-1)


def _driver_of(connection: Connection) -> Any:
    driver = connection.connection.driver_connection
    assert driver is not None
    return driver
