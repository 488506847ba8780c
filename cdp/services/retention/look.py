"""The rows that a day concerns, in batches by ordinal: what becomes of each.

Nothing of them leaves: what is looked at serves deleting. Each look has its entry, with numbers alone.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from audit.entries import Entry, Principal
from audit.passage import Chunk
from cdp.bootstrap import InForce
from cdp.catalogue.keeping import earlier, midnight, parse_period
from cdp.catalogue.model import Entity
from cdp.services.retention.judge import Asked, Known, Verdict, judge
from cdp.store.given import Given, NamedRows
from cdp.store.keeping import RENEWAL
from cdp.store.origins import COLLECTED_COLUMN, PROVENANCE, PROVENANCE_PART, SET_COLUMN
from cdp.store.records import Stored, read_rows
from cdp.store.tables import build_schema
from cdp.vault.vault import Vault

ACT = "retention"
BATCH = 500


@dataclass(frozen=True)
class Due:
    """One row of which something is to be done; `begins` for one that nobody knows the age of: it counts from now."""

    row: Stored
    verdicts: Mapping[str, Verdict]
    begins: bool


@dataclass(frozen=True)
class Day:
    """What a run goes by: the catalogue, the day, and how long people have to answer."""

    in_force: InForce
    vault: Vault
    today: date
    patience: int


@dataclass
class Look:
    """Looks through an entity, for `audit.door.Door.disclose`."""

    day: Day
    entity: Entity

    def entry(self, principal: Principal) -> Entry:
        """Return the entry of a look."""
        facts = {"step": "look", "entity": self.entity.name}
        return Entry("disclosure", ACT, principal, self.day.in_force.versions, facts)

    def read(self, conn: Connection, position: object | None) -> Chunk:
        """Judge the next rows."""
        limits = read_limits(conn)
        periods = [each for each in _periods(self.entity) if each] + [
            each for found in limits.values() for each in found
        ]
        if not periods:
            return Chunk([], (), None)
        last = max(earlier(self.day.today, parse_period(each)) for each in periods)
        table = build_schema(self.day.in_force.catalogue, conn.dialect.name).rows[self.entity.name]
        c = table.c
        before = int(midnight(last + timedelta(days=1)).timestamp()) if last < date.max else 2**62
        old = or_(c[COLLECTED_COLUMN].is_(None), c[COLLECTED_COLUMN] < before)
        after = position if isinstance(position, int) else -(2**62)
        wanted = select(c.customer_id, c[self.entity.id_column], c.ordinal).where(old, c.ordinal > after)
        named = conn.execute(wanted.order_by(c.ordinal).limit(BATCH)).all()
        found = judged(conn, self.day, self.entity, [(each[0], each[1]) for each in named], limits)
        return Chunk([(each,) for each in found], (), named[-1][2] if len(named) == BATCH else None)


def concerned(day: Day, limits: Mapping[int, Sequence[str]]) -> list[Entity]:
    """Return the entities of which something may become too old; those below others first, the customer last."""
    entities = [
        each for each in day.in_force.catalogue.entities.values() if any(limits.values()) or any(_periods(each))
    ]
    return sorted(entities, key=lambda each: -len(day.in_force.catalogue.lineage(each)))


def read_limits(conn: Connection) -> dict[int, Sequence[str]]:
    """Return the periods that were declared for rows of each set, where one was."""
    p, part = PROVENANCE.c, PROVENANCE_PART.c
    joined = select(part.provenance, p.retention).where(part.part == p.provenance, p.retention != "")
    found: dict[int, list[str]] = defaultdict(list)
    for number, period in conn.execute(joined):
        found[number].append(period)
    return dict(found)


def judged(
    conn: Connection,
    day: Day,
    entity: Entity,
    ids: Sequence[tuple[str, str]],
    limits: Mapping[int, Sequence[str]],
) -> list[Due]:
    """Return of which of these rows something is to be done."""
    if not ids:
        return []
    found = []
    for row, known in read_known(conn, day, entity, ids, limits):
        if known is None:
            found.append(Due(row, {}, begins=True))
        elif verdicts := judge(entity, known, today=day.today, patience=day.patience):
            found.append(Due(row, verdicts, begins=False))
    return found


def read_known(
    conn: Connection,
    day: Day,
    entity: Entity,
    ids: Sequence[tuple[str, str]],
    limits: Mapping[int, Sequence[str]],
) -> list[tuple[Stored, Known | None]]:
    """Return these rows, each with what a verdict goes by; None where nobody knows when it was collected."""
    catalogue = day.in_force.catalogue
    origins, asked = _origins(conn, day, entity, ids), read_asked(conn, {customer for customer, _ in ids}, entity.name)
    active = _active(conn, day, {customer for customer, _ in ids}) if entity.is_customer else {}
    found: list[tuple[Stored, Known | None]] = []
    for row in read_rows(conn, catalogue, entity, ids, keys=day.vault):
        number, at = origins[row.row_id]
        if at is None:
            found.append((row, None))
            continue
        collected = _day(at)
        last = max(collected, active.get(row.customer_id, collected))
        known = Known(row.values, collected, last, asked.get(row.row_id, {}), limits.get(number, ()))
        found.append((row, known))
    return found


def read_asked(conn: Connection, customer_ids: Collection[str], entity: str) -> dict[str, dict[str, Asked]]:
    """Return by row and field what these customers were asked."""
    given, c = Given(conn.dialect.name, 1), RENEWAL.c
    wanted = select(c.row_id, c.field, c.asked_on, c.confirmed_on)
    mine = wanted.where(c.entity == entity, given.holds(c.customer_id))
    found: dict[str, dict[str, Asked]] = defaultdict(dict)
    for row_id, name, on, confirmed in conn.execute(mine, given.texts(customer_ids)):
        found[row_id][name] = Asked(date.fromisoformat(on), date.fromisoformat(confirmed) if confirmed else None)
    return found


def _periods(entity: Entity) -> list[str | None]:
    return [entity.retention, *(field.retention for field in entity.fields.values())]


def _origins(
    conn: Connection, day: Day, entity: Entity, ids: Sequence[tuple[str, str]]
) -> dict[str, tuple[int, int | None]]:
    table = build_schema(day.in_force.catalogue, conn.dialect.name).rows[entity.name]
    mine, c = NamedRows(entity, conn.dialect.name), table.c
    wanted = select(c[entity.id_column], c[SET_COLUMN], c[COLLECTED_COLUMN]).where(mine.of(table))
    return {row_id: (number, at) for row_id, number, at in conn.execute(wanted, mine.values(ids))}


def _active(conn: Connection, day: Day, customer_ids: Collection[str]) -> dict[str, date]:
    """Return when anything of these customers was last collected."""
    given, schema = Given(conn.dialect.name, 1), build_schema(day.in_force.catalogue, conn.dialect.name)
    found: dict[str, date] = {}
    for entity in day.in_force.catalogue.entities.values():
        c = schema.rows[entity.name].c
        hers: ColumnElement[bool] = and_(given.holds(c.customer_id), c[COLLECTED_COLUMN].is_not(None))
        newest = select(c.customer_id, func.max(c[COLLECTED_COLUMN])).where(hers).group_by(c.customer_id)
        for customer_id, at in conn.execute(newest, given.texts(customer_ids)):
            found[customer_id] = max(found.get(customer_id, date.min), _day(at))
    return found


def _day(seconds: int) -> date:
    return datetime.fromtimestamp(seconds, UTC).date()
