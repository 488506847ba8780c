"""Who saw her in full by break-glass, why, and what the review said."""

from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from cdp.portal.parts import form_of, own_page, platform_of, to
from cdp.services.herself.opened import note_seen, opened
from cdp.services.sign_in.keeping import Session

PAGE: Final = "/portal/opened"


async def show(request: Request, session: Session) -> Response:
    """Show them."""
    found = await run_in_threadpool(opened, platform_of(request), session.customer_id)
    return own_page(request, session, "opened.html", openings=found)


async def note(request: Request, session: Session) -> Response:
    """Take her word that she has seen them."""
    await form_of(request, session.secret, names=())
    await run_in_threadpool(note_seen, platform_of(request), session.customer_id)
    return to(PAGE)
