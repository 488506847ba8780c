"""Who read and changed what of one person. Whom it is about is typed into a form, and never stands in an address."""

from itertools import islice
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from cdp.console.act_words import act_words
from cdp.console.guard import form_in
from cdp.console.log.permits import require
from cdp.console.parts import staff_page
from cdp.errors import NotFound
from cdp.pages.language import language_of
from cdp.pages.log_places import place_after, place_of
from cdp.pages.serving import platform_of, to
from cdp.services.staff.permissions import Permission
from cdp.services.staff.sessions import Staff
from cdp.services.watching.person import find_person
from cdp.services.who_saw import Access, who_saw

PAGE: Final = "/console/log/person"
PER_PAGE: Final = 25


async def ask(request: Request, staff: Staff) -> Response:
    """Show the form."""
    await run_in_threadpool(require, platform_of(request), staff, Permission.LOG_READ)
    return staff_page(request, staff, "log_person.html", looks=True, whom="", unknown=False)


async def find(request: Request, staff: Staff) -> Response:
    """Look up whom somebody means, and go to her page; who is not known, and how, is not told apart."""
    platform = platform_of(request)
    await run_in_threadpool(require, platform, staff, Permission.LOG_READ)
    try:
        found = await run_in_threadpool(
            find_person, platform, form_in(request).get("customer", "").strip(), principal=staff.principal
        )
    except NotFound:
        return staff_page(request, staff, "log_person.html", status=404, looks=True, whom="", unknown=True)
    return to(f"{PAGE}/{found}")


async def show(request: Request, staff: Staff) -> Response:
    """Show who saw her, a page at a time, the newest first."""
    platform, customer = platform_of(request), request.path_params["customer"]
    await run_in_threadpool(require, platform, staff, Permission.LOG_READ)
    start = place_of(request.query_params.get("from", ""))

    def look() -> list[Access]:
        if ":" in customer:  # an identifier has no place in an address
            raise NotFound("unknown_customer", "there is no such customer", path="customer")
        found = who_saw(platform, customer, principal=staff.principal, limit=PER_PAGE + 1, start=start)
        return list(islice(found, PER_PAGE + 1))

    try:
        found = await run_in_threadpool(look)
    except NotFound:
        return staff_page(request, staff, "log_person.html", status=404, looks=True, whom="", unknown=True)
    shown, more = found[:PER_PAGE], len(found) > PER_PAGE
    return staff_page(
        request, staff, "log_accesses.html", looks=True, whom=customer, accesses=shown,
        acts=act_words(language_of(request)), older=place_after(shown, start) if more else "", newest=start is None,
    )  # fmt: skip
