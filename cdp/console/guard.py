"""Who may see a page of the console: staff whose role has the permission that the page names.

    Route("/console/policy", staffed(policy.show, needs=Permission.POLICY_READ), methods=["GET"])
    Route("/console/policy", staffed(policy.publish, needs=Permission.POLICY_PROPOSE, fresh=True), methods=["POST"])

INVARIANT: no endpoint runs for anybody else, and none for a form that does not come from a page of this session: the
form is checked here, and not by each endpoint. A test asks this of every route under `/console`.
"""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, Final, cast

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from audit.entries import Entry
from cdp.bootstrap import Platform
from cdp.console.parts import CONSOLE, HELD, SESSION, in_words
from cdp.errors import Refused, Unauthenticated
from cdp.pages.forms import MAX_FORM
from cdp.pages.serving import Endpoint, cookie_of, form_of, platform_of
from cdp.services.access_term import is_held_back
from cdp.services.sign_in.keeping import run_out
from cdp.services.staff.permissions import Permission
from cdp.services.staff.sessions import TERMS, Staff, find_staff

ByStaff = Callable[[Request, Staff], Awaitable[Response]]

NEEDS: Final = "console_needs"
"""The attribute of an endpoint that says which permission it needs; None for one that is for everybody."""


def staffed(endpoint: ByStaff, *, needs: Permission, fresh: bool = False, most: int = MAX_FORM) -> Endpoint:
    """Return the endpoint for staff with a permission; who is not signed in is sent to do so, and comes back.

    A form that was sent is held meanwhile, as in the portal.

    Args:
        fresh: asks that she proved within ten minutes who she is, for what cannot be taken back.
        most: the longest form that is taken, in bytes.
    """

    async def guarded(request: Request) -> Response:
        platform, cookie = platform_of(request), cookie_of(request, SESSION)
        try:
            staff = await run_in_threadpool(find_staff, platform, cookie)
        except Unauthenticated:
            before = await run_in_threadpool(run_out, platform, TERMS, cookie)
            return await CONSOLE.to_sign_in(request, before, most=most)
        if not staff.account.may(needs):
            await run_in_threadpool(platform.door.note, _refused(staff, platform, needs))
            raise Refused("no_permission", "this is not for the role of this account", path=str(needs))
        if needs is not Permission.ACCOUNT and is_held_back(platform.settings, staff.account.settled_at):
            await run_in_threadpool(platform.door.note, _refused(staff, platform, needs))
            raise Refused("access_unconfirmed", "nobody confirmed in time that this account needs what it sees")
        if fresh and not staff.session.is_fresh(datetime.now(UTC)):
            return await CONSOLE.to_sign_in(request, staff.session, most=most)
        if request.method == "POST":
            request.state.form = await form_of(request, staff.session.secret, most=most)
        answer = await endpoint(request, staff)
        if request.method == "POST" and cookie_of(request, HELD) and answer.status_code < 400:
            CONSOLE.set_cookie(request, answer, HELD, "")  # what was held has been sent on, or is not wanted any more
        CONSOLE.renew(request, answer, staff.session)
        return answer

    return _marked(in_words(guarded), needs)


def public(endpoint: Endpoint) -> Endpoint:
    """Return an endpoint that is for everybody: the ways in."""
    return _marked(in_words(endpoint), None)


def form_in(request: Request) -> dict[str, str]:
    """Return the form that was sent; the guard has seen where it comes from."""
    return cast("dict[str, str]", request.state.form)


def _refused(staff: Staff, platform: Platform, needs: Permission) -> Entry:
    return Entry("refusal", "console", staff.principal, platform.in_force().versions, {"needs": str(needs)})


def _marked(endpoint: Endpoint, needs: Permission | None) -> Endpoint:
    marked: Any = endpoint
    setattr(marked, NEEDS, needs)
    return cast("Endpoint", marked)
