"""Reports: asking for one, how far it is, those that are kept, and handing one out. None is made while one waits."""

import re
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from cdp.console.forms import day_in
from cdp.console.guard import form_in
from cdp.console.parts import staff_page
from cdp.errors import BadInput
from cdp.pages.language import language_of, translations
from cdp.pages.reports.render import can_set_pdf
from cdp.pages.reports.words import section_words
from cdp.pages.serving import platform_of, to
from cdp.pages.template import HEADERS
from cdp.services.reports.figures import period_of
from cdp.services.reports.kept import UNDER_WAY, Kept, ask_report, fetch_report, find_report, list_reports
from cdp.services.reports.pack import name_of
from cdp.services.reports.sections import SECTIONS
from cdp.services.staff.permissions import Permission
from cdp.services.staff.sessions import Staff
from cdp.terms import LANGUAGES

REPORTS: Final = "/console/reports"
PER_PAGE: Final = 20
_TIME: Final = re.compile(r"[0-9T:.+-]{32}")


async def show(request: Request, staff: Staff) -> Response:
    """Show the reports that there are, how far one is, and what may be in the next."""
    return await run_in_threadpool(_shown, request, staff)


async def make(request: Request, staff: Staff) -> Response:
    """Ask for a report of the sections that were ticked; a server makes it beside the pages."""
    form, platform = form_in(request), platform_of(request)
    language = form.get("language", "")
    sections = [name for name in SECTIONS if f"section_{name}" in form]
    if not sections or language not in LANGUAGES:
        raise BadInput("nothing_chosen", "a report has at least one section, in one of the languages", path="section")
    period = period_of(day_in(form, "since"), day_in(form, "until"))
    asked = await run_in_threadpool(
        ask_report, platform, principal=staff.principal, language=language, sections=sections, period=period
    )
    request.app.state.chores.wake()
    return to(f"{REPORTS}?report={asked.report}")


async def state(request: Request, staff: Staff) -> Response:  # noqa: ARG001 -- the guard has looked
    """Say how far one is, for the script of the page."""
    job = await run_in_threadpool(find_report, platform_of(request), request.query_params.get("report", ""))
    said: dict[str, object] = {"done": job.done, "of": len(job.sections), "text": _said(job, language_of(request))}
    said["over"] = job.state not in UNDER_WAY
    return JSONResponse(said, headers=dict(HEADERS))


async def fetch(request: Request, staff: Staff) -> Response:
    """Hand out one that is kept."""
    report = form_in(request).get("report", "")
    found, archive = await run_in_threadpool(fetch_report, platform_of(request), report, principal=staff.principal)
    name = name_of(found.made_at or found.asked_at)
    named = {"content-disposition": f'attachment; filename="{name}.zip"', "cache-control": "no-store"}
    return Response(archive, media_type="application/zip", headers={**HEADERS, **named})


def _shown(request: Request, staff: Staff) -> Response:
    platform, query, language = platform_of(request), request.query_params, language_of(request)
    words, before = section_words(language), query.get("before", "")
    found = list_reports(platform, before=before if _TIME.fullmatch(before) else None, most=PER_PAGE + 1)
    job = find_report(platform, query["report"]) if query.get("report") else None
    return staff_page(
        request, staff, "reports.html", sections={name: words[name] for name in SECTIONS}, pdf=can_set_pdf(),
        makes=staff.account.may(Permission.REPORTS_MAKE), key=platform.keeper.verifier.format(), job=job,
        said=_said(job, language) if job else "", under_way=UNDER_WAY, reports=found[:PER_PAGE], begun=bool(before),
        further=found[PER_PAGE - 1].asked_at if len(found) > PER_PAGE else "",
        keeps=platform.settings.report_keep_days,
    )  # fmt: skip


def _said(job: Kept, language: str) -> str:
    """Return how far a report is, in words."""
    _ = translations(language).gettext
    return _("%(done)s of %(of)s sections are counted.") % {"done": job.done, "of": len(job.sections)}
