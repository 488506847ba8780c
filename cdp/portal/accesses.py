"""Who saw me: the time line, to whom data was passed on, and the check of it that her browser makes by itself."""

import re
from collections.abc import Sequence
from itertools import islice
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from audit.entries import HERSELF
from cdp.errors import BadInput
from cdp.pages.language import language_of
from cdp.pages.template import HEADERS
from cdp.portal.parts import form_of, own_page, platform_of
from cdp.portal.words import acts
from cdp.services.herself.choices import standings
from cdp.services.herself.own_bundle import own_bundle
from cdp.services.herself.recipients import Passed, possible, recipients
from cdp.services.recipients.known import contacts
from cdp.services.sign_in.keeping import Session
from cdp.services.who_saw import Access, Audience, From, who_saw

PER_PAGE: Final = 50
_MOST_STRADDLING: Final = 20
_PLACE: Final = re.compile(r"[0-9]{1,18}(\.[0-9]{1,18}){0,20}")
FILE: Final = "my-log.bundle"


async def accesses(request: Request, session: Session) -> Response:
    """Show who saw her, a page at a time, the newest first."""
    platform, own = platform_of(request), request.query_params.get("own") == "yes"
    start = _start(request.query_params.get("from", ""))

    def look() -> list[Access]:
        found = who_saw(platform, session.customer_id, principal=HERSELF, audience=Audience.PERSON, start=start)
        return list(islice((each for each in found if own or not each.by_herself), PER_PAGE + 1))

    found = await run_in_threadpool(look)
    shown, more = found[:PER_PAGE], len(found) > PER_PAGE
    return own_page(
        request, session, "accesses.html", accesses=shown, own=own, acts=acts(language_of(request)),
        older=_written(shown, start) if more else "", newest=start is None,
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
    form = await form_of(request, session.secret)
    data = await run_in_threadpool(
        own_bundle, platform_of(request), session.customer_id, form.get("checkpoint", "").replace("\r\n", "\n")
    )
    headers = {**HEADERS, "content-disposition": f'attachment; filename="{FILE}"'}
    return Response(data, media_type="application/octet-stream", headers=headers)


def _start(text: str) -> From | None:
    """Return where a page begins: `<entry>` and, after dots, the reads that a page before has shown already.

    Raises:
        BadInput: `bad_page_form`.
    """
    if not text:
        return None
    if not _PLACE.fullmatch(text):
        raise BadInput("bad_page_form", "this is no place in the log", path="from")
    before, *shown = map(int, text.split("."))
    return From(before, frozenset(shown))


def _written(shown: Sequence[Access], start: From | None) -> str:
    """Return where the next page begins; a read of several entries is on the page of its newest one, and no other."""
    before = shown[-1].entries[-1]
    known = {each.entries[0] for each in shown} | (start.shown if start else frozenset())
    straddling = sorted((number for number in known if number < before), reverse=True)[:_MOST_STRADDLING]
    return ".".join(map(str, (before, *straddling)))
