"""Telling a customer that she was opened: a notice on her page, and a letter if she has an address.

INVARIANT: each customer of a grant is told once. `told_at` is set in the transaction that queues the letter, by an
update that finds it empty; whoever comes second finds it set, in another process and after a restart, too.
"""

from datetime import UTC, datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, or_, select, update

from audit.entries import Entry, Principal, timestamp
from cdp.bootstrap import InForce, Platform
from cdp.services.breakglass.records import ACT, REASON, Grant, Over, load, moment, over, survivor_of
from cdp.services.letters.outbox import address_of, queue_letter
from cdp.services.letters.spoken import language_of, write_spoken
from cdp.services.letters.write import day, known_language
from cdp.store.lookup import find_ordinals
from cdp.store.opening import GRANT, GRANT_CUSTOMER

TELLER: Final = Principal("service:break-glass")
BATCH: Final = 50
TEMPLATE: Final = "opened"
_G: Final = GRANT.c
_C: Final = GRANT_CUSTOMER.c


def tell_due(platform: Platform, *, now: datetime | None = None) -> int:
    """Tell those whose delay is over; return how many. A background chore: what was missed is made up for.

    Raises:
        Unavailable: the database, the keys or the log cannot serve.
    """
    at, told = now or datetime.now(UTC), 0
    while platform.door.waits(GRANT_CUSTOMER, *_due(at)):
        done = _batch(platform, at)
        told += done
        if not done:
            break
    return told


def tell_used(
    conn: Connection, platform: Platform, in_force: InForce, grant: Grant, whom: Over, *, now: datetime
) -> bool:
    """Tell a customer that she was opened, if nobody has and nothing delays it; return whether it was now.

    Who became part of another since is told as who she is by now.
    """
    if grant.course.withheld(now):
        return False
    mine = update(GRANT_CUSTOMER).where(_C.customer_id == whom.customer_id, _C.grant_id == grant.grant_id)
    if conn.execute(mine.where(_C.told_at.is_(None)).values(told_at=timestamp(now))).rowcount == 0:
        return False
    customer_id = survivor_of(conn, whom.customer_id)
    key = platform.vault.keys([customer_id]).get(customer_id)
    if key is None:  # she is being erased
        return False
    used = datetime.fromisoformat(whom.used_at) if whom.used_at else now
    said = {
        "reason": f"\n{whom.words(REASON)}\n" if grant.customers == 1 else "",
        "page": platform.settings.origin.rstrip("/") + "/portal/opened",
    }
    language = language_of(conn, customer_id)
    letter = write_spoken(TEMPLATE, language, lambda each: said | {"when": day(used, each)})
    queue_letter(
        conn, customer_id, TEMPLATE, letter, key=key, language=known_language(language),
        address=address_of(conn, in_force, platform.vault, customer_id), request_id=grant.grant_id,
    )  # fmt: skip
    return True


def _due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    free = select(_G.grant_id).where(or_(_G.delayed_until.is_(None), _G.delayed_until <= timestamp(now)))
    return _C.told_at.is_(None), _C.used_at.is_not(None), _C.grant_id.in_(free)


def _batch(platform: Platform, now: datetime) -> int:
    in_force, told = platform.in_force(fresh=True), 0
    wanted = select(_C.grant_id, _C.customer_id).where(*_due(now)).order_by(_C.grant_id, _C.customer_id).limit(BATCH)
    with platform.door.record(Entry("change", ACT, TELLER, in_force.versions, {"step": "tell"})) as change:
        conn = change.conn
        for grant_id, customer_id in conn.execute(wanted).all():
            grant, at = load(conn, grant_id, locked=True), moment(conn, now)
            whom = over(conn, platform.vault, grant_id, customer_id)
            if whom is not None and tell_used(conn, platform, in_force, grant, whom, now=at):
                told += 1
                change.subjects += find_ordinals(conn, in_force.catalogue, [survivor_of(conn, customer_id)])
        change.facts["told"] = told
    return told
