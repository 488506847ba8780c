"""Who there is among staff."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from cdp.console.parts import staff_page
from cdp.console.words import roles
from cdp.pages.language import language_of
from cdp.pages.serving import platform_of
from cdp.services.staff.accounts import list_accounts
from cdp.services.staff.sessions import Staff


async def show(request: Request, staff: Staff) -> Response:
    """List the accounts."""
    accounts = await run_in_threadpool(list_accounts, platform_of(request))
    return staff_page(request, staff, "staff.html", accounts=accounts, roles=roles(language_of(request)))
