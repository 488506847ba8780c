"""Searching the log. What is sought stands in the address; a customer only by her id, which says nothing about her."""

from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from cdp.console.act_words import act_words
from cdp.console.log.addresses import before_of, further, query_of
from cdp.console.log.permits import require
from cdp.console.log_words import whats
from cdp.console.parts import staff_page
from cdp.pages.language import language_of
from cdp.pages.serving import platform_of
from cdp.services.staff.permissions import Permission
from cdp.services.staff.sessions import Staff
from cdp.services.watching.search import Wanted, search_log

PAGE: Final = "/console/log"
_LONGEST: Final = 200


async def show(request: Request, staff: Staff) -> Response:
    """Show a page of what was found, the newest first."""
    platform, language, query = platform_of(request), language_of(request), request.query_params
    wanted = wanted_of(query)
    if wanted.whom:
        await run_in_threadpool(require, platform, staff, Permission.CUSTOMERS_READ)
    found = await run_in_threadpool(search_log, platform, wanted, principal=staff.principal, before=before_of(query))
    policy = platform.in_force().policy
    return staff_page(
        request, staff, "log_search.html", hits=found, wanted=wanted, views=list(policy.views),
        purposes=list(policy.purposes), acts=act_words(language), whats=whats(language), looks=looks_up(staff),
        older=further(query, found.below), newest=query_of(query) if "before" in query else None,
        filtered=bool(wanted.named),
    )  # fmt: skip


def looks_up(staff: Staff) -> bool:
    """Return whether somebody may look customers up."""
    return staff.account.may(Permission.CUSTOMERS_READ)


def wanted_of(query: QueryParams) -> Wanted:
    """Return what an address asks for."""
    return Wanted(**{name: query.get(name, "").strip()[:_LONGEST] for name in Wanted.__slots__})
