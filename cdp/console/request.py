"""One request: what was asked, who asks, the clock, what happened; and giving it to somebody."""

from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from cdp.bootstrap import Platform
from cdp.console import asked
from cdp.console.guard import form_in
from cdp.console.parts import staff_page
from cdp.errors import BadInput, CdpError, NotFound, Refused
from cdp.pages.language import language_of
from cdp.pages.serving import platform_of, to
from cdp.services.requests.assign import assign
from cdp.services.requests.attachments import read_attachment
from cdp.services.requests.identity import names_of
from cdp.services.requests.read import Detail, read_request
from cdp.services.requests.second import proposed, takes_two
from cdp.services.requests.states import OPEN, Kind, Step, steps_of
from cdp.services.requests.tell import TEMPLATES
from cdp.services.requests.work import Seen
from cdp.services.staff.officers import as_officer, deciding, named_officer
from cdp.services.staff.permissions import Permission
from cdp.services.staff.sessions import Staff

LIST: Final = "/console/requests"


async def show(request: Request, staff: Staff) -> Response:
    """Show the request."""
    return await run_in_threadpool(shown, request, staff)


async def give(request: Request, staff: Staff) -> Response:
    """Give it to somebody, or to nobody."""
    form = form_in(request)
    return await run_in_threadpool(_given, request, staff, form)


async def download(request: Request, staff: Staff) -> Response:
    """Give a file that she added: never shown here, only saved."""
    path, platform = request.path_params, platform_of(request)
    file, data = await run_in_threadpool(
        read_attachment, platform, path["request"], path["file"], principal=staff.principal
    )  # fmt: skip
    headers = {
        "content-disposition": f"attachment; filename=\"file\"; filename*=UTF-8''{quote(file.name, safe='')}",
        "x-content-type-options": "nosniff",
        "content-security-policy": "default-src 'none'; sandbox",
        "cross-origin-resource-policy": "same-origin",
        "cache-control": "no-store",
    }
    return Response(data, media_type="application/octet-stream", headers=headers)


def shown(
    request: Request, staff: Staff, *, problem: CdpError | None = None, typed: dict[str, str] | None = None
) -> Response:
    """Return the page of a request, with what is wrong and what was typed, if something was.

    Raises:
        NotFound: `unknown_request`.
    """
    platform, request_id, language = platform_of(request), request.path_params["request"], language_of(request)
    detail, now = read_request(platform, request_id, principal=staff.principal), datetime.now(UTC)
    wish, first = detail.request, proposed(detail.steps)
    decides = staff.account.may(Permission.REQUESTS_DECIDE)
    return staff_page(
        request, staff, "request.html", status=status_of(problem), detail=detail, wish=wish, typed=typed or {},
        kinds=asked.kinds(language), states=asked.states(language), steps=asked.steps(language),
        clock=asked.clock(wish.course, language, now), due=asked.due(wish.course, language),
        problem=asked.fault(problem, language) if problem else "", done=request.query_params.get("done", ""),
        names=names_of(platform, detail.request, principal=staff.principal), open=wish.state in OPEN,
        choices=_choices(detail, language, now) if decides else {}, decides=decides, first=first,
        two=takes_two(platform.in_force(), wish.kind), people=deciding(platform) if decides else [],
        mine=wish.taken_by == staff.principal.name, own_first=first is not None and first.actor == staff.principal.name,
        ends=decides and (wish.state in OPEN or Step.LIFT in steps_of(wish.course, now=now)),
    )  # fmt: skip


def status_of(problem: CdpError | None) -> int:
    """Return the status of a page that says what was wrong, or that nothing was."""
    if problem is None:
        return 200
    return 400 if isinstance(problem, BadInput) else 409


def _choices(detail: Detail, language: str, now: datetime) -> dict[Step, tuple[str, str, str]]:
    """Return the steps that can be taken now, of which a letter tells."""
    possible = set(steps_of(detail.request.course, now=now)) & set(TEMPLATES)
    if detail.request.kind is Kind.CORRECTION or proposed(detail.steps) is not None:
        possible -= {Step.APPROVE}  # field by field, on its own page; or as the second, by the form for that
    return {step: words for step, words in asked.choices(language).items() if step in possible}


def _given(request: Request, staff: Staff, form: dict[str, str]) -> Response:
    platform, request_id = platform_of(request), request.path_params["request"]
    try:
        _assign(platform, request_id, form, staff)
    except (Refused, BadInput) as error:
        return shown(request, staff, problem=error, typed=form)
    except NotFound as error:
        if error.code != "unknown_staff":
            raise
        return shown(request, staff, problem=error, typed=form)
    return to(f"{LIST}/{request_id}?done=assign")


def _assign(platform: Platform, request_id: str, form: dict[str, str], staff: Staff) -> Any:
    name = form.get("name", "")
    given = named_officer(platform, name) if name else None
    return assign(platform, request_id, given, officer=as_officer(platform, staff.account), seen=seen_of(form))


def seen_of(form: dict[str, str]) -> Seen:
    """Return what a form was made of: the revision that its page showed, and the letter.

    Raises:
        BadInput: `bad_page_form`.
    """
    revision = form.get("revision", "")
    if not (revision.isascii() and revision.isdigit() and len(revision) < 16):
        raise BadInput("bad_page_form", "this is no form")
    return Seen(int(revision), form.get("letter", ""))
