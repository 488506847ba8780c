"""Approving harmless corrections together: chosen on one page, confirmed on the next, which lists what is approved."""

from datetime import UTC, datetime
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from cdp.console import asked
from cdp.console.guard import form_in
from cdp.console.parts import staff_page
from cdp.errors import BadInput
from cdp.pages.language import language_of
from cdp.pages.serving import platform_of
from cdp.services.corrections.compare import Compared
from cdp.services.corrections.records import Place
from cdp.services.corrections.together import Chosen, Outcome, approve_together, list_safe
from cdp.services.requests.records import Request as Wish
from cdp.services.staff.officers import as_officer
from cdp.services.staff.sessions import Staff

_CHOSEN: Final = "chosen_"
_BETWEEN: Final = "|"
"""Between the parts of what was chosen; no id, name or digest has it."""


async def show(request: Request, staff: Staff) -> Response:
    """Show what may be approved together."""
    return await run_in_threadpool(_shown, request, staff)


async def approve(request: Request, staff: Staff) -> Response:
    """Ask whether these are to be approved; and then approve them."""
    return await run_in_threadpool(_approved, request, staff, form_in(request))


def _shown(request: Request, staff: Staff) -> Response:
    after = request.query_params.get("after", "")
    found, further = _listed(request, staff, after)
    return staff_page(
        request, staff, "safe.html", found=found, further=further, begun=after, named=_named, outcomes=[],
        asking=False, nothing=False, dropped=0,
    )  # fmt: skip


def _approved(request: Request, staff: Staff, form: dict[str, str]) -> Response:
    chosen = [_parsed(value) for name, value in form.items() if name.startswith(_CHOSEN)]
    platform, officer = platform_of(request), as_officer(platform_of(request), staff.account)
    if form.get("confirmed") == "yes":
        outcomes = approve_together(platform, chosen, officer=officer)
        request.app.state.chores.wake()
        return _told(request, staff, outcomes)
    found, further = _listed(request, staff, form.get("after", ""))
    wanted = set(chosen)
    listed = [(wish, each) for wish, each in found if _as_chosen(wish, each) in wanted]
    return staff_page(
        request, staff, "safe.html", found=listed, further=further, begun="", named=_named, outcomes=[],
        asking=bool(listed), nothing=not chosen, dropped=len(chosen) - len(listed),
    )  # fmt: skip


def _told(request: Request, staff: Staff, outcomes: list[Outcome]) -> Response:
    language = language_of(request)
    left = [(each.chosen, asked.fault(each.error, language)) for each in outcomes if each.error is not None]
    done = [each.chosen for each in outcomes if each.error is None]
    return staff_page(
        request, staff, "safe.html", status=409 if left and not done else 200, found=[], further="", begun="",
        named=_named, outcomes=outcomes, done=done, left=left, asking=False, nothing=False, dropped=0,
    )  # fmt: skip


def _listed(request: Request, staff: Staff, after: str) -> tuple[list[tuple[Wish, Compared]], str]:
    platform = platform_of(request)
    return list_safe(platform, officer=as_officer(platform, staff.account), now=datetime.now(UTC), after=after)


def _named(wish: Wish, compared: Compared) -> str:
    """Return what a form says of a field that is chosen."""
    place = compared.place
    return _BETWEEN.join((wish.request_id, place.entity, place.row_id, place.field, compared.shown.seen))


def _as_chosen(wish: Wish, compared: Compared) -> Chosen:
    return Chosen(wish.request_id, compared.place, compared.shown.seen)


def _parsed(value: str) -> Chosen:
    """Return what `_named` wrote.

    Raises:
        BadInput: `bad_page_form`.
    """
    parts = value.split(_BETWEEN)
    if len(parts) != 5:
        raise BadInput("bad_page_form", "this is no form")
    request_id, entity, row_id, field, seen = parts
    return Chosen(request_id, Place(field, entity, row_id), seen)
