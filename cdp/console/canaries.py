"""Alarms of canaries: where somebody appears of whom there is nobody, by whom, and that somebody has seen to it."""

from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from cdp.console.guard import form_in
from cdp.console.parts import staff_page
from cdp.errors import BadInput
from cdp.pages.serving import platform_of, to
from cdp.services.canaries.alarms import raised, settle as settle_alarm, standing
from cdp.services.staff.permissions import Permission
from cdp.services.staff.sessions import Staff

CANARIES: Final = "/console/canaries"
PER_PAGE: Final = 50


async def show(request: Request, staff: Staff) -> Response:
    """List the alarms, the newest first."""
    return await run_in_threadpool(_shown, request, staff)


async def settle(request: Request, staff: Staff) -> Response:
    """Record that an alarm was seen to."""
    await run_in_threadpool(
        settle_alarm, platform_of(request), _number(form_in(request).get("entry", "")), principal=staff.principal
    )
    return to(f"{CANARIES}?done=settled")


def _shown(request: Request, staff: Staff) -> Response:
    platform, query = platform_of(request), request.query_params
    before = _number(query["before"]) if query.get("before") else None
    found = raised(platform, before=before, most=PER_PAGE + 1)
    number, looked_at = standing(platform)
    return staff_page(
        request, staff, "canaries.html", alarms=found[:PER_PAGE], number=number, looked_at=looked_at,
        further=found[PER_PAGE - 1].entry if len(found) > PER_PAGE else None, begun=before is not None,
        settles=staff.account.may(Permission.APPROVE), done=query.get("done", ""),
    )  # fmt: skip


def _number(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > 18:
        raise BadInput("bad_page_form", "this is no entry of the log", path="entry")
    return int(text)
