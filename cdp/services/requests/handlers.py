"""What is done when a request of a kind is granted, besides being answered: the seam to exports and erasure.

A handler runs after the grant is durable, and may be run again until what it does is done: `pending` finds grants whose
work was cut off. A kind without one is granted by the answer that the officer gives.
"""

from collections.abc import Callable, Mapping
from typing import Final

from sqlalchemy import Connection

from audit.entries import Principal
from cdp.bootstrap import InForce, Platform
from cdp.erasure.register import Erasure
from cdp.services.erase import erase
from cdp.services.letters.last import queue_last, send_last_letters
from cdp.services.requests.records import Request
from cdp.services.requests.states import Kind

Handler = Callable[[Platform, Request, Principal], None]


def _erase(platform: Platform, request: Request, principal: Principal) -> None:
    """Erase her. What tells of it is written in the same transaction as the intent, and does not go with her key."""

    def within(conn: Connection, in_force: InForce, erasure: Erasure) -> None:
        queue_last(conn, platform, in_force, erasure, language=request.language, also=request.request_id)

    erase(
        platform, [request.customer_id], principal=principal, reason=f"request {request.request_id}", within=within
    )  # fmt: skip
    send_last_letters(platform)


HANDLERS: Final[Mapping[Kind, Handler]] = {Kind.ERASURE: _erase}
"""By kind; `docs/requests.md` says how one is added."""
