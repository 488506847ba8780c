"""What waits, and whether all is well."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from cdp.console.navigation import navigation
from cdp.console.parts import staff_page
from cdp.pages.language import language_of
from cdp.pages.serving import platform_of
from cdp.services.staff.sessions import Staff
from cdp.services.today import today


async def show(request: Request, staff: Staff) -> Response:
    """Show the numbers; each leads to its list, where there is one that this account may see."""
    found = await run_in_threadpool(today, platform_of(request))
    lists = {each.address for each in navigation(language_of(request)) if staff.account.may(each.needs)}
    return staff_page(request, staff, "today.html", today=found, lists=lists)
