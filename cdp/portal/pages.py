"""Overview, accesses."""

from itertools import islice
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from audit.entries import HERSELF
from cdp.pages.language import language_of
from cdp.portal.parts import own_page, platform_of
from cdp.portal.words import acts
from cdp.services.herself.choices import standings
from cdp.services.herself.own_data import own_data
from cdp.services.sign_in.keeping import Session
from cdp.services.who_saw import Access, Audience, who_saw

MOST_ACCESSES: Final = 100


async def home(request: Request, session: Session) -> Response:
    """Say in a few lines what there is."""
    platform = platform_of(request)
    refused = (await run_in_threadpool(standings, platform, session.customer_id)).refused
    records = await run_in_threadpool(own_data, platform, session.customer_id, refused)
    filled = sum(value is not None for part in records for row in part.rows for value in row.values())
    return own_page(request, session, "home.html", filled=filled, refused=sorted(refused))


async def accesses(request: Request, session: Session) -> Response:
    """Show who saw her."""
    platform, own = platform_of(request), request.query_params.get("own") == "yes"

    def look() -> list[Access]:
        found = who_saw(platform, session.customer_id, principal=HERSELF, audience=Audience.PERSON)
        return list(islice((each for each in found if own or not each.by_herself), MOST_ACCESSES + 1))

    found = await run_in_threadpool(look)
    return own_page(
        request, session, "accesses.html", accesses=found[:MOST_ACCESSES], more=len(found) > MOST_ACCESSES, own=own,
        acts=acts(language_of(request)),
    )  # fmt: skip
