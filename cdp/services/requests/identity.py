"""What named her when she asked, and whether it still does when it is done: identity is checked again at apply.

The digest is keyed, of the verified identifiers that her row bears: an address that was taken over, a merge, a claim
that was confirmed meanwhile make it another one. Then an officer makes sure who she is (`pause`, `resume`), which
stamps the request anew.
"""

import hashlib
from dataclasses import dataclass

from sqlalchemy import Connection, func, select, true, update

from audit.entries import Entry, Principal
from cdp.bootstrap import Platform
from cdp.errors import Refused
from cdp.services.requests.records import Request
from cdp.services.requests.states import OPEN
from cdp.store.asking import REQUEST
from cdp.store.lookup import find_ordinals
from cdp.store.platform import IDENTIFIER
from cdp.terms import CUSTOMER
from cdp.vault.vault import Vault


def identity_of(conn: Connection, vault: Vault, customer_id: str) -> str:
    """Return the digest of what names a customer now."""
    c = IDENTIFIER.c
    mine = select(c.kind, c.token).where(c.customer_id == customer_id, c.entity == CUSTOMER, c.verified == true())
    found = hashlib.blake2b(key=vault.platform_key("requests"), digest_size=16, person=b"cdp/identity")
    for kind, token in sorted((kind, token) for kind, token in conn.execute(mine)):
        found.update(f"{kind}={token};".encode())
    return found.hexdigest()


def require_same(conn: Connection, vault: Vault, request: Request) -> None:
    """Do nothing if what names her is what named her when it was last known who asks.

    Raises:
        Refused: `identity_changed`.
    """
    if identity_of(conn, vault, request.customer_id) != request.identity:
        hint = "make sure who asks: `cdp request pause`, then `cdp request resume`"
        message = "what names the customer has changed since she asked"
        raise Refused("identity_changed", message, path="request", hint=hint)


def stamp_open(conn: Connection, vault: Vault, customer_id: str, *, before: str) -> None:
    """Stamp those of her open requests anew that bore the identity that a correction has just changed on purpose."""
    c, now = REQUEST.c, identity_of(conn, vault, customer_id)
    mine = (c.customer_id == customer_id, c.identity == before, c.state.in_([str(each) for each in OPEN]))
    conn.execute(update(REQUEST).where(*mine).values(identity=now))


@dataclass(frozen=True, slots=True)
class Names:
    """What is known of who asks: how many identifiers name her by kind, verified or not; whether they are the same."""

    verified: dict[str, int]
    claimed: dict[str, int]
    same: bool


def names_of(platform: Platform, request: Request, *, principal: Principal) -> Names:
    """Return what is known of who asks, without what the identifiers are. The look is on the log."""
    in_force, c = platform.in_force(), IDENTIFIER.c
    facts = {"request": request.request_id}
    with platform.door.record(Entry("disclosure", "read_identity", principal, in_force.versions, facts)) as change:
        change.subjects += find_ordinals(change.conn, in_force.catalogue, [request.customer_id])
        mine = select(c.kind, c.verified, func.count()).where(
            c.customer_id == request.customer_id, c.entity == CUSTOMER
        )
        rows = change.conn.execute(mine.group_by(c.kind, c.verified).order_by(c.kind)).all()
        same = identity_of(change.conn, platform.vault, request.customer_id) == request.identity
    verified = {kind: int(count) for kind, sure, count in rows if sure}
    return Names(verified, {kind: int(count) for kind, sure, count in rows if not sure}, same)
