"""The rule that lets the tables be spread over machines by org, applied to one SQL statement as PostgreSQL gets it.

In each SELECT, UPDATE and DELETE, subqueries included, every tenant table is held to one org by a constant of its own;
each INSERT and COPY names the org; nothing appears that a database distributed by org refuses. What the statement is
for is not looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

import sqlglot
from sqlglot import exp

from lontara_server.storage.models import Base

ORG: Final = "org_id"
# The same for every org, and copied to each machine; test_schema names them.
TENANT_TABLES: Final = frozenset(name for name, table in Base.metadata.tables.items() if ORG in table.columns)
# The one table that is also read whole: jobs and the operator's commands ask which orgs there are.
READ_WHOLE: Final = "org"

_COLUMNS_REFUSED: Final = frozenset({"xmin", "xmax", "ctid"})
_FUNCTIONS_REFUSED: Final = re.compile(r"pg_(try_)?advisory_|nextval|currval|setval|txid_|pg_current_xact_id")
# One lock there is that nothing depends on: it spares a second process a job that a unique row keeps it from anyhow.
_SPARING: Final = re.compile(r"SELECT pg_try_advisory_xact_lock\(%\(key\)s\)")
_COPY: Final = re.compile(r"\s*COPY\s+\"?(\w+)\"?\s*\(\s*\"?(\w+)", re.IGNORECASE)
_PLACEHOLDER: Final = re.compile(r"%\(\w+\)[stb]|%[stb]")


@cache
def faults_of(statement: str) -> tuple[str, ...]:
    """What is against the rule in this statement, in words; nothing where it keeps it."""
    copied = _COPY.match(statement)
    if copied is not None:
        table, first = copied.groups()
        return () if table not in TENANT_TABLES or first == ORG else (f"COPY {table} does not begin with the org",)
    if statement.lower().startswith(("show ", "set ")) or _SPARING.fullmatch(statement):
        return ()
    tree = sqlglot.parse_one(_PLACEHOLDER.sub("'value'", statement).replace("%%", "%"), dialect="postgres")
    if isinstance(tree, exp.Create | exp.Alter | exp.Drop | exp.Command):
        # Migrations and settings of the session; test_schema holds the tables themselves to the rule.
        return ("a trigger, function or rule",) if _makes_code(tree, statement) else ()
    return (*_refused(tree), *(fault for block in _blocks(tree) for fault in _faults_of_block(block)))


def _makes_code(tree: exp.Expr, statement: str) -> bool:
    return isinstance(tree, exp.Create | exp.Command) and bool(
        re.search(r"\b(TRIGGER|FUNCTION|RULE|PROCEDURE|SEQUENCE)\b|^\s*DO\b", statement, re.IGNORECASE)
    )


def _blocks(tree: exp.Expr) -> Iterator[exp.Expr]:
    yield from tree.find_all(exp.Select, exp.Update, exp.Delete, exp.Insert, exp.Merge)


def _refused(tree: exp.Expr) -> Iterator[str]:
    for column in tree.find_all(exp.Column):
        if column.name.lower() in _COLUMNS_REFUSED:
            yield f"it reads {column.name}"
    for function in tree.find_all(exp.Func):
        name = function.name if isinstance(function, exp.Anonymous) else function.sql_name()
        if _FUNCTIONS_REFUSED.match(name.lower()):
            yield f"it calls {name.lower()}"


def _faults_of_block(block: exp.Expr) -> Iterator[str]:
    if isinstance(block, exp.Merge):
        yield "MERGE"
    elif isinstance(block, exp.Insert):
        yield from _faults_of_insert(block)
    else:
        yield from _unheld(block)
        if isinstance(block, exp.Update) and any(_name_set(each) == ORG for each in block.expressions):
            yield "it changes the org of a row"


def _unheld(block: exp.Expr) -> Iterator[str]:
    tables = list(_tables_of(block))
    conditions = list(_conditions_of(block))
    for table in tables:
        if table.name not in TENANT_TABLES:
            continue
        if not any(_holds(condition, table, alone=len(tables) == 1) for condition in conditions):
            whole = isinstance(block, exp.Select) and len(tables) == 1 and table.name == READ_WHOLE
            if not (whole and not conditions):
                yield f"{block.key}: {table.alias_or_name} is not held to one org by a constant"


def _tables_of(block: exp.Expr) -> Iterator[exp.Table]:
    """The tables that this block names itself; those of a subquery are its own block's."""
    sources: list[exp.Expr | None] = [block.this] if isinstance(block, exp.Update | exp.Delete) else []
    sources.append(block.args.get("from_") or block.args.get("from"))
    sources += block.args.get("joins") or []
    sources += block.args.get("using") or []
    for source in sources:
        while isinstance(source, exp.From | exp.Join):
            source = source.this
        if isinstance(source, exp.Table):
            yield source
            yield from (join.this for join in source.args.get("joins") or [] if isinstance(join.this, exp.Table))


def _conditions_of(block: exp.Expr) -> Iterator[exp.Expr]:
    where = block.args.get("where")
    joins = list(block.args.get("joins") or [])
    for source in (block.this, block.args.get("from_") or block.args.get("from")):
        inner = source.this if isinstance(source, exp.From) else source
        joins += (inner.args.get("joins") or []) if isinstance(inner, exp.Table) else []
    for condition in (where.this if where else None, *(join.args.get("on") for join in joins)):
        if condition is not None:
            yield from _conjuncts(condition)


def _conjuncts(condition: exp.Expr) -> Iterator[exp.Expr]:
    condition = condition.unnest()
    if isinstance(condition, exp.And):
        yield from _conjuncts(condition.this)
        yield from _conjuncts(condition.expression)
    else:
        yield condition


def _holds(condition: exp.Expr, table: exp.Table, *, alone: bool) -> bool:
    if not isinstance(condition, exp.EQ):
        return False
    for column, value in ((condition.this, condition.expression), (condition.expression, condition.this)):
        of_table = isinstance(column, exp.Column) and (
            column.table == table.alias_or_name or (alone and not column.table)
        )
        if of_table and column.name == ORG and _is_constant(value):
            return True
    return False


def _is_constant(value: exp.Expr) -> bool:
    return not any(True for _ in value.find_all(exp.Column, exp.Select))


def _name_set(each: exp.Expr) -> str:
    target = each.this if isinstance(each, exp.EQ) else each
    return target.name if isinstance(target, exp.Column | exp.Identifier) else ""


def _faults_of_insert(block: exp.Insert) -> Iterator[str]:
    schema = block.this
    table = schema.this if isinstance(schema, exp.Schema) else schema
    if table.name not in TENANT_TABLES:
        return
    columns = [each.name for each in schema.expressions] if isinstance(schema, exp.Schema) else []
    if ORG not in columns:
        yield f"insert: {table.name} without the org"
        return
    place, rows = columns.index(ORG), block.expression
    if isinstance(rows, exp.Values):
        values = [row.expressions[place] for row in rows.expressions]
    else:
        values = [select.expressions[place] for select in rows.find_all(exp.Select)][:1]
    if not all(_is_constant(value) for value in values):
        yield f"insert: the org of {table.name} is no constant"
    conflict = block.args.get("conflict")
    if conflict is not None:
        keys = [key.name for key in conflict.args.get("conflict_keys") or []]
        if keys and keys[0] != ORG:
            yield f"insert: the key of ON CONFLICT on {table.name} does not begin with the org"
        for each in conflict.expressions:
            if _name_set(each) == ORG:
                yield "it changes the org of a row"
            if isinstance(each, exp.EQ) and any(True for _ in each.expression.find_all(exp.CurrentTimestamp)):
                yield "insert: the clock of the database in DO UPDATE"
