"""Break-glass: what was asked for and what stands, asking, deciding, reading by a grant, and the review.

Whom a grant is over, and why, is shown to those who may look customers up, and each look is on the log; the list names
nobody.
"""

import secrets
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from cdp.bootstrap import Platform
from cdp.console.break_glass_words import faults, states
from cdp.console.guard import form_in
from cdp.console.parts import staff_page
from cdp.console.policy_words import tags
from cdp.errors import BadInput, NotFound, Refused
from cdp.pages.language import language_of
from cdp.pages.serving import platform_of, to
from cdp.services.breakglass import decide, delay
from cdp.services.breakglass.ask import MOST_CUSTOMERS, Asked, ask as ask_for, views_for
from cdp.services.breakglass.delay import Delay
from cdp.services.breakglass.look import PAGE, SHOWN, find_grant, list_grants, read_grant
from cdp.services.breakglass.reading import read_opened
from cdp.services.breakglass.review import review as say_whether
from cdp.services.breakglass.states import steps_of
from cdp.services.requests.officer import Officer
from cdp.services.staff.officers import as_officer
from cdp.services.staff.permissions import Permission
from cdp.services.staff.sessions import Staff

HOME: Final = "/console/break-glass"
_MINUTES: Final = (5, 15, 30, 60, 120, 240, 480, 1440)
_DONE: Final = ("asked", "granted", "declined", "withdrawn", "ended", "delayed", "told", "reviewed")


async def index(request: Request, staff: Staff) -> Response:
    """List what was asked for, and offer to ask."""
    return await _index(request, staff)


async def _index(request: Request, staff: Staff, fault: str = "", form: dict[str, str] | None = None) -> Response:
    platform, query = platform_of(request), request.query_params
    shown = query.get("show", "")
    if shown not in ("", *SHOWN):
        raise NotFound("not_found", "there is no such thing here")
    found = await run_in_threadpool(list_grants, platform, shown=shown, after=query.get("after", ""), limit=PAGE + 1)
    most = platform.settings.break_glass_minutes
    return staff_page(
        request, staff, "break_glass.html", status=400 if fault else 200, grants=found[:PAGE], shown=shown,
        older=found[PAGE - 1].grant_id if len(found) > PAGE else "", newest="after" not in query,
        now=datetime.now(UTC), states=states(language_of(request)), asks=staff.account.may(Permission.BREAK_GLASS_ASK),
        views=_views(platform, staff), minutes=[each for each in _MINUTES if each <= most] or [most], most=most,
        most_customers=MOST_CUSTOMERS, form=secrets.token_hex(16), fault=fault, typed=form or {},
    )  # fmt: skip


async def ask(request: Request, staff: Staff) -> Response:
    """Ask for it."""
    platform, form = platform_of(request), form_in(request)
    customers = tuple(line.strip() for line in form.get("customers", "").splitlines() if line.strip())
    minutes = int(form["minutes"]) if form.get("minutes", "").isascii() and form.get("minutes", "").isdigit() else 0
    asked = Asked(customers, minutes, form.get("reason", "").strip(), form.get("form", ""))

    def done() -> str:
        return ask_for(platform, staff.account, asked, officer=as_officer(platform, staff.account))

    try:
        return to(f"{HOME}/{await run_in_threadpool(done)}?done=asked")
    except (BadInput, NotFound, Refused) as error:
        said = faults(language_of(request)).get(error.code)
        if said is None:
            raise
        return await _index(request, staff, said, form)


async def show(request: Request, staff: Staff) -> Response:
    """Show one grant."""
    return await _one(request, staff)


async def _one(request: Request, staff: Staff, fault: str = "", form: dict[str, str] | None = None) -> Response:
    platform, grant_id = platform_of(request), request.path_params["grant"]
    now, looks = datetime.now(UTC), staff.account.may(Permission.CUSTOMERS_READ)
    if looks:
        seen = await run_in_threadpool(read_grant, platform, grant_id, principal=staff.principal)
        grant, people = seen.grant, seen.people
    else:
        grant, people = await run_in_threadpool(find_grant, platform, grant_id), ()
    may = {Permission.BREAK_GLASS_ASK} if staff.account.may(Permission.BREAK_GLASS_ASK) else set()
    may |= {Permission.APPROVE} if staff.account.may(Permission.APPROVE) else set()
    steps = {str(each) for each in steps_of(grant.course, actor=staff.principal.name, now=now)}
    last = grant.course.asked_at + timedelta(days=platform.settings.break_glass_delay_days)
    done = request.query_params.get("done", "")
    return staff_page(
        request, staff, "break_glass_one.html", status=400 if fault else 200, grant=grant, course=grant.course,
        people=people, looks=looks, now=now, state=grant.course.state(now), states=states(language_of(request)),
        steps=steps, asks=Permission.BREAK_GLASS_ASK in may, approves=Permission.APPROVE in may, fault=fault,
        typed=form or {}, tomorrow=(now + timedelta(days=1)).date().isoformat(), last=last.date().isoformat(),
        done=done if done in _DONE else "", known=[each for each in grant.views if each in _known(platform)],
    )  # fmt: skip


async def decide_on(request: Request, staff: Staff) -> Response:
    """Grant, with or without a delay, or decline."""
    form = form_in(request)
    if form.get("decision") == "decline":
        return await _step(request, staff, "declined", lambda platform, grant_id, officer: decide.decline(
            platform, grant_id, officer=officer, revision=_revision(form), words=form.get("words", "").strip()
        ))  # fmt: skip
    if form.get("decision") != "grant":
        raise BadInput("bad_page_form", "this is no form")

    def granted(platform: Platform, grant_id: str, officer: Officer) -> object:
        put_off = _delay(form) if form.get("later") == "yes" else None
        return decide.grant(platform, grant_id, officer=officer, revision=_revision(form), delay=put_off)

    return await _step(request, staff, "granted", granted)


async def withdraw(request: Request, staff: Staff) -> Response:
    """Take back what one asked for."""
    revision = _revision(form_in(request))
    return await _step(request, staff, "withdrawn", lambda platform, grant_id, officer: decide.withdraw(
        platform, grant_id, officer=officer, revision=revision
    ))  # fmt: skip


async def end(request: Request, staff: Staff) -> Response:
    """End it before its hour."""
    return await _step(
        request, staff, "ended", lambda platform, grant_id, officer: decide.end(platform, grant_id, officer=officer)
    )


async def tell_later(request: Request, staff: Staff) -> Response:
    """Record a delay, or another end of one."""
    form = form_in(request)
    return await _step(request, staff, "delayed", lambda platform, grant_id, officer: delay.tell_later(
        platform, grant_id, _delay(form), officer=officer, revision=_revision(form)
    ))  # fmt: skip


async def tell_now(request: Request, staff: Staff) -> Response:
    """End a delay."""
    revision = _revision(form_in(request))
    return await _step(request, staff, "told", lambda platform, grant_id, officer: delay.tell_now(
        platform, grant_id, officer=officer, revision=revision
    ))  # fmt: skip


async def review(request: Request, staff: Staff) -> Response:
    """Say whether it was justified."""
    form = form_in(request)
    return await _step(request, staff, "reviewed", lambda platform, grant_id, officer: say_whether(
        platform, grant_id, form.get("verdict", ""), form.get("words", "").strip(), officer=officer,
        revision=_revision(form),
    ))  # fmt: skip


async def read(request: Request, staff: Staff) -> Response:
    """Read a customer by a grant; a form, and no address: it has her told."""
    platform, customer_id = platform_of(request), form_in(request).get("customer", "")
    grant_id = request.path_params["grant"]
    found = await run_in_threadpool(read_opened, platform, staff.account, grant_id, customer_id)
    grant = await run_in_threadpool(find_grant, platform, grant_id)
    return staff_page(
        request, staff, "break_glass_read.html", opened=found, grant=grant, course=grant.course,
        customer_id=customer_id, entities=platform.in_force().catalogue.entities, tags=tags(language_of(request)),
    )  # fmt: skip


async def _step(request: Request, staff: Staff, done: str, take: Any) -> Response:
    platform, grant_id = platform_of(request), request.path_params["grant"]
    try:
        await run_in_threadpool(lambda: take(platform, grant_id, as_officer(platform, staff.account)))
    except (BadInput, Refused) as error:
        said = faults(language_of(request)).get(error.code)
        if said is None:
            raise
        return await _one(request, staff, said, form_in(request))
    return to(f"{HOME}/{grant_id}?done={done}")


def _views(platform: Platform, staff: Staff) -> tuple[str, ...]:
    return views_for(platform.in_force().policy, staff.account.role)


def _known(platform: Platform) -> frozenset[str]:
    return frozenset(platform.in_force().policy.views)


def _revision(form: dict[str, str]) -> int:
    """Return the revision that a form was made for; one that names none is refused as stale."""
    text = form.get("revision", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < _DIGITS and int(text) > 0 else -1


_DIGITS: Final = 10


def _delay(form: dict[str, str]) -> Delay:
    """Return the delay of a form: to the end of the day that it names.

    Raises:
        BadInput: `bad_delay`.
    """
    try:
        day = date.fromisoformat(form.get("until", ""))
    except ValueError:
        raise BadInput("bad_delay", "a delay ends on a day", path="until") from None
    return Delay(datetime.combine(day, time(), tzinfo=UTC), form.get("legal_reason", "").strip())
