"""The programs that read views: which there are, registering one, a new secret for one, and the end of one."""

from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from audit.entries import timestamp
from cdp.bootstrap import Platform
from cdp.console.forms import a_year_on, in_words, moment_in, require_typed, ticked
from cdp.console.guard import form_in
from cdp.console.parts import staff_page
from cdp.errors import CdpError, NotFound
from cdp.pages.serving import platform_of, to
from cdp.services.access_term import due_at
from cdp.services.apps.known import App, list_apps, views_in
from cdp.services.apps.register import Registered, register_app
from cdp.services.apps.renew import renew_app
from cdp.services.apps.revoke import revoke_app
from cdp.services.staff.permissions import Permission
from cdp.services.staff.sessions import Staff

APPS: Final = "/console/apps"
PER_PAGE: Final = 50


async def show(request: Request, staff: Staff) -> Response:
    """List the apps, those that may act first; beside them one with all that it is."""
    return await run_in_threadpool(_shown, request, staff)


async def new(request: Request, staff: Staff) -> Response:
    """Show what is to be said of a new app."""
    return _asking(request, staff)


async def register(request: Request, staff: Staff) -> Response:
    """Register an app, and show its secret, this once."""
    form, platform = form_in(request), platform_of(request)
    try:
        made = await run_in_threadpool(
            register_app, platform, form.get("name", "").strip(), ticked(form, "view"), principal=staff.principal,
            role=form.get("role", ""), expires=moment_in(form, "expires"),
        )  # fmt: skip
    except CdpError as fault:
        return _asking(request, staff, fault)
    return _secret(request, staff, made)


async def renew(request: Request, staff: Staff) -> Response:
    """Give an app a new secret and a new last day, and show the secret, this once."""
    form = form_in(request)
    try:
        made = await run_in_threadpool(
            renew_app, platform_of(request), form.get("app", ""), principal=staff.principal,
            expires=moment_in(form, "expires"),
        )  # fmt: skip
    except CdpError as fault:
        return await run_in_threadpool(_shown, request, staff, form.get("app", ""), fault)
    return _secret(request, staff, made)


async def revoke(request: Request, staff: Staff) -> Response:
    """Revoke an app, if its name was typed."""
    form, platform = form_in(request), platform_of(request)
    app = _one(await run_in_threadpool(list_apps, platform), form.get("app", ""))
    try:
        require_typed(form, app.name)
        await run_in_threadpool(revoke_app, platform, app.client_id, principal=staff.principal)
    except CdpError as fault:
        return await run_in_threadpool(_shown, request, staff, app.client_id, fault)
    return to(f"{APPS}?app={app.client_id}&done=revoked")


def _shown(request: Request, staff: Staff, key: str = "", fault: CdpError | None = None) -> Response:
    platform, query, now = platform_of(request), request.query_params, timestamp()
    found = sorted(list_apps(platform), key=lambda app: (not app.holds(now), app.name, app.created_at))
    key = key or query.get("app", "")
    app = _one(found, key) if key else None
    start = found.index(_one(found, query["first"])) if query.get("first") else 0
    shown, after = found[start : start + PER_PAGE], found[start + PER_PAGE :]
    return staff_page(
        request, staff, "apps.html", status=400 if fault else 200, apps=shown, start=start, now=now, app=app,
        further=after[0].client_id if after else "", manages=staff.account.may(Permission.APPS_MANAGE),
        done=query.get("done", ""), problem=in_words(request, fault), expires=a_year_on(), **_reads(platform, app),
    )  # fmt: skip


def _reads(platform: Platform, app: App | None) -> dict[str, Any]:
    """Return what an app may do now: its views as the policy has them, and those that the policy has taken from it."""
    if app is None:
        return {"views": [], "lost": [], "due": ""}
    views = views_in(platform.in_force().policy, app)
    lost = [name for name in app.views if name not in {view.name for view in views}]
    return {"views": views, "lost": lost, "due": due_at(platform.settings, app.settled_at)}


def _one(found: list[App], key: str) -> App:
    for app in found:
        if app.client_id == key:
            return app
    raise NotFound("not_found", "there is no such thing here")


def _secret(request: Request, staff: Staff, made: Registered) -> Response:
    return staff_page(
        request, staff, "secret.html", of=made.app.name, back=f"{APPS}?app={made.app.client_id}",
        parts=(("client id", made.app.client_id), ("client secret", made.secret)),
    )  # fmt: skip


def _asking(request: Request, staff: Staff, fault: CdpError | None = None) -> Response:
    policy, form = platform_of(request).in_force().policy, form_in(request) if fault else {}
    views = {name: [each for each in policy.views.values() if each.purpose == name] for name in policy.purposes}
    return staff_page(
        request, staff, "app_new.html", status=400 if fault else 200, problem=in_words(request, fault), form=form,
        ticked=ticked(form, "view"), purposes={name: found for name, found in views.items() if found},
        roles=[role for role in policy.roles if any(role in view.roles for view in policy.views.values())],
        expires=form.get("expires", "") if fault else a_year_on(),
    )  # fmt: skip
