"""Is this still right? What is old: confirmed, corrected or deleted."""

from datetime import UTC, datetime
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from cdp.errors import BadInput
from cdp.portal.parts import form_of, own_page, platform_of, to
from cdp.services.herself.renewing import confirm, drop, questions
from cdp.services.sign_in.keeping import Session

PAGE: Final = "/portal/renew"
_VERBS: Final = {"confirm": confirm, "delete": drop}


async def show(request: Request, session: Session) -> Response:
    """Show what waits for her answer."""
    found = await run_in_threadpool(questions, platform_of(request), session.customer_id)
    done = request.query_params.get("done", "")
    return own_page(request, session, "renew.html", questions=found, done=done if done in _VERBS else "")


async def answer(request: Request, session: Session) -> Response:
    """Take one answer."""
    form = await form_of(request, session.secret, names=("verb", "entity", "row", "field"))
    verb = form.get("verb", "")
    if verb not in _VERBS:
        raise BadInput("bad_page_form", "this is no form")
    which = form.get("entity", ""), form.get("row", ""), form.get("field", "")
    today = datetime.now(UTC).date()
    await run_in_threadpool(_VERBS[verb], platform_of(request), session.customer_id, which, today=today)
    return to(f"{PAGE}?done={verb}")
