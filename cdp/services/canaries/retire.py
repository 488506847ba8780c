"""Retiring canaries: erased as anybody is, and no longer known as canaries once their erasure is certain."""

from sqlalchemy import Connection, delete, func, select

from audit.entries import Entry, Principal
from cdp.bootstrap import InForce, Platform
from cdp.erasure.register import Erasure
from cdp.errors import BadInput
from cdp.services.canaries.known import canaries, forget_canaries
from cdp.services.erase import erase
from cdp.store.tables import build_schema
from cdp.store.watching import CANARY, CANARY_LOOK, CANARY_NAMED


def retire(platform: Platform, number: int, *, principal: Principal, reason: str) -> int:
    """Erase those canaries who were planted first; return how many are left.

    Raises:
        BadInput: `bad_canaries`, when there are not so many.
        Unavailable: as `cdp.services.erase.erase`; what has begun goes on with `cdp erase --resume`.
    """
    there = sorted(canaries(platform), key=lambda each: each.since)
    if not 1 <= number <= len(there):
        hint = f"there are {len(there)}; `cdp canary check` says so, too"
        raise BadInput("bad_canaries", "there are not so many canaries", path="number", hint=hint)
    in_force, ids = platform.in_force(fresh=True), {each.customer_id for each in there[:number]}
    customer = build_schema(in_force.catalogue, platform.door.dialect).customer
    stored = select(customer.c.customer_id).where(customer.c.customer_id.in_(ids))
    present = platform.door.watch(lambda conn: sorted(conn.execute(stored).scalars()))

    def forget(conn: Connection, _in_force: InForce, erasure: Erasure) -> None:
        forget_canaries(conn, platform.vault, {erasure.customer_id})

    if present:
        erase(platform, present, principal=principal, reason=reason, within=forget)
    entry = Entry("change", "canaries_retired", principal, in_force.versions, {"number": number})
    with platform.door.record(entry) as change:
        forget_canaries(change.conn, platform.vault, ids)  # those who were erased before, by whatever way
        if change.conn.execute(select(func.count()).select_from(CANARY)).scalar_one() == 0:
            for each in (CANARY_LOOK, CANARY_NAMED):  # the next ones are looked for from their own first entry on
                change.conn.execute(delete(each))
    return len(there) - number
