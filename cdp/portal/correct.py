"""Correcting a field: what stands there, a new value, why, and perhaps a file that shows it.

What names her takes a fresh proof of who she is: whoever finds her browser open does not move her address.
"""

import asyncio
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from cdp.catalogue.field import Field
from cdp.errors import BadInput, NotFound, Refused
from cdp.pages.language import language_of
from cdp.portal import asked
from cdp.portal.guard import SignedIn, fresh, signed_in
from cdp.portal.parts import Endpoint, form_with_file, own_page, platform_of
from cdp.portal.requests import once, went
from cdp.services.corrections.fields import find_field, mode_of
from cdp.services.corrections.propose import Proposal, Proposed, amend, propose
from cdp.services.corrections.read import own_corrections
from cdp.services.corrections.records import Correction, Place
from cdp.services.herself.own_data import own_record
from cdp.services.requests.attachments import MAX_BYTES, TYPES, Upload
from cdp.services.requests.file import MAX_TEXT
from cdp.services.sign_in.keeping import Session
from cdp.terms import CUSTOMER, Value

UPLOADS: Final = 4
"""Files that one process takes in at a time."""

_KEYS: Final = frozenset({"value", "reason", "once", "file"})


async def show(request: Request, session: Session) -> Response:
    """Show a field, and the form for a new value."""
    return await _form(request, session, {}, "")


async def send(request: Request, session: Session) -> Response:
    """File what she proposes; what is wrong with it is said beside what she wrote, and nothing of that is lost."""
    form, sent = await form_with_file(request, session.secret, most=MAX_BYTES)
    if not form.keys() <= _KEYS or "value" not in form:
        raise BadInput("bad_page_form", "this is no form")
    place, field = _field(request)
    too_large = sent is not None and sent.too_large
    try:
        if too_large:
            raise BadInput("attachment_too_large", "the file is too large", path="attachment")  # noqa: TRY301 -- said as all else
        upload = Upload(sent.name, sent.data) if sent is not None else None
        request_id = await run_in_threadpool(_file, request, session, place, form, upload)
    except (BadInput, Refused) as error:
        problem = asked.fault(error, language_of(request), type_=str(field.type))
        return await _form(request, session, form, problem)
    return went(request, f"/portal/requests/{request_id}?done=yes")


def few_at_once(endpoint: SignedIn) -> SignedIn:
    """Return the endpoint for a few forms at a time: a file lies in memory alone."""
    places = asyncio.Semaphore(UPLOADS)

    async def waiting(request: Request, session: Session) -> Response:
        async with places:
            return await endpoint(request, session)

    return waiting


def by_field(endpoint: SignedIn) -> Endpoint:
    """Return the endpoint for whoever is signed in, and has proved it a moment ago where the field names her."""
    usual, grave = signed_in(endpoint), fresh(endpoint)

    async def chosen(request: Request) -> Response:
        try:
            names_her = bool(_field(request)[1].identifier)
        except NotFound:
            names_her = False
        return await (grave if names_her else usual)(request)

    return chosen


def _file(request: Request, session: Session, place: Place, form: Mapping[str, str], upload: Upload | None) -> str:
    """File it, or amend what of this field waits already; return the id of the request."""
    platform, her = platform_of(request), session.customer_id
    proposed = Proposed(place.field, form["value"], place.entity, place.row_id)
    proposal = Proposal([proposed], form.get("reason", ""), upload, language_of(request), form.get("once", ""))
    try:
        return propose(platform, her, proposal)
    except Refused as error:
        waits = _waiting(request, session, place)
        if error.code != "correction_open" or waits is None:
            raise
    amend(platform, her, waits.request_id, proposed, upload=upload)
    return waits.request_id


async def _form(request: Request, session: Session, form: Mapping[str, str], problem: str) -> Response:
    (place, field), platform = _field(request), platform_of(request)
    mode = mode_of(field)
    row = await run_in_threadpool(own_record, platform, session.customer_id, place.entity, place.row_id)
    if place.field not in row:
        raise NotFound("no_such_field", "there is no such field", path="field")
    waits = await run_in_threadpool(_waiting, request, session, place)
    value: Value = waits.new if waits is not None else row.get(place.field)
    answer = own_page(
        request, session, "correct.html", field=field, place=place, mode=mode, stored=row.get(place.field),
        waits=waits, typed={"value": _text(value), "reason": "", **form}, problem=problem,
        once=form.get("once") or once(), most=MAX_TEXT, longest=min(MAX_TEXT, field.longest), accept=",".join(TYPES),
        target=request.url.path,
    )  # fmt: skip
    answer.status_code = HTTPStatus.BAD_REQUEST if problem else HTTPStatus.OK
    return answer


def _waiting(request: Request, session: Session, place: Place) -> Correction | None:
    found = own_corrections(platform_of(request), session.customer_id)
    return next((each for each in found if each.place == place), None)


def _field(request: Request) -> tuple[Place, Field]:
    """Return what an address names.

    Raises:
        NotFound: `no_such_field`.
    """
    path = request.path_params
    place = Place(path["field"], path.get("entity", CUSTOMER), path.get("row", ""))
    if (place.entity == CUSTOMER) != (place.row_id == ""):
        raise NotFound("no_such_field", "there is no such field", path="field")
    return place, find_field(platform_of(request).in_force(), place.entity, place.field)


def _text(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
