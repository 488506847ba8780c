"""Who saw me: the time line, to whom data was passed on, and the check of it that her browser makes by itself."""

from functools import partial
from itertools import islice
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from audit.entries import HERSELF
from cdp.pages.language import language_of
from cdp.pages.log_places import place_after, place_of
from cdp.pages.template import HEADERS
from cdp.portal.parts import form_of, own_page, platform_of
from cdp.portal.words import acts, somebody
from cdp.services.herself.choices import standings
from cdp.services.herself.own_bundle import own_bundle
from cdp.services.herself.recipients import Passed, possible, recipients
from cdp.services.recipients.known import contacts
from cdp.services.sign_in.keeping import Session
from cdp.services.who_saw import Access, Audience, who_saw

PER_PAGE: Final = 50
FILE: Final = "my-log.bundle"


async def accesses(request: Request, session: Session) -> Response:
    """Show who saw her, a page at a time, the newest first."""
    platform, own = platform_of(request), request.query_params.get("own") == "yes"
    start = place_of(request.query_params.get("from", ""))

    def look() -> list[Access]:
        found = who_saw(platform, session.customer_id, principal=HERSELF, audience=Audience.PERSON, start=start)
        return list(islice((each for each in found if own or not each.by_herself), PER_PAGE + 1))

    found = await run_in_threadpool(look)
    shown, more = found[:PER_PAGE], len(found) > PER_PAGE
    return own_page(
        request, session, "accesses.html", accesses=shown, own=own, acts=acts(language_of(request)),
        who=partial(somebody, language=language_of(request)),
        older=place_after(shown, start) if more else "", newest=start is None,
    )  # fmt: skip


async def passed_on(request: Request, session: Session) -> Response:
    """Show to whom her data was passed on."""
    platform = platform_of(request)

    def look() -> tuple[list[Passed], frozenset[str]]:
        return recipients(platform, session.customer_id), standings(platform, session.customer_id).refused

    found, refused = await run_in_threadpool(look)
    might = {
        name: purposes
        for name, purposes in possible(platform.in_force(), refused).items()
        if name not in {each.recipient for each in found}
    }
    reached = await run_in_threadpool(contacts, platform)
    return own_page(request, session, "recipients.html", passed=found, possible=might, contacts=reached)


async def check(request: Request, session: Session) -> Response:
    """Show the page that checks."""
    key = platform_of(request).keeper.verifier.format()
    return own_page(request, session, "verify.html", vkey=key, file=FILE)


async def bundle(request: Request, session: Session) -> Response:
    """Hand out her part of the log."""
    form = await form_of(request, session.secret, names=("checkpoint",))
    data = await run_in_threadpool(
        own_bundle, platform_of(request), session.customer_id, form.get("checkpoint", "").replace("\r\n", "\n")
    )
    headers = {**HEADERS, "content-disposition": f'attachment; filename="{FILE}"'}
    return Response(data, media_type="application/octet-stream", headers=headers)
