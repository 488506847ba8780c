"""From where events come: sources with what became of what they sent, adding one, a new write key, the end of one."""

from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from cdp.console.forms import in_words, require_typed
from cdp.console.guard import form_in
from cdp.console.parts import staff_page
from cdp.errors import CdpError, NotFound
from cdp.ingest.sources import Source, add_source, list_sources, renew_source, revoke_source
from cdp.ingest.status import status
from cdp.pages.serving import platform_of, to
from cdp.services.staff.permissions import Permission
from cdp.services.staff.sessions import Staff

SOURCES: Final = "/console/apps/sources"
PER_PAGE: Final = 50


async def show(request: Request, staff: Staff) -> Response:
    """List the sources, those whose write key counts first; beside them one with all that it is."""
    return await run_in_threadpool(_shown, request, staff)


async def add(request: Request, staff: Staff) -> Response:
    """Add a source, and show its write key, this once. That it is trusted is said on the command line alone."""
    form, platform = form_in(request), platform_of(request)
    name = form.get("name", "").strip()
    try:
        _, write_key = await run_in_threadpool(add_source, platform, name, principal=staff.principal)
    except CdpError as fault:
        return await run_in_threadpool(_shown, request, staff, "", fault)
    return _secret(request, staff, name, write_key)


async def renew(request: Request, staff: Staff) -> Response:
    """Give a source a new write key, and show it, this once."""
    name, platform = form_in(request).get("source", ""), platform_of(request)
    write_key = await run_in_threadpool(renew_source, platform, name, principal=staff.principal)
    return _secret(request, staff, name, write_key)


async def revoke(request: Request, staff: Staff) -> Response:
    """Let the write key of a source count no more, if its name was typed."""
    form, platform = form_in(request), platform_of(request)
    name = form.get("source", "")
    try:
        require_typed(form, name)
        await run_in_threadpool(revoke_source, platform, name, principal=staff.principal)
    except CdpError as fault:
        return await run_in_threadpool(_shown, request, staff, name, fault)
    return to(f"{SOURCES}?source={name}&done=revoked")


def _shown(request: Request, staff: Staff, name: str = "", fault: CdpError | None = None) -> Response:
    platform, query = platform_of(request), request.query_params
    found = sorted(list_sources(platform), key=lambda each: (each.revoked_at is not None, each.name))
    name = name or query.get("source", "")
    source = _one(found, name) if name else None
    start = found.index(_one(found, query["first"])) if query.get("first") else 0
    shown, after = found[start : start + PER_PAGE], found[start + PER_PAGE :]
    return staff_page(
        request, staff, "sources.html", status=400 if fault else 200, sources=shown, start=start, source=source,
        counts={each.source: each for each in status(platform)}, further=after[0].name if after else "",
        manages=staff.account.may(Permission.APPS_MANAGE), done=query.get("done", ""),
        problem=in_words(request, fault), given=form_in(request).get("name", "") if fault else "",
    )  # fmt: skip


def _one(found: list[Source], name: str) -> Source:
    for each in found:
        if each.name == name:
            return each
    raise NotFound("not_found", "there is no such thing here")


def _secret(request: Request, staff: Staff, name: str, write_key: str) -> Response:
    parts = (("write key", write_key), ("data plane URL", platform_of(request).settings.origin))
    return staff_page(request, staff, "secret.html", of=name, back=f"{SOURCES}?source={name}", parts=parts)
