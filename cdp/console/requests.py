"""The queue of requests: what is late first, then what is due soon; all of the filter stands in the address."""

from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from cdp.console import asked
from cdp.console.parts import staff_page
from cdp.errors import NotFound
from cdp.pages.language import language_of
from cdp.pages.serving import platform_of
from cdp.services.requests.queue import STATES, Wanted, list_waiting
from cdp.services.requests.states import Kind, State
from cdp.services.staff.sessions import Staff

WHOSE: Final = ("", "me", "nobody")
_FILTERS: Final = ("kind", "state", "whose", "late")


async def show(request: Request, staff: Staff) -> Response:
    """Show a page of what waits."""
    query, now, language = request.query_params, datetime.now(UTC), language_of(request)
    wanted = wanted_of(query, staff)
    found = await run_in_threadpool(list_waiting, platform_of(request), wanted, principal=staff.principal, now=now)
    kept = {name: query[name] for name in _FILTERS if query.get(name)}
    return staff_page(
        request, staff, "requests.html", found=found.requests, kept=kept, kinds=asked.kinds(language),
        states=asked.states(language), open=STATES, clock=lambda course: asked.clock(course, language, now),
        due=lambda course: asked.due(course, language), start=urlencode(kept), begun=bool(wanted.after),
        further=urlencode({**kept, "after": found.after}) if found.after else "", done=query.get("done") == "erased",
    )  # fmt: skip


def wanted_of(query: QueryParams, staff: Staff) -> Wanted:
    """Return what the address asks for.

    Raises:
        NotFound: `not_found`, for what there is not.
    """
    kind, state, whose = query.get("kind", ""), query.get("state", ""), query.get("whose", "")
    if kind not in ("", *Kind) or state not in ("", *STATES) or whose not in WHOSE:
        raise NotFound("not_found", "there is no such thing here")
    taken_by = {"": None, "me": staff.principal.name, "nobody": ""}[whose]
    return Wanted(
        Kind(kind) if kind else None, State(state) if state else None, taken_by, late=query.get("late") == "yes",
        after=query.get("after", ""),
    )  # fmt: skip
