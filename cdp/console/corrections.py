"""Corrections: the queue, and one with old and new value of each field; each is approved or not, with a reason."""

from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from cdp.console import asked
from cdp.console.guard import form_in
from cdp.console.parts import staff_page
from cdp.console.request import status_of
from cdp.console.requests import WHOSE, wanted_of
from cdp.errors import BadInput, CdpError, NotFound, Refused
from cdp.pages.language import language_of
from cdp.pages.serving import platform_of, to
from cdp.services.corrections.compare import compare
from cdp.services.corrections.decide import approve_field, reject_field
from cdp.services.corrections.records import Place
from cdp.services.corrections.together import list_waiting_corrections
from cdp.services.requests.states import OPEN, State
from cdp.services.staff.officers import as_officer
from cdp.services.staff.permissions import Permission
from cdp.services.staff.sessions import Staff

LIST: Final = "/console/corrections"
_FILTERS: Final = ("whose", "late")


async def index(request: Request, staff: Staff) -> Response:
    """Show a page of the corrections that wait; which fields, and no value."""
    query, now, language = request.query_params, datetime.now(UTC), language_of(request)
    wanted = wanted_of(query, staff)
    page, fields = await run_in_threadpool(
        list_waiting_corrections, platform_of(request), wanted, principal=staff.principal, now=now
    )  # fmt: skip
    kept = {name: query[name] for name in _FILTERS if query.get(name)}
    return staff_page(
        request, staff, "corrections.html", found=page.requests, fields=fields, kept=kept, whose=WHOSE,
        clock=lambda course: asked.clock(course, language, now), due=lambda course: asked.due(course, language),
        start=urlencode(kept), begun=bool(wanted.after), decides=staff.account.may(Permission.REQUESTS_DECIDE),
        further=urlencode({**kept, "after": page.after}) if page.after else "",
    )  # fmt: skip


async def show(request: Request, staff: Staff) -> Response:
    """Show one with its values."""
    return await run_in_threadpool(_shown, request, staff)


async def decide(request: Request, staff: Staff) -> Response:
    """Approve one field, or leave it as it is."""
    return await run_in_threadpool(_decided, request, staff, form_in(request))


def _decided(request: Request, staff: Staff, form: dict[str, str]) -> Response:
    platform, request_id = platform_of(request), request.path_params["request"]
    place, seen, reason, act = place_in(form), form.get("seen", ""), form.get("reason", ""), form.get("act", "")
    if act not in ("approve", "reject"):
        raise BadInput("bad_page_form", "this is no form")
    officer, step = as_officer(platform, staff.account), approve_field if act == "approve" else reject_field
    try:
        step(platform, request_id, place, seen=seen, officer=officer, reason=reason)
    except (BadInput, Refused) as error:
        return _shown(request, staff, problem=error, form=form)
    except NotFound as error:
        if error.code == "unknown_request":
            raise
        return _shown(request, staff, problem=error, form=form)
    request.app.state.chores.wake()
    return to(f"{LIST}/{request_id}?done={act}")


def _shown(
    request: Request, staff: Staff, *, problem: CdpError | None = None, form: dict[str, str] | None = None
) -> Response:  # fmt: skip
    platform, language, typed = platform_of(request), language_of(request), form or {}
    found = compare(platform, request.path_params["request"], principal=staff.principal)
    wish, now = found.request, datetime.now(UTC)
    if wish.kind != "correction":
        raise NotFound("not_found", "there is no such thing here")
    return staff_page(
        request, staff, "correction.html", status=status_of(problem), wish=wish, fields=found.fields, typed=typed,
        at=place_in(typed) if typed else None, problem=asked.fault(problem, language) if problem else "",
        clock=asked.clock(wish.course, language, now), due=asked.due(wish.course, language),
        states=asked.field_states(language), open=wish.state in OPEN and wish.state is not State.PAUSED,
        paused=wish.state is State.PAUSED, decides=staff.account.may(Permission.REQUESTS_DECIDE),
        done=request.query_params.get("done", ""),
    )  # fmt: skip


def place_in(form: dict[str, str]) -> Place:
    """Return the field that a form is about.

    Raises:
        BadInput: `bad_page_form`.
    """
    if not form.get("field") or not form.get("entity") or "row" not in form:
        raise BadInput("bad_page_form", "this is no form")
    return Place(form["field"], form["entity"], form["row"])
