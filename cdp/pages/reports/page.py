"""The page of a report: one file that stands by itself, with no script and nothing from anywhere else."""

from cdp.bootstrap import Platform
from cdp.pages.reports.cells import Cells
from cdp.pages.reports.words import column_words, section_words, table_words
from cdp.pages.template import environment
from cdp.pages.titles import titles_of
from cdp.services.reports.figures import Table
from cdp.services.reports.make import Report


def report_page(platform: Platform, report: Report, language: str) -> bytes:
    """Return `report.html`."""
    template = environment(language).get_template("report.html")
    cells = Cells(titles_of(platform, language), language)
    return template.render(
        report=report, cells=cells, sections=section_words(language), tables=table_words(language),
        columns=column_words(language), shares=shares, numbered=numbered, key=platform.keeper.verifier.format(),
    ).encode()  # fmt: skip


def numbered(table: Table) -> set[int]:
    """Return the columns that hold numbers; those stand at the right."""
    return {index for row in table.rows for index, cell in enumerate(row) if type(cell) is int}


def shares(table: Table) -> list[int]:
    """Return how long the bar of each row is, of a hundred; the axis begins at zero."""
    if not table.chart:
        return []
    at = table.columns.index(table.chart)
    values = [row[at] if isinstance(row[at], int) else 0 for row in table.rows]
    numbers = [value if isinstance(value, int) else 0 for value in values]
    most = 100 if table.chart == "share" else max(numbers, default=0)
    return [round(100 * number / most) if most else 0 for number in numbers]
