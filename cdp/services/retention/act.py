"""Doing what a day demands of some rows, in one transaction with its entry: values go, rows go, questions are asked.

What was looked at before is judged anew with the rows locked: whoever changed or confirmed something meanwhile is
heard.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, delete, update

from audit.door import Change
from cdp.catalogue.keeping import midnight
from cdp.catalogue.model import Entity
from cdp.services.identity.said import read_said, write_said
from cdp.services.retention.judge import ROW, Verdict
from cdp.services.retention.look import Day, Due, judged, read_limits
from cdp.store.bulk import insert_rows
from cdp.store.given import Given, NamedRows
from cdp.store.keeping import RENEWAL
from cdp.store.lookup import find_claims, lock_customers
from cdp.store.origins import COLLECTED_COLUMN
from cdp.store.platform import IDENTIFIER, TOKEN, WORD
from cdp.store.records import Stored
from cdp.store.tables import build_schema
from cdp.store.write import Writer
from cdp.terms import CUSTOMER

Named = tuple[str, str]


@dataclass
class Done:
    """What was done, by field, `ROW` for whole rows; who is to be asked, and who is to be erased."""

    counts: Counter[tuple[str, Verdict]] = field(default_factory=Counter)
    begun: int = 0
    asked: set[str] = field(default_factory=set)
    leaving: set[str] = field(default_factory=set)


def act(change: Change, day: Day, entity: Entity, ids: Sequence[Named]) -> Done:
    """Do what the day demands of these rows."""
    conn, catalogue, done = change.conn, day.in_force.catalogue, Done()
    people = lock_customers(conn, catalogue, {customer_id for customer_id, _ in ids})
    found = judged(conn, day, entity, [each for each in ids if each[0] in people], read_limits(conn))
    for due in found:
        done.counts.update(due.verdicts.items())
    begins = [_name(due) for due in found if due.begins]
    done.begun = len(begins)
    _begin(conn, day, entity, begins)
    whole = {_name(due) for due in found if due.verdicts.get(ROW) is Verdict.DELETE}
    if entity.is_customer:
        done.leaving = {customer_id for customer_id, _ in whole}
    else:
        drop_rows(conn, day, entity, whole)
    drop_values(conn, day, entity, [due for due in found if _name(due) not in whole])
    done.asked = _ask(conn, day, entity, found)
    touched = {due.row.customer_id for due in found if set(due.verdicts.values()) & {Verdict.DELETE, Verdict.ASK}}
    change.subjects += [people[each].ordinal for each in sorted(touched)]
    return done


def drop_values(conn: Connection, day: Day, entity: Entity, found: Sequence[Due]) -> None:
    """Delete single values: from the row with all their shapes, and from what sources said of it."""
    going = {
        _name(due): {name for name, verdict in due.verdicts.items() if verdict is Verdict.DELETE and name != ROW}
        for due in found
    }
    rows = [
        Stored(row.customer_id, row.row_id, row.ordinal, {**row.values, **dict.fromkeys(going[_name(due)])})
        for due in found
        if going[_name(due)]
        for row in (due.row,)
    ]
    if not rows:
        return
    names = [(row.customer_id, row.row_id) for row in rows]
    keys = day.vault.keys(sorted({row.customer_id for row in rows}))
    claims = find_claims(conn, entity, names)
    writer = Writer(
        day.in_force.catalogue, entity, version=day.in_force.catalogue_version, vault=day.vault,
        dialect=conn.dialect.name,
    )  # fmt: skip
    writer.replace(conn, rows, claims=claims, keys=keys)
    if entity.name == CUSTOMER:
        said = read_said(conn, keys)
        for customer_id, row_id in names:
            for fields in said.get(customer_id, {}).values():
                for name in going[customer_id, row_id]:
                    fields.pop(name, None)
        write_said(conn, keys, said)
    _forget(conn, entity, going)


def drop_rows(conn: Connection, day: Day, entity: Entity, ids: Collection[Named]) -> None:
    """Delete whole rows, what belongs to them, and all that is kept of them besides."""
    if not ids:
        return
    catalogue, schema = day.in_force.catalogue, build_schema(day.in_force.catalogue, conn.dialect.name)
    for below in catalogue.entities.values():
        if below.belongs_to == entity.name:
            c, given = schema.rows[below.name].c, Given(conn.dialect.name, 2)
            hers = given.holds(c.customer_id, c[entity.id_column])
            children = schema.rows[below.name].select().with_only_columns(c.customer_id, c[below.id_column]).where(hers)
            rows = conn.execute(children, given.values(ids)).all()
            drop_rows(conn, day, below, {(customer_id, row_id) for customer_id, row_id in rows})
    mine = NamedRows(entity, conn.dialect.name)
    for table in (schema.rows[entity.name], schema.sealed.get(entity.name)):
        if table is not None:
            conn.execute(delete(table).where(mine.of(table)), mine.values(ids))
    for table in (IDENTIFIER, WORD, TOKEN):
        here = delete(table).where(table.c.entity == entity.name, mine.of(table, "row_id"))
        conn.execute(here, mine.values(ids))
    _forget(conn, entity, {each: {ROW, *entity.fields} for each in ids})


def _ask(conn: Connection, day: Day, entity: Entity, found: Sequence[Due]) -> set[str]:
    asking = {_name(due): {name for name, verdict in due.verdicts.items() if verdict is Verdict.ASK} for due in found}
    asking = {each: names for each, names in asking.items() if names}
    _forget(conn, entity, asking)
    lines = [
        [customer_id, entity.name, row_id, name, day.today.isoformat(), None]
        for (customer_id, row_id), names in asking.items()
        for name in sorted(names)
    ]
    insert_rows(conn, RENEWAL, lines)
    return {customer_id for customer_id, _ in asking}


def _begin(conn: Connection, day: Day, entity: Entity, ids: Sequence[Named]) -> None:
    """Have the time of rows count from this day of which nobody knows how old they are."""
    if ids:
        table = build_schema(day.in_force.catalogue, conn.dialect.name).rows[entity.name]
        mine, at = NamedRows(entity, conn.dialect.name), int(midnight(day.today).timestamp())
        begun = update(table).where(mine.of(table), table.c[COLLECTED_COLUMN].is_(None))
        conn.execute(begun.values({COLLECTED_COLUMN: at}), mine.values(ids))


def _forget(conn: Connection, entity: Entity, names: "dict[Named, set[str]]") -> None:
    c = RENEWAL.c
    by_field: dict[str, list[Named]] = defaultdict(list)
    for each, fields in names.items():
        for name in fields:
            by_field[name].append(each)
    for name, ids in by_field.items():
        given = Given(conn.dialect.name, 2)
        mine = delete(RENEWAL).where(c.entity == entity.name, c.field == name, given.holds(c.customer_id, c.row_id))
        conn.execute(mine, given.values(ids))


def _name(due: Due) -> Named:
    return due.row.customer_id, due.row.row_id
