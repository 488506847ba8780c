"""Who decides about requests, and about which nobody may: his own.

Attacks, "Authority": self-approval. What is compared is who filed the request, and which customer the officer is, if he
is one, through merges as well.
"""

from dataclasses import dataclass

from sqlalchemy import Connection

from audit.entries import HERSELF, Principal
from cdp.erasure.register import part_of
from cdp.errors import Refused
from cdp.services.requests.records import Request


@dataclass(frozen=True, slots=True)
class Officer:
    """Who acts for the organisation; `customer_id` is the customer that he himself is, if he is one."""

    principal: Principal
    customer_id: str | None = None


def require_other(conn: Connection, request: Request, officer: Officer) -> None:
    """Do nothing if the officer may decide about a request.

    Raises:
        Refused: `own_request`.
    """
    hers = {request.customer_id, *part_of(conn, [request.customer_id])}
    own = officer.principal.name in (request.filed_by, HERSELF.name)
    if own or officer.customer_id in hers:
        hint = "somebody else has to decide"
        raise Refused("own_request", "nobody decides about a request of his own", path="request", hint=hint)
