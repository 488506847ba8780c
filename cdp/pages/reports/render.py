"""The files of a report for people."""

from collections.abc import Mapping
from importlib.util import find_spec
from typing import Final

from cdp.bootstrap import Platform
from cdp.errors import Unavailable
from cdp.pages.reports.page import report_page
from cdp.services.reports.make import Report
from cdp.services.reports.pack import Render

PAGE: Final = "report.html"
PDF: Final = "report.pdf"


def can_set_pdf() -> bool:
    """Return whether PDF can be made here."""
    return find_spec("reportlab") is not None


def rendering(*, pdf: bool) -> Render:
    """Return what makes the page, and the PDF if it is wanted.

    Raises:
        Unavailable: `reports_missing`, where PDF cannot be made; now, and not when all the figures are counted.
    """
    if pdf and not can_set_pdf():
        hint = "install the extra `reports`, or make the report with `--no-pdf`"
        raise Unavailable("reports_missing", "PDF needs reportlab, which is not installed", hint=hint)

    def render(platform: Platform, report: Report, language: str) -> Mapping[str, bytes]:
        files = {PAGE: report_page(platform, report, language)}
        if pdf:
            from cdp.pages.reports.pdf import report_pdf  # noqa: PLC0415 -- reportlab is there only with the extra

            files[PDF] = report_pdf(platform, report, language)
        return files

    return render
