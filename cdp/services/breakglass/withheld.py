"""Of which grants a customer is not told yet, because a law has it delayed: what she is shown leaves them out."""

from datetime import UTC, datetime

from sqlalchemy import Connection, select

from audit.entries import timestamp
from cdp.erasure.register import part_of
from cdp.services.breakglass.records import moment
from cdp.store.opening import GRANT, GRANT_CUSTOMER


def withheld_from(conn: Connection, customer_id: str, *, now: datetime | None = None) -> frozenset[str]:
    """Return the grants over a customer, or over who became a part of her, whose delay lasts."""
    g, c, at = GRANT.c, GRANT_CUSTOMER.c, moment(conn, now or datetime.now(UTC))
    whose = [customer_id, *part_of(conn, [customer_id])]
    hers = select(c.grant_id).where(c.customer_id.in_(whose))
    lasting = select(g.grant_id).where(g.grant_id.in_(hers), g.delayed_until > timestamp(at))
    return frozenset(conn.execute(lasting).scalars())
