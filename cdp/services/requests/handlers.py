"""What is done when a request of a kind is granted, besides being answered: the seam to exports and erasure.

A handler runs after the grant is durable, and may be run again until what it does is done: `pending` finds grants whose
work was cut off. A kind without one is granted by the answer that the officer gives.
"""

from collections.abc import Callable, Mapping
from typing import Final

from audit.entries import Principal
from cdp.bootstrap import Platform
from cdp.services.erase import erase
from cdp.services.letters.outbox import send_letters
from cdp.services.requests.records import Request
from cdp.services.requests.states import Kind

Handler = Callable[[Platform, Request, Principal], None]


def _erase(platform: Platform, request: Request, principal: Principal) -> None:
    """Erase her. Her letters go with her: the one that tells of it is sent first, if the mail takes it."""
    send_letters(platform, customer_id=request.customer_id)
    erase(platform, [request.customer_id], principal=principal, reason=f"request {request.request_id}")


HANDLERS: Final[Mapping[Kind, Handler]] = {Kind.ERASURE: _erase}
"""By kind; `docs/requests.md` says how one is added."""
