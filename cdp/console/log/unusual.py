"""What stands out on the log: reads unlike the reader's own habit, and refusals that rose, each with its numbers."""

from datetime import UTC, datetime

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from cdp.console.act_words import act_words
from cdp.console.log.search import looks_up
from cdp.console.log_words import rules
from cdp.console.parts import staff_page
from cdp.pages.language import language_of
from cdp.pages.serving import platform_of
from cdp.services.staff.sessions import Staff
from cdp.services.watching.rising import refusals
from cdp.services.watching.unusual import DAYS, limits_of, unusual_reads

SPANS = (7, 28, 90)
MOST = 100


async def show(request: Request, staff: Staff) -> Response:
    """Show what stands out in the last days."""
    platform, language, now = platform_of(request), language_of(request), datetime.now(UTC)
    asked = request.query_params.get("days", "")
    days = int(asked) if asked in map(str, SPANS) else DAYS
    found = await run_in_threadpool(unusual_reads, platform, principal=staff.principal, now=now, days=days)
    refused = await run_in_threadpool(refusals, platform, now=now, days=days)
    return staff_page(
        request, staff, "log_unusual.html", found=found[:MOST], more=len(found) - MOST, days=days, spans=SPANS,
        rules=rules(language), acts=act_words(language), limits=limits_of(platform.settings),
        hours=platform.settings.work_hours, refused=[each for each in refused if each.rose][:MOST],
        looks=looks_up(staff),
    )  # fmt: skip
