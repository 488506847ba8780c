"""A whole run of the retention, or what it would do: every night, in batches, each with its entry.

    1. look     at the rows that may be too old, entity by entity, those below others first
    2. act      batch by batch: values and rows go, questions are asked (`act`), and letters queued that say so (`ask`)
    3. erase    customers whose time is over, as an erasure (`cdp.services.erase`), holds and all
    4. end      holds whose time is over, each as an erasure of its own
    5. clean    what was deleted leaves the files

A run that is cut off is done again from its start: what is done already is not too old any more. INVARIANT: an entry of
it says how many, never what.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select

from audit.entries import Entry, Principal, timestamp
from cdp.bootstrap import Platform
from cdp.catalogue.model import Entity
from cdp.erasure import register
from cdp.erasure.steps import Eraser
from cdp.errors import NotFound
from cdp.services.erase import erase
from cdp.services.retention.act import Done, act
from cdp.services.retention.ask import write_to
from cdp.services.retention.judge import Verdict
from cdp.services.retention.look import ACT, Day, Due, Look, concerned, read_limits
from cdp.store.people import HELD
from cdp.store.tables import build_schema

PATIENCE = 30
"""So many days somebody has to answer whether something is still right."""

AT_ONCE = 100


@dataclass
class Outcome:
    """What was done, or would be: by entity and field, `ROW` (empty) for whole rows."""

    counts: Counter[tuple[str, str, Verdict]] = field(default_factory=Counter)
    begun: Counter[str] = field(default_factory=Counter)
    holds: int = 0

    def add(self, entity: str, done: Done) -> None:
        """Add what one batch did."""
        for (name, verdict), count in done.counts.items():
            self.counts[entity, name, verdict] += count
        self.begun[entity] += done.begun


def dry_run(platform: Platform, *, principal: Principal, today: date, patience: int = PATIENCE) -> Outcome:
    """Return what a run would do, and do nothing."""
    day, outcome = _day(platform, today, patience), Outcome()
    for entity in _entities(platform, day, principal):
        for rows in platform.door.disclose(Look(day, entity), principal):
            done = Done()
            for (due,) in rows:
                done.counts.update(due.verdicts.items())
                done.begun += due.begins
            outcome.add(entity.name, done)
    with platform.door.record(Entry("disclosure", ACT, principal, None, {"step": "look"})) as change:
        over = select(HELD.c.customer_id).where(HELD.c.until <= today.isoformat()).distinct()
        outcome.holds = len(change.conn.execute(over).all())
    return outcome


def run(platform: Platform, *, principal: Principal, today: date, patience: int = PATIENCE) -> Outcome:
    """Delete what is too old, ask about what is to be renewed, and return what was done.

    Letters to those who are asked are queued, and go with the others.

    Raises:
        Unavailable: the database, the keys or the log cannot serve; what was done stands, and the next run goes on.
    """
    day, outcome, since = _day(platform, today, patience), Outcome(), timestamp()
    leaving: set[str] = set()
    tables: set[str] = set()
    for entity in _entities(platform, day, principal):
        for rows in platform.door.disclose(Look(day, entity), principal):
            done = _batch(platform, day, entity, [due for (due,) in rows], principal, since=since)
            outcome.add(entity.name, done)
            leaving |= done.leaving
            if any(verdict is Verdict.DELETE for _, verdict in done.counts):
                tables |= {entity.name, f"{entity.name}_sealed"}
    going = sorted(leaving)
    for start in range(0, len(going), AT_ONCE):
        _erase(platform, going[start : start + AT_ONCE], principal)
    outcome.holds = _end_holds(platform, principal, today)
    if tables:
        there = set(_tables(platform, day))
        platform.door.clean_up(sorted(tables & there))
    return outcome


def _batch(
    platform: Platform, day: Day, entity: Entity, found: Sequence[Due], principal: Principal, *, since: str
) -> Done:  # fmt: skip
    """Do one batch; return what was done."""
    entry = Entry("change", ACT, principal, day.in_force.versions, {"step": "act", "entity": entity.name})
    with platform.door.record(entry) as change:
        done = act(change, day, entity, [(due.row.customer_id, due.row.row_id) for due in found])
        said = {f"{name or 'rows'}:{verdict}": count for (name, verdict), count in sorted(done.counts.items())}
        change.facts |= {"counts": said, "begun": done.begun}
        change.facts["letters"] = write_to(change.conn, platform, day, done.asked, since=since)
    return done


def _erase(platform: Platform, customer_ids: Sequence[str], principal: Principal) -> None:
    for each in customer_ids:
        try:
            erase(platform, [each], principal=principal, reason="the time for which she was kept is over")
        except NotFound:  # she went meanwhile
            continue


def _end_holds(platform: Platform, principal: Principal, today: date) -> int:
    """Erase what a law kept until now."""
    over = select(HELD.c.customer_id).where(HELD.c.until <= today.isoformat()).distinct().limit(AT_ONCE)
    ended = 0
    while True:
        with platform.door.record(Entry("change", ACT, principal, None, {"step": "end_holds"})) as change:
            ids = sorted(change.conn.execute(over).scalars())
            known = [register.lock(change.conn, each) for each in ids]
            intents = [
                found or register.intend(change.conn, each, None, (), actor=principal.name, at=timestamp())
                for each, found in zip(ids, known, strict=True)
            ]
            change.facts["holds"] = len(ids)
        if not ids:
            return ended
        Eraser(platform.door, platform.vault, principal).finish(intents)
        ended += len(ids)


def _day(platform: Platform, today: date, patience: int) -> Day:
    return Day(platform.in_force(fresh=True), platform.vault, today, patience)


def _entities(platform: Platform, day: Day, principal: Principal) -> list[Entity]:
    entry = Entry("change", ACT, principal, day.in_force.versions, {"step": "begin", "day": day.today.isoformat()})
    with platform.door.record(entry) as change:
        return concerned(day, read_limits(change.conn))


def _tables(platform: Platform, day: Day) -> list[str]:
    schema = build_schema(day.in_force.catalogue, platform.door.dialect)
    return [table.name for table in schema.metadata.sorted_tables]
