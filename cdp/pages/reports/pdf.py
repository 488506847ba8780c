"""The PDF of a report, by reportlab, which is imported only here: it is the extra `reports`.

What is not of the Latin alphabet is set in STSong-Light, one of the fonts that PDF readers bring along (ISO 32000-1,
predefined CMaps), the rest in Helvetica, in either language: no font lies in the file.

INVARIANT: whatever a cell holds is text: nothing in it is taken for markup.
"""

import io
import re
from html import escape
from typing import Any, Final

from reportlab.graphics.shapes import Drawing, Rect
from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.pdfmetrics import registerFont
from reportlab.platypus import Paragraph, SimpleDocTemplate, Table as Grid, TableStyle

from cdp.bootstrap import Platform
from cdp.pages.language import translations, written_time
from cdp.pages.reports.cells import Cells
from cdp.pages.reports.page import numbered, shares
from cdp.pages.reports.words import column_words, section_words, table_words
from cdp.pages.titles import titles_of
from cdp.services.reports.figures import Table
from cdp.services.reports.make import Report
from cdp.terms import CHINESE

CJK: Final = "STSong-Light"
_OTHER: Final = re.compile(r"[^\x00-\u024f\u2000-\u206f]+")
"""What Helvetica has no letters for."""

_ACCENT, _LINE, _SOFT, _RAISED = "#1f4fbf", "#d9dde1", "#555e67", "#f6f7f8"
_BAR: Final = 60
_MARGIN: Final = 40
_ROOM: Final = A4[1] - 2 * _MARGIN - 12  # a frame has its own padding


def report_pdf(platform: Platform, report: Report, language: str) -> bytes:
    """Return `report.pdf`."""
    _ = translations(language).gettext
    sheet, held = _Sheet(platform, language), io.BytesIO()
    document = SimpleDocTemplate(
        held, pagesize=landscape(A4), leftMargin=_MARGIN, rightMargin=_MARGIN, topMargin=_MARGIN, bottomMargin=_MARGIN,
        title=_("Report on customer data"), author=f"{report.origin} {report.made_at}", invariant=True,
    )  # fmt: skip
    document.build([*sheet.head(report), *sheet.body(report)], onFirstPage=_numbered, onLaterPages=_numbered)
    return held.getvalue()


class _Sheet:
    """Sets what stands in a report, in a language."""

    def __init__(self, platform: Platform, language: str) -> None:
        registerFont(UnicodeCIDFont(CJK))
        self.language, self._ = language, translations(language).gettext
        self.cells = Cells(titles_of(platform, language), language)
        self._key = platform.keeper.verifier.format()
        bold = "Helvetica-Bold"
        base = {"fontName": "Helvetica", "wordWrap": "CJK" if language == CHINESE else None}
        self._text = ParagraphStyle("text", **base, fontSize=9, leading=13, spaceAfter=6)
        self._cell = ParagraphStyle("cell", **base, fontSize=7.5, leading=10)
        self._number = ParagraphStyle("number", parent=self._cell, alignment=TA_RIGHT)
        self._head = ParagraphStyle("head", parent=self._cell, fontName=bold, textColor=_SOFT)
        self._head_number = ParagraphStyle("head_number", parent=self._head, alignment=TA_RIGHT)
        self._h1 = ParagraphStyle("h1", parent=self._text, fontName=bold, fontSize=18, leading=24)
        self._h2 = ParagraphStyle("h2", parent=self._text, fontName=bold, fontSize=14, leading=20, spaceBefore=18)
        self._h3 = ParagraphStyle("h3", parent=self._text, fontName=bold, fontSize=10, leading=14, spaceBefore=8)

    def head(self, report: Report) -> list[Any]:
        """Return what stands above all."""
        made = self._("Figures of %(place)s as they stood on %(when)s, made by %(who)s.") % {
            "place": report.origin, "when": written_time(report.made_at, self.language), "who": report.made_by,
        }  # fmt: skip
        if report.period.said():
            days = f"{report.period.since or '…'} – {report.period.until or '…'}"
            made = f"{made} {self._('What happened is counted of the days:')} {days}"
        small = self._(
            "It holds no value of any customer. Counts of customers are rounded down to tens, "
            "and none is shown that is smaller."
        )
        check = f'cdp report verify manifest.json --key "{self._key}"'
        return [
            self._set(self._("Report on customer data"), self._h1), self._set(made, self._text),
            self._set(small, self._text), self._set(check, self._cell),
        ]  # fmt: skip

    def body(self, report: Report) -> list[Any]:
        """Return every section."""
        sections, tables = section_words(self.language), table_words(self.language)
        found: list[Any] = []
        for section in report.sections:
            found += [self._set(sections[section.name].title, self._h2),
                      self._set(sections[section.name].about, self._text)]  # fmt: skip
            for table in section.tables:
                found.append(self._set(tables[table.name], self._h3))
                found.append(self._table(table) if table.rows else self._nothing())
        return found

    def _nothing(self) -> Any:
        return self._set(self._("There is nothing of it yet."), self._text)

    def _table(self, table: Table) -> Any:
        columns = column_words(self.language)
        at = table.columns.index(table.chart) + 1 if table.chart else -1
        right = numbered(table)
        head = [self._set(columns[name], self._head_number if index in right else self._head)
                for index, name in enumerate(table.columns)]  # fmt: skip
        lines = [[self._set(self.cells.text(table, row, index), self._number if index in right else self._cell)
                  for index in range(len(row))] for row in table.rows]  # fmt: skip
        widths = _widths(table)
        if at > 0:
            head.insert(at, "")
            widths.insert(at, _BAR + 8)
            for line, length in zip(lines, shares(table), strict=True):
                line.insert(at, _bar(length))
        for line in (head, *lines):
            line.append("")
        widths.append(max(0.0, _ROOM - sum(widths)))  # all tables are as wide as the page, and so stand at the left
        style = [("LINEBELOW", (0, 0), (-2, -1), 0.4, HexColor(_LINE)), ("VALIGN", (0, 0), (-1, -1), "TOP"),
                 ("LEFTPADDING", (0, 0), (-1, -1), 0), ("RIGHTPADDING", (0, 0), (-1, -1), 6),
                 ("TOPPADDING", (0, 0), (-1, -1), 2), ("BOTTOMPADDING", (0, 0), (-1, -1), 3)]  # fmt: skip
        return Grid(
            [head, *lines], colWidths=widths, repeatRows=1, hAlign="LEFT", style=TableStyle(style), splitInRow=1
        )

    def _set(self, text: str, style: Any) -> Any:
        return Paragraph(_in_fonts(text), style)


def _in_fonts(text: str) -> str:
    """Return a text as reportlab's markup, with its parts in the fonts that have their letters."""
    return _OTHER.sub(lambda part: f'<font name="{CJK}">{part[0]}</font>', escape(text, quote=False))


def _widths(table: Table) -> list[float]:
    """Return the widths of columns: all of the page for many, as much as is needed for few."""
    room = _ROOM - (_BAR + 8 if table.chart else 0)
    weights = [1.6 if any(isinstance(row[index], tuple) for row in table.rows) else 1.0
               for index in range(len(table.columns))]  # fmt: skip
    each = min(room / sum(weights), 120.0)
    return [each * weight for weight in weights]


def _bar(length: int) -> Any:
    drawing = Drawing(_BAR, 8)
    drawing.add(Rect(0, 0, _BAR, 7, fillColor=HexColor(_RAISED), strokeColor=HexColor(_LINE), strokeWidth=0.4))
    if length:
        drawing.add(Rect(0, 0, _BAR * length / 100, 7, fillColor=HexColor(_ACCENT), strokeColor=None))
    return drawing


def _numbered(canvas: Any, document: Any) -> None:
    canvas.setFont("Helvetica", 7.5)
    canvas.drawString(_MARGIN, 22, document.author)
    canvas.drawRightString(document.pagesize[0] - _MARGIN, 22, str(document.page))
