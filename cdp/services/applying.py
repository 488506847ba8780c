"""The steps by which the next version of the catalogue comes into force, each a transaction with its entry.

Design sections 4 (Versions), 5 and 6; invariants 5 and 7.

    1. the version is added and said to be being applied, so that nothing else is read or written; tables grow
    2. rows are written anew, a batch at a time
    3. what is old goes: columns, tables, what the blind index and the segments held
    4. what went leaves the files, in no transaction
    5. the version comes into force

Killed anywhere, the next process finds the version being applied, does what is left of 2, and all of 3 to 5, which may
be done twice. A version is in force only when nothing of what it sealed is left on disk in the clear. Where no row is
written anew and nothing goes, one transaction does it all and nobody notices.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import astuple

from audit.door import Change as Recorded
from audit.entries import Entry, Principal, timestamp
from cdp.bootstrap import InForce, Platform
from cdp.catalogue.changes import Change, reshaped
from cdp.catalogue.model import Catalogue
from cdp.store import changes as store
from cdp.store.platform import CATALOGUE_VERSION
from cdp.store.reshape import Batch, Reshaper
from cdp.store.structure import structure, structure_query
from cdp.store.versions import add_version, begin_applying, lock_force, put_catalogue_in_force
from consent.flags import restore_flags

ACT = "apply_catalogue"

Settle = Callable[[Recorded, int], None]
"""Does something besides in the transaction that adds a version, which cannot be stopped any more from then on."""


class Overtaken(Exception):
    """Another process has changed what is in force or being applied: look again where things stand."""


class _Nothing(Exception):
    """There was no row left to write anew; the transaction need not leave a trace."""


def thinned(changes: tuple[Change, ...], steps: store.Steps) -> tuple[str, ...]:
    """Return the tables that stay and from which values go, so that their files have to be written anew."""
    losing = (change.entity for change in changes if change.destroys and change.reshapes)
    return tuple(dict.fromkeys((*steps.thinned, *losing)))


class Applying:
    """One catalogue on its way into force.

    Args:
        changes: what `compare` says of the two catalogues.
    """

    def __init__(
        self, platform: Platform, in_force: InForce, catalogue: Catalogue, changes: tuple[Change, ...], *,
        principal: Principal,
    ) -> None:  # fmt: skip
        self._door, self._vault, self._dialect = platform.door, platform.vault, platform.door.dialect
        self._in_force, self._catalogue, self._changes, self._principal = in_force, catalogue, changes, principal
        self._steps = store.plan_steps(in_force.catalogue, catalogue, self._dialect)
        self._entities = reshaped(changes)

    @property
    def at_once(self) -> bool:
        """Whether one transaction can do it: no row is written anew, and nothing goes."""
        return not self._entities and not self._steps.shrink

    def begin(self, settle: Settle = lambda _change, _version: None, *, why: str = "") -> int:
        """Add the version and have the tables grow: step 1, or all of it when that can be. Return its number.

        Args:
            settle: what is done besides in the same transaction, with the number of the version.
            why: in the words of who proposed it.

        Raises:
            Overtaken: something else came first.
        """
        step = "in_force" if self.at_once else "begin"
        with self._recorded(step, None, alone=True, final=self.at_once, why=why) as change:
            conn, catalogue = change.conn, self._catalogue
            version = add_version(
                conn, CATALOGUE_VERSION, digest=catalogue.digest, body=catalogue.body, author=self._principal.name,
                at=timestamp(),
            )  # fmt: skip
            store.run(conn, self._steps.grow)
            if any(each.kind in ("opt_out_added", "opt_out_moved") for each in self._changes):
                restore_flags(conn, catalogue)
            if self.at_once:
                put_catalogue_in_force(conn, version, catalogue.digest)
            else:
                begin_applying(conn, version)
            destroys = any(each.destroys for each in self._changes)
            change.facts |= {"version": version, "changes": len(self._changes), "destroys": destroys}
            settle(change, version)
        return version

    def reshapers(self, version: int) -> list[Reshaper]:
        """Return who writes the rows of each entity anew."""
        old, new, meanwhile = self._in_force.catalogue, self._catalogue, self._steps.meanwhile
        return [
            Reshaper(old, new, entity, version=version, vault=self._vault, dialect=self._dialect, meanwhile=meanwhile)
            for entity in self._entities
        ]

    def left(self, version: int) -> int:
        """Return how many rows are to be written anew.

        Raises:
            Overtaken: as `begin`.
        """
        found = 0
        with suppress(_Nothing), self._recorded("rows", version) as change:
            found = sum(each.left(change.conn) for each in self.reshapers(version))
            raise _Nothing
        return found

    def reshape(self, reshaper: Reshaper, version: int) -> Batch | None:
        """Write one batch anew: step 2. None when nothing is left.

        Raises:
            Overtaken: as `begin`.
        """
        batch = None
        with suppress(_Nothing), self._recorded("rows", version) as change:
            batch = reshaper.next_batch(change.conn)
            if batch is None:
                raise _Nothing
            change.subjects += batch.subjects
            change.facts |= {"entity": reshaper.entity, "rows": batch.rows, "claimed": batch.claimed}
            change.facts["lost"] = dict(batch.lost)
        return batch

    def finish(self, version: int) -> None:
        """Have what is old go, from the database and from its files, and put the version in force: steps 3, 4 and 5.

        Raises:
            Overtaken: as `begin`.
            Unavailable: `store_locked`, `store_full`, when the files cannot be cleaned now; it may be called again.
        """
        with self._recorded("shrink", version, alone=True) as change:
            # INVARIANT: nothing goes before the last row is written anew.
            if any(each.left(change.conn) for each in self.reshapers(version)):
                raise Overtaken
            there = structure(change.conn.execute(structure_query(self._dialect)))
            store.run(change.conn, self._steps.shrink, there)
            store.remove_leftovers(change.conn, self._in_force.catalogue, self._catalogue)
        self._door.clean_up(thinned(self._changes, self._steps))
        with self._recorded("in_force", version, final=True) as change:
            put_catalogue_in_force(change.conn, version, self._catalogue.digest)
            change.facts["version"] = version

    @contextmanager
    def _recorded(
        self, step: str, version: int | None, *, alone: bool = False, final: bool = False, why: str = ""
    ) -> Iterator[Recorded]:
        """Yield a transaction with its entry, in which nothing else is brought into force or written.

        Args:
            version: the version that must be being applied.
            alone: whether nobody may read the tables either.
            final: whether the version comes into force by it; the entry is of the new catalogue then.
        """
        before, after = self._in_force.versions, self._catalogue.digest
        if final:
            facts = {"step": step, "catalogue": after, "catalogue_before": before.catalogue, "policy": before.policy}
            entry = Entry("change", ACT, self._principal, None, facts, reason=why)
        else:
            marked = {"step": step, "applying": True, "catalogue_next": after}
            entry = Entry("change", ACT, self._principal, before, marked, reason=why)
        with self._door.record(entry) as change:
            store.lock_tables(change.conn, (*self._entities, *self._steps.altered), exclusively=alone)
            force = lock_force(change.conn)
            if (force.catalogue_digest, force.policy_digest, force.applying) != (*astuple(before), version):
                raise Overtaken
            yield change
