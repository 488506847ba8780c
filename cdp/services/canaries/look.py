"""Looking for canaries where they must not be, in what is new on the log.

Three things are alarms. A canary who refused everything is among the rows of a view whose purpose asks whether somebody
refuses, or of a release of one (`not_withheld`). She is in a selective view, as she has to be, and it shows more of her
than of somebody who refused (`not_masked`). Something from outside named her, whose identifiers nobody was ever
told (`named_outside`): who had read her address in full before is named with it. That is no proof: what was read may
have been passed on, or stolen.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pyroaring import BitMap
from sqlalchemy import Connection, func, insert, select, update

from audit.about import entries_about
from audit.entries import Entry, Principal, parse_entry, timestamp
from audit.subjects import places_of
from cdp.bootstrap import Platform
from cdp.catalogue.model import Catalogue
from cdp.services.canaries.heard import forget, heard
from cdp.services.canaries.known import Canary, canaries
from cdp.services.canaries.shape import shows_too_much, withholds
from cdp.store.platform import CATALOGUE_VERSION, LOG_ENTRY, LOG_SUBJECT, POLICY_VERSION
from cdp.store.watching import CANARY_ALARM, CANARY_LOOK
from cdp.terms import CUSTOMER, Kind
from cdp.vault.identifier import EMAIL
from views.policy import Policy, View

ITSELF: Final = Principal("system:canaries")
BATCH: Final = 20_000
"""So many entries are gone through at a time."""

NOT_WITHHELD: Final = "not_withheld"
NOT_MASKED: Final = "not_masked"
NAMED_OUTSIDE: Final = "named_outside"
READS: Final = frozenset({"read", "build_release", "export"})
_YIELDING: Final = frozenset({Kind.STANDARD, Kind.OPT_OUT, Kind.ANONYMIZED})
"""Kinds whose rows go when somebody refuses what the purpose is subject to."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """An entry in which a canary appears and must not."""

    entry: int
    kind: str
    by: str
    view: str
    suspects: tuple[str, ...]
    at: str


def look(platform: Platform, *, everything: bool = False) -> list[Alarm]:
    """Go through what is new on the log; return the alarms that were not raised before. Each has its entry.

    Args:
        everything: goes through all of it anew.

    Raises:
        Unavailable: the database, the keys or the log cannot serve.
    """
    known = canaries(platform)
    if not known:
        return []
    raised: list[Alarm] = []
    ((begin,),) = platform.door.lookup(select(func.min(CANARY_LOOK.c.next_entry)))
    start = min(each.since for each in known) if everything or begin is None else int(begin)
    ((last,),) = platform.door.lookup(select(func.max(LOG_ENTRY.c.number)))
    while last is not None and start <= last:
        stop = min(start + BATCH, int(last) + 1)
        raised += _batch(platform, known, range(start, stop))
        start = stop
    return raised


def _batch(platform: Platform, known: Sequence[Canary], span: range) -> list[Alarm]:
    """Look at some entries, and raise what is to be raised: in one transaction with how far that is."""
    in_force, at = platform.in_force(), timestamp()
    before = {entry for (entry,) in platform.door.lookup(select(CANARY_ALARM.c.entry))}
    reading = _Look(platform, known)
    found = [
        each for each in platform.door.watch(lambda conn: list(reading.alarms(conn, span))) if each.entry not in before
    ]
    here = update(CANARY_LOOK).values(next_entry=span.stop, looked_at=at)
    if not found:
        platform.door.keep(here)
        return []
    facts = {"alarms": [[each.kind, each.entry, each.by, *each.suspects] for each in found[:100]]}
    with platform.door.record(Entry("change", "canary_alarm", ITSELF, in_force.versions, facts)) as change:
        taken = set(change.conn.execute(select(CANARY_ALARM.c.entry)).scalars())  # another server may have been quicker
        for each in found:
            if each.entry not in taken:
                change.conn.execute(
                    insert(CANARY_ALARM).values(
                        entry=each.entry, kind=each.kind, by=each.by, view=each.view, at=each.at, found_at=at,
                        suspects=",".join(each.suspects), settled_at=None, settled_by=None,
                    )
                )  # fmt: skip
        forget(change.conn, [each.entry for each in found])
        change.conn.execute(here)
    return found


class _Look:
    """One look at a span of the log."""

    def __init__(self, platform: Platform, known: Sequence[Canary]) -> None:
        self._platform = platform
        self._known = {each.ordinal: each for each in known}
        self._policies = _Versions(platform)
        self._in_force = platform.in_force()
        self._too_much: dict[str, bool] = {}
        self._places: dict[int, dict[int, Canary]] = {}
        for each in known:
            for place, member in places_of(each.ordinal):
                self._places.setdefault(place, {})[member] = each

    def alarms(self, conn: Connection, span: range) -> Iterator[Alarm]:
        """Return what is amiss in some entries."""
        about, named = self._about(conn, span), heard(conn, self._platform.vault)
        for number in sorted({*about, *(entry for entry in named if entry < span.stop)}):
            body = _entry(conn, number)
            if body is None:  # dropped after its time
                continue
            whom = [self._known[each] for each in sorted(named.get(number, ())) if each in self._known]
            kind = NAMED_OUTSIDE if whom else self._kind(conn, body, about.get(number, []))
            if kind:
                view = str(body.get("view") or "")
                suspects = self._readers(conn, whom, number)
                yield Alarm(number, kind, str(body["principal"]), view, suspects, str(body["at"]))

    def _about(self, conn: Connection, span: range) -> dict[int, list[Canary]]:
        c, found = LOG_SUBJECT.c, dict[int, list[Canary]]()
        within = (c.entry >= span.start, c.entry < span.stop, c.block.in_(sorted(self._places)))
        for entry, block, members in conn.execute(select(c.entry, c.block, c.members).where(*within)):
            here = self._places[block]
            both = BitMap.deserialize(bytes(members)) & BitMap(here)
            whom = [here[member] for member in both if entry > here[member].since]
            if whom:
                found.setdefault(int(entry), []).extend(whom)
        return found

    def _kind(self, conn: Connection, body: Mapping[str, Any], whom: Sequence[Canary]) -> str:
        """Return what is amiss with an entry about canaries; nothing where nothing is."""
        if body["what"] != "disclosure" or body["act"] not in READS or not any(each.refuses for each in whom):
            return ""
        policy = self._policies.policy(str(body.get("policy") or ""))
        view = policy.views.get(str(body.get("view") or "")) if policy else None
        if policy is None or view is None:
            return ""
        if view.kind in _YIELDING and policy.purposes[view.purpose].subject_to:
            return NOT_WITHHELD
        return NOT_MASKED if self._is_too_much(conn, body, view) else ""

    def _is_too_much(self, conn: Connection, body: Mapping[str, Any], view: View) -> bool:
        """Look once what a selective view shows of those who refuse; as it is now, so of reads under what holds now."""
        here = self._in_force
        now = (body.get("policy"), body.get("catalogue")) == (here.policy.digest, here.catalogue.digest)
        if not now or not withholds(here, view):
            return False
        if view.name not in self._too_much:
            refusing = [each for each in self._known.values() if each.refuses]
            self._too_much[view.name] = shows_too_much(self._platform, conn, here, view, refusing)
        return self._too_much[view.name]

    def _readers(self, conn: Connection, whom: Sequence[Canary], before: int) -> tuple[str, ...]:
        """Return who had read an address of hers in full before it came from outside, the last first."""
        found: dict[str, None] = {}
        for canary in whom:
            for number in reversed(entries_about(conn, canary.ordinal)):
                body = _entry(conn, number) if canary.since < number < before else None
                if body is not None and self._told(body):
                    found[str(body["principal"])] = None
        return tuple(found)[:20]

    def _told(self, body: Mapping[str, Any]) -> bool:
        catalogue = self._policies.catalogue(str(body.get("catalogue") or ""))
        if body["what"] != "disclosure" or catalogue is None:
            return False
        addresses = {name for name, each in catalogue.entities[CUSTOMER].fields.items() if each.identifier == EMAIL}
        return any(column[0] in addresses and column[1] == "clear" for column in body.get("fields") or ())


def _entry(conn: Connection, number: int) -> dict[str, Any] | None:
    row = conn.execute(select(LOG_ENTRY.c.entry).where(LOG_ENTRY.c.number == number)).first()
    return None if row is None else parse_entry(bytes(row.entry))


class _Versions:
    """Catalogues and policies by their digests, as entries name them."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._policies: dict[str, Policy | None] = {}
        self._catalogues: dict[str, Catalogue | None] = {}

    def policy(self, digest: str) -> Policy | None:
        """Return a policy; None for one that is not known."""
        if digest not in self._policies:
            c = POLICY_VERSION.c
            rows = self._platform.door.lookup(select(c.body).where(c.digest == digest).limit(1))
            self._policies[digest] = Policy.model_validate_json(rows[0][0]) if rows else None
        return self._policies[digest]

    def catalogue(self, digest: str) -> Catalogue | None:
        """Return a catalogue; None for one that is not known."""
        if digest not in self._catalogues:
            c = CATALOGUE_VERSION.c
            rows = self._platform.door.lookup(select(c.body).where(c.digest == digest).limit(1))
            self._catalogues[digest] = Catalogue.model_validate_json(rows[0][0]) if rows else None
        return self._catalogues[digest]
