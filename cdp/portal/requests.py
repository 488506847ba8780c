"""Requests: what she asked for and how it stands, one with its history, and asking for something new."""

import secrets
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from audit.entries import HERSELF
from cdp.errors import BadInput, NotFound, Refused
from cdp.pages.language import language_of
from cdp.portal import asked
from cdp.portal.guard import SignedIn, fresh, signed_in
from cdp.portal.parts import Endpoint, form_of, own_page, platform_of, to
from cdp.services.corrections.read import own_corrections, own_fields
from cdp.services.herself.leaving import Stays, what_stays
from cdp.services.requests.attachments import read_attachment
from cdp.services.requests.file import MAX_TEXT, SPEAKING, Filing, file_request
from cdp.services.requests.read import own_request, own_requests
from cdp.services.requests.states import OPEN, Kind, State
from cdp.services.requests.steps import lift, withdraw
from cdp.services.sign_in.keeping import Session

OFFERED: Final = (
    Kind.ACCESS, Kind.PORTABILITY, Kind.OBJECTION, Kind.RESTRICTION, Kind.HUMAN_REVIEW, Kind.QUESTION, Kind.ERASURE
)  # fmt: skip
"""What can be asked for here, in the order of the page; a correction begins at the field."""

GRAVE: Final = frozenset({Kind.ERASURE})
"""Kinds that ask for a fresh proof of who she is."""

WAYS: Final = {Kind.PORTABILITY: "/portal/export", Kind.ERASURE: "/portal/erase"}
"""Where what is asked for is had at once, without anybody else."""

_PURPOSE: Final = "purpose_"


async def index(request: Request, session: Session) -> Response:
    """Show what she asked for, and what she can ask for."""
    found = await run_in_threadpool(own_requests, platform_of(request), session.customer_id)
    fields = await run_in_threadpool(own_fields, platform_of(request), session.customer_id)
    language = language_of(request)
    waiting = [each for each in found if each.state in OPEN]
    closed = [each for each in found if each.state not in OPEN]
    return own_page(
        request, session, "requests.html", waiting=waiting, closed=closed, kinds=asked.kinds(language),
        states=asked.states(language), clock=lambda each: asked.clock(each, language), offered=OFFERED, ways=WAYS,
        fields=fields,
    )  # fmt: skip


async def show(request: Request, session: Session) -> Response:
    """Show one request with all that happened to it."""
    platform, request_id, language = platform_of(request), request.path_params["request"], language_of(request)
    detail = await run_in_threadpool(own_request, platform, session.customer_id, request_id)
    fields = await run_in_threadpool(own_corrections, platform, session.customer_id, request_id)
    done = request.query_params.get("done") == "yes"
    leaves = detail.request.kind is Kind.ERASURE and detail.request.state in OPEN
    stays = await _stays(request, session) if leaves else []
    return own_page(
        request, session, "request.html", detail=detail, wish=detail.request, fields=fields, done=done,
        stays=stays,
        kinds=asked.kinds(language), states=asked.states(language), steps=asked.steps(language),
        clock=asked.clock(detail.request, language), open=detail.request.state in OPEN,
        liftable=detail.request.kind is Kind.RESTRICTION and detail.request.state is State.DONE,
    )  # fmt: skip


async def ask(request: Request, session: Session) -> Response:
    """Show the form for a kind of request."""
    return await _asking(request, session, _kind(request), {}, "")


async def send(request: Request, session: Session) -> Response:
    """File a request; what is wrong with it is said beside what she wrote."""
    kind, form = _kind(request), await form_of(request, session.secret)
    purposes = tuple(name.removeprefix(_PURPOSE) for name in form if name.startswith(_PURPOSE))
    if not form.keys() - {f"{_PURPOSE}{each}" for each in purposes} <= {"text", "once"}:
        raise BadInput("bad_page_form", "this is no form")
    filing = Filing(kind, form.get("text", ""), language_of(request), purposes, form.get("once", ""))
    try:
        request_id = await run_in_threadpool(
            file_request, platform_of(request), session.customer_id, filing, principal=HERSELF
        )  # fmt: skip
    except (BadInput, Refused) as error:
        return await _asking(request, session, kind, form, asked.fault(error, language_of(request)))
    return went(request, f"/portal/requests/{request_id}?done=yes")


async def take_back(request: Request, session: Session) -> Response:
    """Withdraw a request."""
    return await _end(request, session, withdraw)


async def end_restriction(request: Request, session: Session) -> Response:
    """Lift a restriction."""
    return await _end(request, session, lift)


async def download(request: Request, session: Session) -> Response:
    """Give a file back that she added: never shown here, only saved."""
    path = request.path_params
    file, data = await run_in_threadpool(
        read_attachment, platform_of(request), path["request"], path["file"], principal=HERSELF,
        customer_id=session.customer_id,
    )  # fmt: skip
    headers = {
        "content-disposition": f"attachment; filename=\"file\"; filename*=UTF-8''{_encoded(file.name)}",
        "x-content-type-options": "nosniff",
        "content-security-policy": "default-src 'none'; sandbox",
        "cross-origin-resource-policy": "same-origin",
    }
    return Response(data, media_type="application/octet-stream", headers=headers)


def by_kind(endpoint: SignedIn) -> Endpoint:
    """Return the endpoint for whoever is signed in, and has proved it a moment ago where the kind is grave."""
    usual, grave = signed_in(endpoint), fresh(endpoint)

    async def chosen(request: Request) -> Response:
        return await (grave if request.path_params["kind"] in GRAVE else usual)(request)

    return chosen


def went(request: Request, address: str) -> Response:
    """Send her on, and have the letters sent that were queued."""
    request.app.state.chores.wake()
    return to(address)


def once() -> str:
    """Return a token for a form: sent twice, it is one request."""
    return secrets.token_urlsafe(16)


async def _end(request: Request, session: Session, step: Any) -> Response:
    await form_of(request, session.secret, names=())
    request_id = request.path_params["request"]
    with suppress(Refused):  # it was decided meanwhile, or the button was pressed twice: the page says how it stands
        await run_in_threadpool(step, platform_of(request), session.customer_id, request_id)
    return went(request, f"/portal/requests/{request_id}")


async def _stays(request: Request, session: Session) -> list[Stays]:
    """Return what laws keep of her if she is erased today: she is told before she asks, and while it waits."""
    today = datetime.now(UTC).date()
    return await run_in_threadpool(what_stays, platform_of(request), session.customer_id, today=today)


async def _asking(request: Request, session: Session, kind: Kind, form: Mapping[str, str], problem: str) -> Response:
    purposes = platform_of(request).in_force().policy.purposes if kind is Kind.OBJECTION else {}
    answer = own_page(
        request, session, "ask.html", kind=kind, words=asked.kinds(language_of(request))[kind], purposes=purposes,
        typed=form, problem=problem, once=form.get("once") or once(), most=MAX_TEXT, needed=kind in SPEAKING,
        stays=await _stays(request, session) if kind is Kind.ERASURE else [],
    )  # fmt: skip
    answer.status_code = HTTPStatus.BAD_REQUEST if problem else HTTPStatus.OK
    return answer


def _kind(request: Request) -> Kind:
    name = request.path_params["kind"]
    if name not in OFFERED:
        raise NotFound("not_found", "there is no such thing here")
    return Kind(name)


def _encoded(name: str) -> str:
    """Return a name for a header (RFC 8187)."""
    return quote(name, safe="")
