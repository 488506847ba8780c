"""Confirming who may see what: every app and everybody of staff, those that wait longest first."""

import re
from datetime import UTC, datetime
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from cdp.console.guard import form_in
from cdp.console.parts import staff_page
from cdp.errors import BadInput
from cdp.pages.language import language_of
from cdp.pages.serving import platform_of, to
from cdp.pages.titles import staff_roles
from cdp.services.confirm_access import Kind, accesses, confirm as confirm_access, count_due
from cdp.services.staff.sessions import Staff

CONFIRM: Final = "/console/confirm"
PER_PAGE: Final = 25
_AFTER: Final = re.compile(r"([0-9T:.+-]{32})_([a-z]+_[0-9a-f]{24})")


async def show(request: Request, staff: Staff) -> Response:
    """List who may see what, and since when somebody stands for that."""
    return await run_in_threadpool(_shown, request, staff)


async def confirm(request: Request, staff: Staff) -> Response:
    """Confirm one of them, as the page showed it."""
    form, kinds = form_in(request), {"app": "app", "staff": "staff"}
    if form.get("kind") not in kinds:
        raise BadInput("bad_access", "this names no access", path="kind")
    kind: Kind = "app" if form["kind"] == "app" else "staff"
    found = await run_in_threadpool(
        confirm_access, platform_of(request), kind, form.get("key", ""), principal=staff.principal,
        seen=form.get("seen", ""),
    )  # fmt: skip
    return to(f"{CONFIRM}?done={found.kind}:{found.name}")


def _shown(request: Request, staff: Staff) -> Response:
    platform, query, now = platform_of(request), request.query_params, datetime.now(UTC)
    place = _AFTER.fullmatch(query.get("after", ""))
    found = accesses(platform, after=(place[1], place[2]) if place else None, most=PER_PAGE + 1)
    shown, done = found[:PER_PAGE], query.get("done", "")
    return staff_page(
        request, staff, "confirm.html", accesses=shown, now=now, due=count_due(platform), begun=place is not None,
        further=f"{shown[-1].settled_at}_{shown[-1].key}" if len(found) > PER_PAGE else "",
        done=done if re.fullmatch(r"(app|staff):[a-z][a-z0-9._-]{0,47}", done) else "",
        roles=staff_roles(language_of(request)), seen=platform.in_force().policy.digest,
        days=platform.settings.access_days, enforced=platform.settings.access_enforced,
    )  # fmt: skip
