"""What the platform itself knows about one customer: her id, what she refuses, and her pseudonyms.

Read through the door like everything else: it names a person, so it is a disclosure and has its entry.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, false, select

from audit.entries import Entry, Principal
from audit.passage import Chunk
from cdp.bootstrap import InForce, Platform
from cdp.catalogue.places import flag_column
from cdp.services.customers import find_customer
from cdp.store.platform import TOKEN
from cdp.store.tables import build_schema
from cdp.terms import CUSTOMER


@dataclass(frozen=True)
class Known:
    """A customer: `refused` in the order of the catalogue, `tokens` by scope."""

    customer_id: str
    refused: tuple[str, ...]
    tokens: dict[str, str]


def read_known(platform: Platform, customer: str, principal: Principal) -> Known:
    """Return what is known of the customer whom `customer` names.

    Raises:
        NotFound: `unknown_customer`.
    """
    reading = _KnownReading(platform, customer)
    [[row]] = platform.door.disclose(reading, principal)
    return Known(*row)


class _KnownReading:
    """For `audit.door.Door.disclose`."""

    def __init__(self, platform: Platform, customer: str) -> None:
        self._in_force: InForce = platform.in_force()
        self._vault = platform.vault
        self._customer = customer

    def entry(self, principal: Principal) -> Entry:
        """Return the entry of this read, before its numbers are known."""
        fields = [[name, "clear"] for name in ("customer_id", *self._in_force.catalogue.opt_outs, "token")]
        facts = {"entity": CUSTOMER, "fields": fields}
        return Entry("disclosure", "read_known", principal, self._in_force.versions, facts)

    def read(self, conn: Connection, _position: object | None) -> Chunk:
        """Read the one row."""
        found = find_customer(conn, self._in_force, self._vault, self._customer)
        customer = build_schema(self._in_force.catalogue, conn.dialect.name).customer
        opt_outs = self._in_force.catalogue.opt_outs
        flags = select(*(customer.c[flag_column(name)].is_(false()) for name in opt_outs))
        held = conn.execute(flags.where(customer.c.customer_id == found.customer_id)).one()
        refused = tuple(name for name, free in zip(opt_outs, held, strict=True) if not free)
        c = TOKEN.c
        mine = select(c.scope, c.token).where(c.customer_id == found.customer_id, c.row_id == found.customer_id)
        tokens = {row.scope: row.token for row in conn.execute(mine)}
        return Chunk([(found.customer_id, refused, tokens)], [found.ordinal], None)
