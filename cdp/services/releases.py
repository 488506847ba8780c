"""Building, listing and finding releases of anonymized views.

Design section 4: analysis reads a registered release, never the store. A release is a table that refuses change; the
log knows whom it was built from, the release itself does not.
"""

from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Column, Connection, MetaData, Table, func, insert, select

from audit.entries import Entry, Principal, timestamp
from audit.passage import Chunk
from cdp.bootstrap import InForce, Platform
from cdp.errors import BadInput, NotFound, Refused
from cdp.services.canaries.known import canaries
from cdp.store.bulk import insert_rows
from cdp.store.columns import INTEGER, STORED
from cdp.store.platform import RELEASE
from cdp.terms import Kind, Type
from views.anonymize.groups import Row, releasable
from views.anonymize.release import ReleasePlan, plan_release, release_digest
from views.plan import ROW
from views.policy import View
from views.run import ViewReading


@dataclass(frozen=True, slots=True)
class Release:
    """What the register says of a release."""

    release: int
    view: str
    k: int
    diversity: int
    size: int
    suppressed: int
    created_at: str
    columns: tuple[str, ...]


def build_release(platform: Platform, view_name: str, *, principal: Principal) -> Release:
    """Build the next release of an anonymized view.

    Raises:
        NotFound: `unknown_view`.
        BadInput: `not_anonymized`.
        Refused: `release_empty`, when no group may be released.
    """
    in_force = platform.in_force(fresh=True)
    view = in_force.policy.views.get(view_name)
    if view is None:
        raise NotFound("unknown_view", "there is no such view", path="view")
    if view.kind is not Kind.ANONYMIZED:
        raise BadInput("not_anonymized", "only anonymized views have releases", path="view")
    planned = plan_release(in_force.catalogue, in_force.policy, view)
    rows, subjects = _without_canaries(platform, *_read(platform, planned, principal))
    kept = releasable(
        rows, subjects, quasi=planned.quasi, sensitive=planned.sensitive, k=planned.k, diversity=planned.diversity
    )
    if not kept:
        message = "no group of the view is large and diverse enough to be released"
        raise Refused("release_empty", message, path="view", hint="generalise further, or lower `k`")
    entry = Entry("change", "release", principal, in_force.versions, {"view": view.name})
    return _register(platform, planned, kept, suppressed=len(rows) - len(kept), entry=entry)


def list_releases(platform: Platform, view: str | None = None) -> list[Release]:
    """Return the register, newest first."""
    statement = select(RELEASE).order_by(RELEASE.c.release.desc())
    rows = platform.door.lookup(statement if view is None else statement.where(RELEASE.c.view == view))
    return [_release(dict(zip(RELEASE.c.keys(), row, strict=True))) for row in rows]


def _release(row: dict[str, Any]) -> Release:
    columns = tuple(row.pop("columns").split(","))
    del row["plan_digest"]
    return Release(**row, columns=columns)


def newest_release(platform: Platform, in_force: InForce, view: View) -> int | None:
    """Return the newest release of a view that was decided as the view would be decided now."""
    digest = release_digest(in_force.catalogue, in_force.policy, view)
    mine = select(func.max(RELEASE.c.release)).where(RELEASE.c.view == view.name, RELEASE.c.plan_digest == digest)
    found: int | None = platform.door.lookup(mine)[0][0]
    return found


def _read(platform: Platform, planned: ReleasePlan, principal: Principal) -> tuple[list[Row], list[int]]:
    reading = _Kept(ViewReading(planned.plan, vault=platform.vault, dialect=platform.door.dialect))
    rows: list[Row] = []
    for chunk in platform.door.disclose(reading, principal):
        rows += chunk
    return rows, reading.subjects


def _without_canaries(platform: Platform, rows: list[Row], subjects: list[int]) -> tuple[list[Row], list[int]]:
    """Leave out whom there is not: she would count as one of a group."""
    nobody = {each.ordinal for each in canaries(platform)}
    pairs = [pair for pair in zip(rows, subjects, strict=True) if pair[1] not in nobody] if nobody else None
    return (rows, subjects) if pairs is None else ([row for row, _ in pairs], [subject for _, subject in pairs])


class _Kept:
    """A reading that also keeps whom each row is about, for counting people in groups."""

    def __init__(self, reading: ViewReading) -> None:
        self._reading = reading
        self.subjects: list[int] = []

    def entry(self, principal: Principal) -> Entry:
        """As the reading's, under the act that it is for."""
        entry = self._reading.entry(principal)
        return Entry("disclosure", "build_release", principal, entry.versions, entry.facts)

    def read(self, conn: Connection, position: object | None) -> Chunk:
        """As the reading's."""
        chunk = self._reading.read(conn, position)
        self.subjects += chunk.subjects
        return chunk


def _register(platform: Platform, planned: ReleasePlan, kept: list[Row], *, suppressed: int, entry: Entry) -> Release:
    """Write table and register in one transaction; from then on the database itself refuses to change them."""
    view, names, at = planned.plan.view.name, tuple(each.name for each in planned.columns), timestamp()
    k, diversity = planned.k, planned.diversity
    with platform.door.record(entry) as change:
        conn = change.conn
        number = (conn.execute(select(func.max(RELEASE.c.release))).scalar_one() or 0) + 1
        table = release_table(number, planned)
        table.create(conn)
        insert_rows(conn, table, [(index, *_stored(row, planned)) for index, row in enumerate(kept)])
        for act in ("UPDATE", "DELETE"):
            conn.exec_driver_sql(_refusal(table.name, act, platform.door.dialect))
        register = {"release": number, "view": view, "plan_digest": planned.digest, "columns": ",".join(names)}
        sizes = {"k": k, "diversity": diversity, "size": len(kept), "suppressed": suppressed}
        conn.execute(insert(RELEASE).values(**register, **sizes, created_at=at))
        change.facts |= {"release": number, **sizes}
    return Release(number, view, k, diversity, len(kept), suppressed, at, names)


def _stored(row: Row, planned: ReleasePlan) -> list[Any]:
    """Return the cells of a row as they are stored: JSON as its text."""
    return [
        orjson.dumps(cell).decode() if column.type is Type.JSON and cell is not None else cell
        for cell, column in zip(row, planned.columns, strict=True)
    ]


def release_table(number: int, planned: ReleasePlan) -> Table:
    """Return the table of a release."""
    cells = [Column(each.name, STORED[each.type]) for each in planned.columns]
    key = Column(ROW, INTEGER, primary_key=True, autoincrement=False)
    return Table(f"cdp_release_{number}", MetaData(), key, *cells, info={"owner": None}, sqlite_strict=True)


def _refusal(table: str, act: str, dialect: str) -> str:
    name = f"{table}_no_{act.lower()}"
    if dialect == "sqlite":
        return f"CREATE TRIGGER {name} BEFORE {act} ON {table} BEGIN SELECT RAISE(ABORT, 'append-only'); END"
    return f"CREATE TRIGGER {name} BEFORE {act} ON {table} FOR EACH STATEMENT EXECUTE FUNCTION cdp_refuse()"
