"""Going on with what was typed before one had to sign in."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from cdp.console.parts import CONSOLE, HELD, HOME, staff_page
from cdp.pages.serving import cookie_of, platform_of, to
from cdp.services.sign_in.held import held_form
from cdp.services.staff.sessions import Staff


async def show(request: Request, staff: Staff) -> Response:
    """Show that it is there, to be sent on with one press."""
    held = await run_in_threadpool(held_form, platform_of(request), staff.session, cookie_of(request, HELD))
    if held is None:
        answer = to(HOME)
        CONSOLE.set_cookie(request, answer, HELD, "")
        return answer
    return staff_page(request, staff, "resume.html", held=held)
