"""Reports: what may be in one, and making it. It leaves as an archive, and is kept nowhere."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from cdp.console.guard import form_in
from cdp.console.parts import staff_page
from cdp.errors import BadInput
from cdp.pages.language import language_of
from cdp.pages.reports.render import can_set_pdf, rendering
from cdp.pages.reports.words import section_words
from cdp.pages.serving import platform_of
from cdp.pages.template import HEADERS
from cdp.services.reports.pack import issue_report, made_at, name_of, zipped
from cdp.services.reports.sections import SECTIONS
from cdp.services.staff.permissions import Permission
from cdp.services.staff.sessions import Staff
from cdp.terms import LANGUAGES


async def show(request: Request, staff: Staff) -> Response:
    """Show what a report may have in it."""
    words = section_words(language_of(request))
    return staff_page(
        request, staff, "reports.html", sections={name: words[name] for name in SECTIONS}, pdf=can_set_pdf(),
        makes=staff.account.may(Permission.REPORTS_MAKE), key=platform_of(request).keeper.verifier.format(),
    )  # fmt: skip


async def make(request: Request, staff: Staff) -> Response:
    """Make a report of the sections that were ticked, and hand it over."""
    form = form_in(request)
    language = form.get("language", "")
    sections = [name for name in SECTIONS if f"section_{name}" in form]
    if not sections or language not in LANGUAGES:
        raise BadInput("nothing_chosen", "a report has at least one section, in one of the languages", path="section")
    return await run_in_threadpool(_made, request, staff, sections, language)


def _made(request: Request, staff: Staff, sections: list[str], language: str) -> Response:
    files = issue_report(
        platform_of(request), principal=staff.principal, language=language, render=rendering(pdf=can_set_pdf()),
        sections=sections,
    )  # fmt: skip
    at = made_at(files)
    named = {"content-disposition": f'attachment; filename="{name_of(at)}.zip"', "cache-control": "no-store"}
    return Response(zipped(files, at), media_type="application/zip", headers={**HEADERS, **named})
