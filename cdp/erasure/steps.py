"""The steps of an erasure. Each may be done twice, so that one that was cut off anywhere is done again from its start.

    1. intend    a row in the register, with its entry; from here on it will be finished, whatever happens
    2. hold      what a law keeps is sealed under keys of its own, for its one purpose (`cdp.erasure.holding`)
    3. bury      in the key store, in one transaction: her key destroyed, her identifiers suppressed, her tombstone
    4. sweep     what waits in the queue, or lies in the quarantine, and names her (`cdp.erasure.sweep`)
    5. remove    every row about her, with its entry
    6. clean     what was deleted leaves the files
    7. certify   the register says it is finished, with the entry that certifies it

After 3 nothing sealed under her key can be read, in any copy; after 4 nothing that the platform has sealed names her,
and what comes is dropped; after 5 no view shows her; after 6 no file holds her; after 7 the link from her ordinal in
the log to her is gone. Entries name no catalogue: an erasure waits for no other change, but where a field has a hold.
"""

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from audit.door import Door
from audit.entries import Entry, Principal, timestamp
from cdp.erasure import register
from cdp.erasure.holding import format_kept, read_holds, set_aside
from cdp.erasure.register import Erasure
from cdp.erasure.removal import ordinal_of, remove
from cdp.erasure.sweep import ACT, SWEPT, sweep
from cdp.vault.vault import Vault


class _Already(Exception):
    """Another process has done it; the transaction need not leave a trace."""


class Eraser:
    """Takes erasures through their steps.

    Args:
        principal: who acts; for what is resumed, the program itself.
    """

    def __init__(self, door: Door, vault: Vault, principal: Principal) -> None:
        self._door, self._vault, self._principal = door, vault, principal

    def finish(self, erasures: Sequence[Erasure]) -> list[Erasure]:
        """Take these to their end: steps 2 to 7. Queue and files are gone through once for all of them.

        Returns:
            What the register says of them in the end, in their order.

        Raises:
            Unavailable: `store_locked`, `keystore_locked`, … It goes on when it is called again.
        """
        left = [each for each in erasures if not each.finished]
        tables = self.begin(left)
        # What was folded long ago lies dead in the file of the queue, under a key that is still there.
        self.clean(tables | {*SWEPT} if left else tables)
        done = {each.customer_id: self.certify(each) for each in left}
        return [done.get(each.customer_id, each) for each in erasures]

    def begin(self, left: Sequence[Erasure]) -> set[str]:
        """Take these to where nobody can read anything of them any more: steps 2 to 5. Return the tables concerned."""
        for each in left:
            self.hold(each)
        tombstones = [self.bury(each) for each in left]
        if left:
            sweep(self._door, self._vault, self._principal, left)
        return {name for each, number in zip(left, tombstones, strict=True) for name in self.remove(each, number)}

    def hold(self, erasure: Erasure) -> None:
        """Keep what a law keeps: step 2, once."""
        holds = None if erasure.held is not None else read_holds(self._door.lookup)
        if holds is None:
            return
        with suppress(_Already), self._door.record(self._entry("hold", erasure)) as change:
            current = register.lock(change.conn, erasure.customer_id)
            if current is None or current.held is not None:
                raise _Already
            today = datetime.fromisoformat(erasure.begun_at).date()
            kept = set_aside(
                change.conn, self._vault, holds, erasure.customer_id, erasure_id=erasure.erasure_id, today=today
            )
            change.facts["held"] = format_kept(kept)
            register.put(change.conn, erasure.customer_id, held=format_kept(kept))

    def bury(self, erasure: Erasure) -> int:
        """Destroy the key: step 3. Return the number of the tombstone."""
        return self._vault.tombstones.bury(erasure.customer_id, erasure.suppressed, at=erasure.begun_at)

    def remove(self, erasure: Erasure, tombstone: int, *, in_turn: bool = False) -> dict[str, int]:
        """Delete the rows: step 5. Return how many, by table, over all times that this was done.

        Args:
            in_turn: whether all with a lower number are known to be done.
        """
        with self._door.record(self._entry("remove", erasure)) as change:
            current = register.lock(change.conn, erasure.customer_id) or erasure
            counts = dict(current.counts)
            hers, token = erasure.customer_id, self._vault.bearer(erasure.customer_id)
            for name, gone in remove(change.conn, hers, erasure.suppressed, bearer=token).items():
                counts[name] = counts.get(name, 0) + gone
            register.put(change.conn, erasure.customer_id, counts=counts, tombstone=tombstone)
            register.advance(change.conn, tombstone, in_turn=in_turn)
            change.facts["rows"] = counts
        return counts

    def clean(self, tables: Collection[str]) -> None:
        """Have what was deleted leave the files, those of the keys, too: step 6."""
        self._vault.tombstones.clean_up()
        self._door.clean_up(sorted(tables))

    def certify(self, erasure: Erasure) -> Erasure:
        """Say that it is finished: step 7. Whoever comes second finds it so."""
        certified: list[Erasure] = []
        with suppress(_Already), self._door.record(self._entry("certify", erasure)) as change:
            current = register.lock(change.conn, erasure.customer_id) or erasure
            if current.finished:
                certified.append(current)
                raise _Already
            at = timestamp()
            register.put(change.conn, erasure.customer_id, finished_at=at, ordinal=None)
            change.facts |= {"rows": current.counts, "suppressed": len(current.suppressed)}

            def number(entry: int) -> None:
                register.put(change.conn, erasure.customer_id, entry=entry)
                certified.append(replace(current, finished_at=at, ordinal=None, entry=entry))

            change.when_numbered = number
        return certified[-1]

    def adopt(self, customer_id: str) -> Erasure:
        """Take in an erasure of which only the tombstone is left: step 1 of a store that is older than it."""
        with self._door.record(self._entry("replay")) as change:
            known = register.lock(change.conn, customer_id)
            if known is not None:
                return known
            ordinal = ordinal_of(change.conn, customer_id)
            change.subjects += [] if ordinal is None else [ordinal]
            return register.intend(change.conn, customer_id, ordinal, (), actor=self._principal.name, at=timestamp())

    def _entry(self, step: str, erasure: Erasure | None = None) -> Entry:
        facts: dict[str, object] = {"step": step}
        subjects: tuple[int, ...] = ()
        if erasure is not None:
            facts["erasure"] = erasure.erasure_id
            subjects = () if erasure.ordinal is None else (erasure.ordinal,)
        return Entry("change", ACT, self._principal, None, facts, subjects)
