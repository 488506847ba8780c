"""Having the verifier look: it works in a process of its own, and what it says is shown in its own words."""

from datetime import UTC, datetime
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from cdp.console.log.search import looks_up
from cdp.console.parts import staff_page
from cdp.console.progress import said_of, state_of
from cdp.pages.language import language_of
from cdp.pages.serving import platform_of, to
from cdp.pages.template import HEADERS
from cdp.services.background.jobs import Kind, newest_job
from cdp.services.background.start import start_job
from cdp.services.staff.sessions import Staff

PAGE: Final = "/console/log/verify"


async def show(request: Request, staff: Staff) -> Response:
    """Show how far it is, or what was said last."""
    platform, now = platform_of(request), datetime.now(UTC)
    job = await run_in_threadpool(newest_job, platform, Kind.VERIFY)
    runs = job is not None and job.runs(now)
    said = said_of(job, language_of(request)) if job else ""
    return staff_page(
        request, staff, "log_verify.html", job=job, runs=runs, said=said, key=platform.keeper.verifier.format(),
        witnesses=len(platform.keeper.witnesses), looks=looks_up(staff),
    )  # fmt: skip


async def begin(request: Request, staff: Staff) -> Response:
    """Have it begin; one that is under way, or was a moment ago, is the one that is meant."""
    await run_in_threadpool(start_job, platform_of(request), Kind.VERIFY, principal=staff.principal)
    return to(PAGE)


async def state(request: Request, _staff: Staff) -> Response:
    """Say how far it is, for the script of the page."""
    found = await run_in_threadpool(state_of, platform_of(request), Kind.VERIFY, language_of(request))
    return JSONResponse(found, headers=dict(HEADERS))
