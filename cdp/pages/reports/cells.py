"""One cell of a report as text for people."""

from collections.abc import Callable, Mapping
from typing import Final

from cdp.pages.language import translations, written_number, written_time
from cdp.pages.reports.values import value_words
from cdp.services.consent_counts import LEAST
from cdp.services.reports.figures import Cell, Table
from views.titles import Titles

GUARDED: Final = ("filled", "customers", "customers_rows", "share")
NUMBERED: Final = ("set", "release", "first_entry", "last_entry", "priority")
"""Numbers that are names."""
_TIMES: Final = ("last", "added", "until", "next_due", "made")


class Cells:
    """Writes cells in a language, with the titles of what is in force."""

    def __init__(self, titles: Titles, language: str) -> None:
        self._language, self._titles = language, titles
        self._ = translations(language).gettext
        self._values = value_words(language)
        self._named: Mapping[str, Callable[[str], str]] = {
            **dict.fromkeys(("entity", "belongs_to"), titles.entity),
            **dict.fromkeys(("view", "views"), titles.view),
            **dict.fromkeys(("role", "roles"), titles.role),
            **dict.fromkeys(("purpose", "purposes"), titles.purpose),
            **dict.fromkeys(("opt_out", "part_of", "unless", "rows_go_with"), titles.opt_out),
            **dict.fromkeys(("recipient", "recipients"), self._recipient),
        }

    def text(self, table: Table, row: tuple[Cell, ...], index: int) -> str:
        """Return what stands in a cell."""
        column, value = table.columns[index], row[index]
        if value is None or value in ((), ""):
            return self._few(table, row) if column in GUARDED else "–"
        if isinstance(value, bool):
            return self._("yes") if value else self._("no")
        if isinstance(value, int):
            return str(value) if column in NUMBERED else written_number(value, self._language)
        if isinstance(value, tuple):
            return ", ".join(self._word(column, each, table, row) for each in value)
        return self._word(column, value, table, row)

    def _few(self, table: Table, row: tuple[Cell, ...]) -> str:
        """Return why a count is not there: what was not counted is not small."""
        said = dict(zip(table.columns, row, strict=True))
        counted = said.get("counted_by", said.get("fields_counted", True))
        return self._("fewer than %(num)s") % {"num": LEAST} if counted else self._("not known")

    def _word(self, column: str, value: str, table: Table, row: tuple[Cell, ...]) -> str:
        if column == "data":
            return self._titles.field(*value.split(".", 1))
        if column in ("field", "names", "writes"):
            return self._field(value, dict(zip(table.columns, row, strict=True)))
        if column in _TIMES:
            return written_time(value, self._language)
        if column == "choice":
            return self._titles.opt_out(value) if value in self._titles.catalogue.opt_outs else value
        named = self._named.get(column)
        return named(value) if named else self._values.get(column, {}).get(value, value)

    def _field(self, name: str, row: Mapping[str, Cell]) -> str:
        if row.get("view") is not None:
            return self._titles.field_of_view(str(row["view"]), name)
        return self._titles.field(str(row.get("entity", "")), name)

    def _recipient(self, name: str) -> str:
        return self._("anybody") if name == "anybody" else self._titles.recipient(name)
