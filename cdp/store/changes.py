"""From one catalogue's tables to another's: the steps, as Alembic's operations, and their SQL on an engine.

Design section 5. Tables first grow: what is new is made beside what is there. Then rows are written anew
(`cdp.store.reshape`), and only then what is old goes. A column that changes its storage is kept under another name
meanwhile, so that its values can be read until the last row is written anew.
"""

import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from alembic.operations import Operations, ops
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Column, Connection, MetaData, Table, delete, false, func, select

from cdp.catalogue.model import Catalogue, Entity
from cdp.catalogue.names import GENERAL_SUFFIX, MASKED_SUFFIX, REFUSED_PREFIX
from cdp.catalogue.places import segments
from cdp.store.platform import IDENTIFIER, IMPORT, TOKEN, TOKEN_SCOPE, WORD
from cdp.store.structure import Structure
from cdp.store.tables import SAMPLED, Schema, build_schema, statistics_off
from cdp.terms import CUSTOMER, EVENT_KINDS

_MEANWHILE: Final = "cdp_"
"""Names of columns that are on their way out begin so; no field's does, and with it no name is too long."""


@dataclass(frozen=True)
class Step:
    """One operation on one table, and what in the catalogue it is for.

    Attributes:
        name: the field or, when `flag`, the opt-out; empty for the entity as a whole.
        column: what goes, when that is a column.
    """

    op: ops.MigrateOperation
    table: str
    entity: str
    name: str = ""
    flag: bool = False
    column: str = ""


@dataclass
class Steps:
    """What to do: `grow` before rows are written anew, `shrink` after it.

    `meanwhile` says, by table, under which name a column is found while both are there.
    """

    grow: list[Step] = field(default_factory=list)
    shrink: list[Step] = field(default_factory=list)
    meanwhile: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def altered(self) -> tuple[str, ...]:
        """The tables that are there before and may be altered."""
        made = {step.table for step in self.grow if isinstance(step.op, ops.CreateTableOp)}
        tables = dict.fromkeys(step.table for step in (*self.grow, *self.shrink))
        return tuple(table for table in tables if table not in made)

    @property
    def thinned(self) -> tuple[str, ...]:
        """The tables that stay and lose columns, whose values have to leave the files as well."""
        return tuple(dict.fromkeys(step.table for step in self.shrink if step.column))


def plan_steps(old: Catalogue, new: Catalogue, dialect: str) -> Steps:
    """Return the steps from the tables of one catalogue to those of another; pure."""
    before, after = build_schema(old, dialect), build_schema(new, dialect)
    steps = Steps()
    owners = {**_owners(before), **_owners(after)}
    for name, table in after.metadata.tables.items():
        entity = owners[name]
        if name in before.metadata.tables:
            _alter(steps, before.metadata.tables[name], table, entity, dialect)
        else:
            steps.grow += _create(table, entity, _first_sealed(new, old, name, entity), dialect)
    for name in before.metadata.tables:
        if name not in after.metadata.tables:
            why = _first_sealed(old, new, name, owners[name])
            steps.shrink.append(Step(ops.DropTableOp(name), name, owners[name], why))
    for name in set(before.metadata.tables) & set(after.metadata.tables):
        _index(steps, before.metadata.tables[name], after.metadata.tables[name], old, new)
    return steps


def transitional(table: Table, meanwhile: Mapping[str, str]) -> Table:
    """Return a table of the old catalogue as it is to be read in between: columns keep their keys, not their names."""
    columns = [Column(meanwhile.get(each.name, each.name), each.type, key=each.name) for each in table.columns]
    return Table(table.name, MetaData(), *columns, info=dict(table.info))


def sql(steps: Iterable[Step], dialect: str) -> tuple[str, ...]:
    """Return the statements of some steps, as Alembic writes them offline."""
    buffer = io.StringIO()
    options = {"as_sql": True, "output_buffer": buffer}
    operations = Operations(MigrationContext.configure(dialect_name=dialect, opts=options))
    found = []
    for step in steps:
        operations.invoke(step.op)
        found.append(buffer.getvalue().strip().removesuffix(";"))
        buffer.seek(0)
        buffer.truncate()
    return tuple(found)


def run(conn: Connection, steps: Iterable[Step], there: Structure | None = None) -> None:
    """Run steps in the caller's transaction; both engines take DDL back with it.

    Args:
        there: what is there now, when some of the steps may have been run before; what is gone is not dropped again.
    """
    operations = Operations(MigrationContext.configure(conn))
    for step in steps:
        if there is None or (step.table in there and (not step.column or step.column in there[step.table])):
            operations.invoke(step.op)


def remove_leftovers(conn: Connection, old: Catalogue, new: Catalogue) -> None:
    """Delete what platform tables and sealed tables hold for what is no longer in the catalogue.

    Rows that were written anew have left nothing behind; those of erased customers have.
    """
    for name, before in old.entities.items():
        after = new.entities.get(name)
        if after is None:
            for table in (IDENTIFIER, WORD, TOKEN, TOKEN_SCOPE, IMPORT):
                conn.execute(delete(table).where(table.c.entity == name))
            continue
        sealed = build_schema(new, conn.dialect.name).sealed.get(name)
        if sealed is not None:
            conn.execute(delete(sealed).where(sealed.c.segment.in_(sorted({*segments(before)} - {*segments(after)}))))
        kinds = sorted(_identifying(before) - _identifying(after))
        # What events call a person stays when a field of that name goes; what a row bore besides goes with it.
        gone = [kind for kind in kinds if kind not in EVENT_KINDS]
        conn.execute(delete(IDENTIFIER).where(IDENTIFIER.c.entity == name, IDENTIFIER.c.kind.in_(gone)))
        conn.execute(
            delete(IDENTIFIER).where(
                IDENTIFIER.c.entity == name, IDENTIFIER.c.kind.in_(kinds), IDENTIFIER.c.alias.is_(false())
            )
        )
        searched = sorted(_searched(before) - _searched(after))
        conn.execute(delete(WORD).where(WORD.c.entity == name, WORD.c.field.in_(searched)))


def _identifying(entity: Entity) -> set[str]:
    return {field.identifier for field in entity.fields.values() if field.identifier}


def _searched(entity: Entity) -> set[str]:
    return {name for name, field in entity.fields.items() if field.search}


def lock_tables(conn: Connection, tables: Iterable[str], *, exclusively: bool) -> None:
    """Wait until nobody else writes in these tables, and keep it so until the transaction ends; none need be there.

    INVARIANT: before the log is locked, never after, as whoever writes has them; and always the customer's table
    first, so that of two who change the catalogue one waits before it holds anything.

    Args:
        exclusively: nobody may read either, as when a table is altered.
    """
    if conn.dialect.name != "postgresql":  # on SQLite a transaction that writes is alone
        return
    mode = "ACCESS EXCLUSIVE" if exclusively else "EXCLUSIVE"
    quote = conn.dialect.identifier_preparer.quote_identifier
    for table in (CUSTOMER, *sorted({*tables} - {CUSTOMER})):
        if conn.execute(select(func.to_regclass(quote(table)))).scalar_one() is not None:
            conn.exec_driver_sql(f"LOCK TABLE {quote(table)} IN {mode} MODE")


def _owners(schema: Schema) -> dict[str, str]:
    """Return the entity of each table."""
    return {table.name: entity for tables in (schema.rows, schema.sealed) for entity, table in tables.items()}


def _first_sealed(here: Catalogue, there: Catalogue, table: str, entity: str) -> str:
    """Return the field for which a sealed table comes or goes; empty when the entity itself does."""
    if table == entity or entity not in there.entities:
        return ""
    others = there.entities[entity].fields
    fields = [each for each in here.entities[entity].fields.values() if each.sealed]
    changed = [each.name for each in fields if each.name not in others or each != others[each.name]]
    return changed[0] if changed else ""


def _create(table: Table, entity: str, name: str, dialect: str) -> Iterator[Step]:
    yield Step(ops.CreateTableOp.from_table(table), table.name, entity, name)
    for index in sorted(table.indexes, key=lambda each: str(each.name)):
        yield Step(ops.CreateIndexOp.from_index(index), table.name, entity, name)
    for column in table.columns:
        yield from _unsampled(table.name, column.name, dialect, Step(ops.ExecuteSQLOp(""), table.name, entity, name))


def _alter(steps: Steps, before: Table, after: Table, entity: str, dialect: str) -> None:
    """Add the steps for a table that both catalogues have."""
    for column in after.columns:
        name, flag = _of(column.name)
        same = before.columns.get(column.name)
        if same is not None and same.type is column.type:
            continue
        like = Step(ops.ExecuteSQLOp(""), after.name, entity, name, flag)
        if same is not None:
            aside = _MEANWHILE + column.name
            steps.meanwhile.setdefault(after.name, {})[column.name] = aside
            steps.grow.append(_step(like, ops.AlterColumnOp(after.name, column.name, modify_name=aside)))
            steps.shrink.append(_step(like, ops.DropColumnOp(after.name, aside), aside))
        steps.grow.append(_step(like, ops.AddColumnOp(after.name, column)))
        steps.grow += _unsampled(after.name, column.name, dialect, like)
    for column in before.columns:
        if column.name not in after.columns:
            name, flag = _of(column.name)
            op = ops.DropColumnOp(after.name, column.name)
            steps.shrink.append(Step(op, after.name, entity, name, flag, column.name))


def _index(steps: Steps, before: Table, after: Table, old: Catalogue, new: Catalogue) -> None:
    """Add the steps for indexes that a table has only while other entities belong to its entity."""
    was, now = ({str(each.name): each for each in table.indexes} for table in (before, after))
    for name in sorted(now.keys() - was.keys()):
        child = _child(new, old, after.name)
        steps.grow.append(Step(ops.CreateIndexOp.from_index(now[name]), after.name, child))
    for name in sorted(was.keys() - now.keys()):
        child = _child(old, new, after.name)
        steps.shrink.insert(0, Step(ops.DropIndexOp(name, after.name, if_exists=True), after.name, child))


def _child(here: Catalogue, there: Catalogue, entity: str) -> str:
    children = [each.name for each in here.entities.values() if each.belongs_to == entity]
    return next((name for name in children if name not in there.entities), entity)


def _of(column: str) -> tuple[str, bool]:
    """Return the field or opt-out that a column belongs to, and whether it is an opt-out."""
    if column.startswith(REFUSED_PREFIX):
        return column.removeprefix(REFUSED_PREFIX), True
    return column.removesuffix(MASKED_SUFFIX).removesuffix(GENERAL_SUFFIX), False


def _step(like: Step, op: ops.MigrateOperation, column: str = "") -> Step:
    return Step(op, like.table, like.entity, like.name, like.flag, column)


def _unsampled(table: str, column: str, dialect: str, like: Step) -> Iterator[Step]:
    if dialect == "postgresql" and column not in SAMPLED:
        yield _step(like, ops.ExecuteSQLOp(statistics_off(table, column)))
