"""See-as: one customer as a role, an app or a view is shown her, for whoever looks customers up; with a reason."""

from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from audit.entries import timestamp
from cdp.bootstrap import Platform
from cdp.console.break_glass_words import faults
from cdp.console.guard import form_in
from cdp.console.parts import staff_page
from cdp.console.policy_words import kinds, reasons, tags
from cdp.errors import BadInput, NotFound, Refused
from cdp.pages.language import language_of
from cdp.pages.serving import platform_of
from cdp.services.apps.known import list_apps
from cdp.services.herself.see_as import one_of_each_kind, others_views
from cdp.services.other_eyes import look_as, own_views_of
from cdp.services.staff.permissions import Permission
from cdp.services.staff.sessions import Staff
from cdp.services.who_sees import Reader, readers_of
from cdp.terms import CUSTOMER

KINDS: Final = "kinds"
"""Stands for one view of each kind, side by side."""


async def show(request: Request, staff: Staff) -> Response:
    """Ask whom to look at, with whose eyes, and why."""
    query: QueryParams = request.query_params
    return await _page(request, staff, {"reader": query.get("reader", ""), "customer": query.get("customer", "")})


async def look(request: Request, staff: Staff) -> Response:
    """Look. A form, and no address: an address would keep whom it was about."""
    platform, form = platform_of(request), form_in(request)
    known = await run_in_threadpool(_readers, platform, staff)
    names = _views(platform, known, form.get("reader", ""))
    reason = form.get("reason", "").strip()
    try:
        customer_id, eyes = await run_in_threadpool(
            lambda: look_as(platform, staff.account, form.get("customer", "").strip(), names, reason=reason)
        )
    except (BadInput, NotFound, Refused) as error:
        said = faults(language_of(request)).get(error.code)
        if said is None:
            raise
        return await _page(request, staff, form, fault=said)
    return await _page(request, staff, {**form, "customer": customer_id}, eyes=eyes)


async def _page(
    request: Request, staff: Staff, form: dict[str, str], *, fault: str = "", eyes: object = None
) -> Response:
    platform, language = platform_of(request), language_of(request)
    in_force = platform.in_force()
    known = await run_in_threadpool(_readers, platform, staff)
    return staff_page(
        request, staff, "see_as.html", status=400 if fault else 200, readers=known, form=form, fault=fault, eyes=eyes,
        views=others_views(in_force), fields=in_force.catalogue.entities[CUSTOMER].fields, kinds=kinds(language),
        entities=in_force.catalogue.entities, tags=tags(language), reasons=reasons(language), every=KINDS,
        may=any(view.entity == CUSTOMER for view in own_views_of(in_force, staff.account.role)),
    )  # fmt: skip


def _readers(platform: Platform, staff: Staff) -> dict[str, Reader]:
    """Return the roles and apps that read anything; apps for whoever may see which there are."""
    apps = list_apps(platform) if staff.account.may(Permission.APPS_READ) else []
    found = readers_of(platform.in_force().policy, apps, now=timestamp())
    others = {view.name for view in others_views(platform.in_force())}
    return {key: each for key, each in found.items() if any(view.name in others for view in each.views)}


def _views(platform: Platform, known: dict[str, Reader], chosen: str) -> list[str]:
    """Return the views that somebody chose: those of a reader, one view, or one of each kind.

    Raises:
        NotFound: `not_found`.
    """
    in_force = platform.in_force()
    others = [view.name for view in others_views(in_force)]
    if chosen == KINDS:
        return [view.name for view in one_of_each_kind(in_force)]
    if chosen.startswith("view:") and chosen.removeprefix("view:") in others:
        return [chosen.removeprefix("view:")]
    if chosen in known:
        return [view.name for view in known[chosen].views if view.name in others]
    raise NotFound("not_found", "there is no such thing here")
