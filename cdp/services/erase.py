"""Erasing customers: intent, keys, rows, files, certificate.

Design section 10, invariants 6 and 7; the steps are in `cdp.erasure.steps`.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from sqlalchemy import Connection

from audit.entries import Entry, Principal, timestamp
from cdp.bootstrap import InForce, Platform
from cdp.erasure import register
from cdp.erasure.register import Erasure
from cdp.erasure.steps import Eraser
from cdp.erasure.sweep import ACT
from cdp.errors import NotFound, Refused, Unavailable
from cdp.services.customers import find_customer

LOGGER: Final = logging.getLogger("cdp.erasure")


Within = Callable[[Connection, InForce, Erasure], None]
"""Is called with each intent, in its transaction: what is to be known of her afterwards is put by there."""


def erase(
    platform: Platform, customers: Sequence[str], *, principal: Principal, reason: str, within: Within | None = None
) -> list[Erasure]:
    """Erase customers, each named by id or identifier; return their erasures, finished.

    When this returns, nothing of them can be read in any copy. When it raises `Unavailable`, what has begun is durable
    and goes on with `resume`, or when the store is next opened.

    Raises:
        Refused: `reason_needed`.
        NotFound: `unknown_customer`, before anybody is erased.
        Unavailable: database, keys or log cannot serve.
    """
    if not reason.strip():
        raise Refused("reason_needed", "an erasure needs a reason", path="reason", hint="say it with `--reason`")
    return Eraser(platform.door, platform.vault, principal).finish(
        _intend(platform, customers, principal, reason, within)
    )


def begin_erasure(
    platform: Platform, customer: str, *, principal: Principal, reason: str, within: Within | None = None
) -> Erasure:
    """Erase a customer as far as nobody can read anything of her any more, and return at once.

    Its end, that what was deleted leaves the files, takes a while: that is for `resume`, or the next opening of the
    store. So is all of it, when something does not serve once the intent is durable.

    Raises:
        NotFound: `unknown_customer`.
        Unavailable: the intent could not be made durable; nothing has happened.
    """
    intents = _intend(platform, [customer], principal, reason, within)
    whose = next(each for each in intents if each.customer_id == customer)
    try:
        Eraser(platform.door, platform.vault, principal).begin([each for each in intents if not each.finished])
    except Unavailable as error:
        LOGGER.warning("an erasure goes on later: %s", error.code)
    return whose


def resume(platform: Platform, *, principal: Principal) -> list[Erasure]:
    """Go on with every erasure that is not finished; return them, finished.

    Raises:
        Unavailable: as `erase`.
    """
    with platform.door.record(Entry("change", ACT, principal, None, {"step": "resume"})) as change:
        left = register.unfinished(change.conn)
    return Eraser(platform.door, platform.vault, principal).finish(left)


def list_erasures(platform: Platform, *, principal: Principal, limit: int = 100) -> list[Erasure]:
    """Return the newest erasures, finished or not."""
    with platform.door.record(Entry("disclosure", "read_erasures", principal, None)) as change:
        found = register.newest_first(change.conn, limit)
        change.subjects += [each.ordinal for each in found if each.ordinal is not None]
        return found


def find_erasure(platform: Platform, erasure_id: str, *, principal: Principal) -> Erasure:
    """Return one erasure.

    Raises:
        NotFound: `unknown_erasure`.
    """
    with platform.door.record(Entry("disclosure", "read_erasures", principal, None)) as change:
        found = register.find_erasure(change.conn, erasure_id)
        change.subjects += [found.ordinal] if found and found.ordinal is not None else []
    if found is None:
        raise NotFound("unknown_erasure", "there is no such erasure", path="erasure", hint="see `cdp erasure list`")
    return found


def _intend(
    platform: Platform, customers: Sequence[str], principal: Principal, reason: str, within: Within | None
) -> list[Erasure]:
    """Write down whom to erase, all of them or nobody: step 1. Whoever is being erased already is so only once."""
    in_force, vault = platform.in_force(fresh=True), platform.vault
    entry = Entry("change", ACT, principal, None, {"step": "intend"}, reason=reason)
    with platform.door.record(entry) as change:
        named = [find_customer(change.conn, in_force, vault, name) for name in customers]
        found = {each.customer_id: each.ordinal for each in named}
        found |= register.part_of(change.conn, sorted(found))
        intents = []
        for customer_id in sorted(found):
            known = register.lock(change.conn, customer_id)
            tokens = [vault.suppression.token(each) for each in register.borne(change.conn, customer_id)]
            if known is None:
                known = register.intend(
                    change.conn, customer_id, found[customer_id], tokens, actor=principal.name, at=timestamp()
                )
            elif known.finished:  # by an older copy of the data she is here once more: she goes once more
                register.put(change.conn, customer_id, finished_at=None, entry=None, ordinal=found[customer_id])
                known = replace(known, finished_at=None, entry=None, ordinal=found[customer_id])
            intents.append(known)
            if within is not None and any(customer_id == each.customer_id for each in named):
                within(change.conn, in_force, known)
        change.subjects += found.values()
        change.facts["erasures"] = [each.erasure_id for each in intents]
    return intents
