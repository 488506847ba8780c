"""Whether what is old is still right: what she is asked, and what she answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, Connection, delete, select, update

from audit.entries import HERSELF, Entry
from cdp.bootstrap import Platform
from cdp.catalogue.field import Field
from cdp.catalogue.model import Entity
from cdp.errors import NotFound
from cdp.services.customers import Found, find_customer
from cdp.services.herself import READER
from cdp.services.herself.own_data import own_request, own_views
from cdp.services.read import read_view
from cdp.services.retention.act import drop_rows, drop_values
from cdp.services.retention.judge import ROW, Verdict, held_of
from cdp.services.retention.look import Day, Due, read_known, read_limits
from cdp.services.retention.run import PATIENCE
from cdp.store.keeping import RENEWAL
from cdp.store.lookup import lock_customers
from cdp.terms import Value

ACT = "renewal"
_R = RENEWAL.c


@dataclass(frozen=True)
class Question:
    """One thing she is asked about: a value, or a whole row where `field` is None; `values` is what is there now."""

    entity: Entity
    row_id: str
    field: Field | None
    values: dict[str, Value]
    until: str


def questions(platform: Platform, customer_id: str, *, patience: int = PATIENCE) -> Sequence[Question]:
    """Return what waits for her answer, with what her own views show of it."""
    in_force = platform.in_force()
    with platform.door.record(Entry("disclosure", ACT, HERSELF, in_force.versions, {"step": "look"})) as change:
        found = find_customer(change.conn, in_force, platform.vault, customer_id)
        change.subjects.append(found.ordinal)
        wanted = select(_R.entity, _R.row_id, _R.field, _R.asked_on).where(
            _R.customer_id == customer_id, _R.confirmed_on.is_(None)
        )
        rows = change.conn.execute(wanted.order_by(_R.entity, _R.row_id, _R.field)).all()
    if not rows:
        return []
    shown: dict[tuple[str, str], dict[str, Value]] = {}
    for view in own_views(in_force):
        answer = read_view(platform, own_request(view, customer_id), principal=READER)
        entity, names = in_force.catalogue.entities[view.entity], [column.name for column in answer.plan.columns]
        for chunk in answer.chunks:
            for row in chunk:
                values = dict(zip(names, row, strict=True))
                shown[entity.name, str(values[entity.id_column])] = values
    asked = []
    for name, row_id, field_name, on in rows:
        entity_of = in_force.catalogue.entities.get(name)
        if entity_of is None or (field_name and field_name not in entity_of.fields):
            continue  # the catalogue has changed since
        until = date.fromisoformat(on) + timedelta(days=patience)
        field = entity_of.fields.get(field_name)
        asked.append(Question(entity_of, row_id, field, shown.get((name, row_id), {}), until.isoformat()))
    return asked


def confirm(platform: Platform, customer_id: str, which: tuple[str, str, str], *, today: date) -> None:
    """Have something count as right from this day on.

    Args:
        which: entity, row and field, `ROW` for the whole of it.

    Raises:
        NotFound: `unknown_question`.
    """
    in_force = platform.in_force()
    with platform.door.record(Entry("change", ACT, HERSELF, in_force.versions, {"step": "confirm"})) as change:
        change.subjects.append(find_customer(change.conn, in_force, platform.vault, customer_id).ordinal)
        _require(change.conn, customer_id, which)
        confirmed = update(RENEWAL).where(*_mine(customer_id, which))
        change.conn.execute(confirmed.values(confirmed_on=today.isoformat()))


def drop(platform: Platform, customer_id: str, which: tuple[str, str, str], *, today: date) -> None:
    """Delete what she is asked about, but for what a law keeps. All of her goes by an erasure alone.

    Raises:
        NotFound: `unknown_question`.
    """
    in_force = platform.in_force(fresh=True)
    name, row_id, field = which
    entity = in_force.catalogue.entities.get(name)
    if entity is None or (entity.is_customer and field == ROW):
        raise _unknown()
    day = Day(in_force, platform.vault, today, PATIENCE)
    with platform.door.record(Entry("change", ACT, HERSELF, in_force.versions, {"step": "delete"})) as change:
        found: Found = find_customer(change.conn, in_force, platform.vault, customer_id)
        change.subjects.append(found.ordinal)
        lock_customers(change.conn, in_force.catalogue, [customer_id])
        _require(change.conn, customer_id, which)
        due, whole = _going(change.conn, day, entity, (customer_id, row_id), field)
        if whole:
            drop_rows(change.conn, day, entity, {(customer_id, row_id)})
        else:
            drop_values(change.conn, day, entity, due)
        change.conn.execute(delete(RENEWAL).where(*_mine(customer_id, which)))
    platform.door.clean_up([entity.name])


def _going(
    conn: Connection, day: Day, entity: Entity, named: tuple[str, str], field: str
) -> tuple[list[Due], bool]:  # fmt: skip
    """Return which values go, and whether the whole row does, as of whatever is too old (`judge`)."""
    due = []
    for row, known in read_known(conn, day, entity, [named], read_limits(conn)):
        held = held_of(entity, known, day.today) if known else set()
        if field == ROW and not held:
            return [], True
        names = [name for name in ([field] if field else entity.fields) if name not in held]
        due.append(Due(row, dict.fromkeys(names, Verdict.DELETE), begins=False))
    return due, False


def _require(conn: Connection, customer_id: str, which: tuple[str, str, str]) -> None:
    waiting = select(_R.field).where(*_mine(customer_id, which), _R.confirmed_on.is_(None)).with_for_update()
    if conn.execute(waiting).first() is None:
        raise _unknown()


def _mine(customer_id: str, which: tuple[str, str, str]) -> tuple[ColumnElement[bool], ...]:
    name, row_id, field = which
    return _R.customer_id == customer_id, _R.entity == name, _R.row_id == row_id, _R.field == field


def _unknown() -> NotFound:
    return NotFound("unknown_question", "nobody is asked about that", path="question", hint="open the page again")
