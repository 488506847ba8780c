"""Identity links: claims that wait, what each would join, and merges that stand and can be undone."""

from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from cdp.console.guard import form_in
from cdp.console.parts import staff_page
from cdp.console.request import status_of
from cdp.errors import BadInput, CdpError, NotFound, Refused
from cdp.pages.language import language_of, translations
from cdp.pages.serving import platform_of, to
from cdp.services.identity.decide import Seen, confirm_link, list_links, reject_link
from cdp.services.identity.links import PENDING
from cdp.services.identity.look import look_at_link
from cdp.services.identity.merge import list_merges, unmerge_customers
from cdp.services.staff.officers import as_officer
from cdp.services.staff.permissions import Permission
from cdp.services.staff.sessions import Staff

LIST = "/console/links"
PAGE = 50


async def index(request: Request, staff: Staff) -> Response:
    """Show a page of the claims that wait."""
    after = request.query_params.get("after", "")
    found = await run_in_threadpool(
        list_links, platform_of(request), principal=staff.principal, after=_id(after), limit=PAGE + 1
    )  # fmt: skip
    shown = found[:PAGE]
    return staff_page(
        request, staff, "links.html", found=shown, begun=bool(after), done=request.query_params.get("done", ""),
        further=shown[-1].link.link_id if len(found) > PAGE else "",
        decides=staff.account.may(Permission.IDENTITY_DECIDE),
    )  # fmt: skip


async def show(request: Request, staff: Staff) -> Response:
    """Show what one would join."""
    return await run_in_threadpool(_shown, request, staff)


async def decide(request: Request, staff: Staff) -> Response:
    """Confirm a claim, or refuse it."""
    return await run_in_threadpool(_decided, request, staff, form_in(request))


async def joined(request: Request, staff: Staff) -> Response:
    """Show the merges that stand, the newest first."""
    return await run_in_threadpool(_joined, request, staff)


async def undo(request: Request, staff: Staff) -> Response:
    """Take a merge back."""
    return await run_in_threadpool(_undone, request, staff, form_in(request))


def _shown(
    request: Request, staff: Staff, *, problem: CdpError | None = None, form: dict[str, str] | None = None
) -> Response:  # fmt: skip
    sight = look_at_link(platform_of(request), request.path_params["link"], principal=staff.principal)
    return staff_page(
        request, staff, "link.html", status=status_of(problem), sight=sight, typed=form or {},
        waits=sight.link.state == PENDING, problem=_fault(problem, request) if problem else "",
    )  # fmt: skip


def _decided(request: Request, staff: Staff, form: dict[str, str]) -> Response:
    platform, link_id, act = platform_of(request), request.path_params["link"], form.get("act", "")
    if act not in ("confirm", "reject") or "bearer" not in form:
        raise BadInput("bad_page_form", "this is no form")
    step: Any = confirm_link if act == "confirm" else reject_link
    seen = Seen(as_officer(platform, staff.account).customer_id, form["bearer"])
    try:
        reason = _reason(form)
        done = step(platform, link_id, principal=staff.principal, reason=reason, seen=seen)
    except (BadInput, Refused) as error:
        return _shown(request, staff, problem=error, form=form)
    return to(f"{LIST}?done={'joined' if done is not None else act}")


def _joined(
    request: Request, staff: Staff, *, problem: CdpError | None = None, form: dict[str, str] | None = None
) -> Response:  # fmt: skip
    after = request.query_params.get("after", "")
    found, further = list_merges(platform_of(request), principal=staff.principal, after=after)
    return staff_page(
        request, staff, "joined.html", status=status_of(problem), found=found, further=further, begun=bool(after),
        decides=staff.account.may(Permission.IDENTITY_DECIDE), typed=form or {}, at=request.path_params.get("merge"),
        problem=_fault(problem, request) if problem else "", done=request.query_params.get("done") == "undone",
    )  # fmt: skip


def _undone(request: Request, staff: Staff, form: dict[str, str]) -> Response:
    platform = platform_of(request)
    try:
        unmerge_customers(
            platform, request.path_params["merge"], principal=staff.principal, reason=_reason(form),
            own=as_officer(platform, staff.account).customer_id,
        )  # fmt: skip
    except (BadInput, NotFound, Refused) as error:
        return _joined(request, staff, problem=error, form=form)
    return to(f"{LIST}/joined?done=undone")


def _reason(form: dict[str, str]) -> str:
    """Return why.

    Raises:
        Refused: `reason_needed`.
    """
    if not form.get("reason", "").strip():
        raise Refused("reason_needed", "who is who is decided with a reason", path="reason")
    return form["reason"]


def _id(text: str) -> str:
    """Return an id by which a page begins.

    Raises:
        NotFound: `not_found`.
    """
    if len(text) > 36 or not all(letter in "0123456789abcdef-" for letter in text):
        raise NotFound("not_found", "there is no such thing here")
    return text


def _fault(error: CdpError, request: Request) -> str:
    _ = translations(language_of(request)).gettext
    known = {
        "reason_needed": _("Please write why; it is kept, sealed, with the entry of the log."),
        "bad_reason": _("That is too long, or holds signs that are no text."),
        "link_decided": _("Somebody else was quicker: it is decided already."),
        "stale_link": _("Somebody else bears the identifier now than when you looked. Look at both again."),
        "own_act": _("Somebody else has to decide: one of the two is you."),
        "merge_capped": _("So many are part of this customer already that something is wrong with the identifier."),
        "merge_nested": _("The customer became part of another one since; undo that first."),
        "unknown_merge": _("Somebody else was quicker: it is undone already."),
    }
    return known.get(error.code, _("This was not done."))
