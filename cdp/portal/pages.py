"""Overview."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from cdp.portal.parts import own_page, platform_of
from cdp.services.herself.asked import count_questions
from cdp.services.herself.choices import standings
from cdp.services.herself.opened import unseen
from cdp.services.herself.own_data import count_filled
from cdp.services.sign_in.keeping import Session
from cdp.services.statements.notice import notice_for


async def home(request: Request, session: Session) -> Response:
    """Say in a few lines what there is."""
    platform = platform_of(request)
    refused = (await run_in_threadpool(standings, platform, session.customer_id)).refused
    filled = await run_in_threadpool(count_filled, platform, session.customer_id)
    waiting = await run_in_threadpool(count_questions, platform, session.customer_id)
    fresh = await run_in_threadpool(unseen, platform, session.customer_id)
    notice = await run_in_threadpool(notice_for, platform, session.customer_id)
    return own_page(
        request, session, "home.html", filled=filled, refused=sorted(refused), waiting=waiting, notice=notice,
        opened=fresh,
        thanked=request.query_params.get("read") == "yes",
    )  # fmt: skip
