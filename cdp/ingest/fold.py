"""A batch of the queue into the store: profiles, events, refusals, counts and the entry, in one transaction.

    1. take     rows of one source from the queue, the oldest first, passing over those that another worker has
    2. open     what they hold; what makes no sense goes to the quarantine
    3. drop     what came before: `UNIQUE(source, message)`; what names somebody who is not to be taken in
    4. fold     whose profile each event goes to, and what it makes of it (`cdp.services.identity`)
    5. refuse   what the events say of refusals; it can only add them
    6. keep     each event once: as a row of its entity, and what nothing takes of it sealed
    7. leave    the rows of the queue go

INVARIANT: all of it commits, or none. So a worker that is killed anywhere has folded a batch or has not begun it, and
an event that is folded twice leaves once.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, select

from audit.door import Change
from audit.entries import Entry
from cdp.bootstrap import InForce, Platform
from cdp.catalogue.kinds import known_kinds
from cdp.events.aside import Wrong, let_in, set_aside
from cdp.events.counts import CAPPED, DROPPED, DUPLICATE, FOLDED, QUARANTINED, SUPPRESSED, Counted, count
from cdp.events.looks import look_of
from cdp.events.named import Namer
from cdp.events.queue import SPOOL_KEY, Waiting, leave, open_waiting
from cdp.events.undeclared import Name, note_names
from cdp.ingest.arrived import Arrived, Opener
from cdp.ingest.consent import refuse
from cdp.ingest.day import EVENTS_CAPPED, Day
from cdp.ingest.keep import keep
from cdp.ingest.sources import Source, set_of_source
from cdp.services.identity.fold import fold
from cdp.services.identity.sighting import Folded
from cdp.store.arriving import EVENT, SPOOL
from cdp.store.given import Given
from cdp.store.lookup import plan_afresh

MAX_EVENTS: Final = 2_000
"""A transaction folds so many events, or one body that has more."""

MAX_BYTES: Final = 16 << 20
"""And no more bodies than have so many bytes together: opened, they take many times that."""

SAMPLE: Final = 20
"""The values of so many events of a batch are looked at, to suggest tags for what is not known."""

_MESSAGES: Final = "messages"


class Nothing(Exception):
    """There is nothing to fold, or others are at it; the transaction leaves no trace."""


@dataclass(frozen=True, slots=True)
class Part:
    """Which part of the queue is to be folded: by default as much as one transaction takes.

    Attributes:
        spool_id: only this row.
        message: of that row only what has this token; the row stays.
        poison: the event is put aside and not folded.
        finish: of that row none is folded any more, and it goes.
    """

    spool_id: str = ""
    message: str = ""
    poison: bool = False
    finish: bool = False


class Folder:
    """Folds events of one source."""

    def __init__(self, platform: Platform, source: Source) -> None:
        self._platform, self._source = platform, source
        self._spool_key = platform.vault.platform_key(SPOOL_KEY)

    def fold(self, part: Part = Part()) -> Counter[Counted]:
        """Fold what waits of the source; return the counts.

        Raises:
            Nothing: nothing waits.
            Unavailable: the database, the keys or the log cannot serve now; nothing was done.
        """
        in_force = self._platform.in_force()
        provenance = set_of_source(self._platform, self._source)
        entry = Entry("change", "ingest", self._source.principal, in_force.versions, {"source": self._source.name})
        with self._platform.door.record(entry) as change:
            plan_afresh(change.conn)
            waiting = self._take(change.conn, part)
            opener = Opener(in_force, self._platform.vault.platform_key(_MESSAGES))
            arrived, wrong = opener.open(waiting)
            if part.message:
                arrived, wrong = [each for each in arrived if each.message == part.message], []
            if part.poison or part.finish:
                wrong += [Wrong("poison", each.sent) for each in arrived if part.poison]
                arrived = []
            change.facts["provenance"] = provenance
            counts = self._write(change, in_force, arrived, wrong, provenance)
            if not part.message:
                leave(change.conn, [each.spool_id for each in waiting])
            count(change.conn, counts)
            for (_, what, reason), number in counts.items():
                name = f"{what}:{reason}" if reason else what
                change.facts["counts"] = {**change.facts.get("counts", {}), name: number}
        return counts

    def messages(self, spool_id: str) -> list[str]:
        """Return the tokens of the events of one row of the queue, to be folded one by one.

        Raises:
            Nothing: somebody else has folded it.
        """
        in_force = self._platform.in_force()

        def look(conn: Connection) -> list[str]:
            waiting = self._take(conn, Part(spool_id))
            opener = Opener(in_force, self._platform.vault.platform_key(_MESSAGES))
            return list(dict.fromkeys(each.message for each in opener.open(waiting)[0]))

        return self._platform.door.take_in(look)

    def _write(
        self, change: Change, in_force: InForce, arrived: Sequence[Arrived], wrong: Sequence[Wrong], provenance: int
    ) -> Counter[Counted]:
        conn, vault, number = change.conn, self._platform.vault, self._source.source
        day = Day(conn, number)
        namer = Namer(vault.blind, known_kinds(in_force.catalogue), self._source.name)
        new, over = day.events(self._fresh(conn, arrived))
        # Whom an event is about, `fold` holds to suppression; whom it names besides, nobody after this.
        fresh = let_in(new, [namer.besides(each.sent) for each in new], vault.suppression)
        caps = day.caps(fresh)
        folded = fold(self._platform, change, [each.sighting(self._source, provenance) for each in fresh], caps)
        day.made(fresh, caps.made)
        kept = [(each, person) for each, person in zip(fresh, folded, strict=True) if person.customer_id is not None]
        change.subjects += sorted({person.ordinal for _, person in kept if person.ordinal is not None})
        refuse(conn, in_force, self._source, kept, vault.refusals)
        keep(conn, in_force, vault, self._source, kept, provenance=provenance)
        note_names(conn, vault, number, *_names([each for each, _ in kept]))
        kept_aside = let_in(wrong, [namer.anywhere(each.event) for each in wrong], vault.suppression)
        set_aside(conn, vault, number, kept_aside)
        counts = self._counted(len(arrived) - len(new) - over, folded, kept_aside)
        counts[Counted(number, DROPPED, EVENTS_CAPPED)] += over
        counts.update({Counted(number, CAPPED, what): over for what, over in caps.over.items()})
        counts[Counted(number, DROPPED, SUPPRESSED)] += len(new) - len(fresh) + len(wrong) - len(kept_aside)
        return +counts

    def _counted(self, duplicate: int, folded: Sequence[Folded], wrong: Sequence[Wrong]) -> Counter[Counted]:
        number = self._source.source
        counts = Counter({Counted(number, DUPLICATE): duplicate})
        for person in folded:
            what = Counted(number, FOLDED) if person.customer_id else Counted(number, DROPPED, person.dropped)
            counts[what] += 1
        counts.update(Counted(number, QUARANTINED, each.reason) for each in wrong)
        return +counts

    def _take(self, conn: Connection, part: Part) -> list[Waiting]:
        c = SPOOL.c
        queue = select(c.spool_id, c.events, c.size).where(c.source == self._source.source).order_by(c.spool_id)
        queue = queue.where(c.spool_id == part.spool_id) if part.spool_id else queue.limit(MAX_EVENTS)
        rows = conn.execute(queue.with_for_update(skip_locked=True)).all()
        taken: list[str] = []
        events = size = 0
        for spool_id, more, larger in rows:
            events, size = events + more, size + larger
            if taken and (events > MAX_EVENTS or size > MAX_BYTES):
                break
            taken.append(spool_id)
        if not taken:
            raise Nothing
        return open_waiting(conn, self._spool_key, taken)

    def _fresh(self, conn: Connection, arrived: Sequence[Arrived]) -> list[Arrived]:
        """Return each message once, and none that came before."""
        given, c = Given(conn.dialect.name, 1), EVENT.c
        wanted = select(c.message).where(c.source == self._source.source, given.holds(c.message))
        seen = set(conn.execute(wanted, given.texts(each.message for each in arrived)).scalars())
        fresh = []
        for each in arrived:
            if each.message not in seen:
                seen.add(each.message)
                fresh.append(each)
        return fresh


def _names(kept: Sequence[Arrived]) -> tuple[Counter[Name], dict[Name, Counter[str]]]:
    """Return how often which names came that are not known, and what the values of the first of them looked like."""
    names: Counter[Name] = Counter()
    looks: dict[Name, Counter[str]] = defaultdict(Counter)
    for place, each in enumerate(kept):
        for part, name in each.taken.unknown:
            names[Name(part, name)] += 1
            if place < SAMPLE and part != "events":
                values = each.taken.rest.get("traits" if part == "traits" else "properties", {})
                look = look_of(values.get(name))
                looks[Name(part, name)].update([look] if look else [])
    return names, looks
