"""Rows of a CSV file, by RFC 4180: quoted cells may hold delimiters, line breaks and doubled quotes.

A row that breaks the rules or its bound is one reject. Where it ends is found by its quotes, whatever its length: were
it cut at a line break inside a quoted cell, the rest of a person's text would be read as rows.
"""

import csv
import re
from collections.abc import Iterator
from typing import Final

from cdp.services.imports.lines import Lines, Reject, Row, TooLongError

DELIMITERS: Final = (",", ";", "\t")
HEADER_COLUMNS: Final = 2_000

_PIECE: Final = 1 << 16
_CELL_BYTES: Final = 131_072
"""The `csv` module's own bound of a cell, in characters; a text may have fewer (`cdp.shapes.values`)."""

_BEGIN, _PLAIN, _QUOTED, _AFTER = range(4)
"""Where in a cell: before its first character, in plain text, in quotes, after a quote that may have closed it."""


def read_header(lines: Lines) -> tuple[str, list[str]] | None:
    """Return the delimiter and the titles of the columns, or None when there is no row that could be a header.

    The delimiter is the one that makes the most columns of the first row; nothing else is looked at.
    """
    best: tuple[str, list[str]] | None = None
    place = end = lines.offset, lines.number
    for delimiter in DELIMITERS:
        lines.move(*place)
        lines.begin_row()
        try:
            titles = [title.strip() for title in next(csv.reader(lines, delimiter=delimiter, strict=True), [])]
        except (csv.Error, TooLongError):
            continue
        if titles and not lines.fault and len(titles) <= HEADER_COLUMNS and (not best or len(titles) > len(best[1])):
            best, end = (delimiter, titles), (lines.offset, lines.number)
    lines.move(*end)
    return best


def csv_rows(lines: Lines, *, delimiter: str, width: int) -> Iterator[Row | Reject]:
    """Yield the rows from where `lines` stands; blank lines are no rows."""
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        offset, number = lines.offset, lines.number
        lines.begin_row()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except (csv.Error, TooLongError) as error:
            lines.move(offset, number)
            reason = _skip_row(lines, delimiter)
            yield Reject(number + 1, "too_long" if isinstance(error, TooLongError) else reason)
            continue
        if lines.fault:
            yield Reject(number + 1, lines.fault)
        elif len(cells) == width:
            yield Row(number + 1, cells)
        elif cells:
            yield Reject(number + 1, "too_few_cells" if len(cells) < width else "too_many_cells")


def _skip_row(lines: Lines, delimiter: str) -> str:
    """Go to the end of a row, holding no more than a piece of it, and return what is wrong with it."""
    tokens = re.compile(rb'"|\n|%b|[^"\n%b]+' % ((delimiter.encode(),) * 2))
    state, length, longest = _BEGIN, 0, 0
    while piece := lines.raw(_PIECE):
        for token in tokens.findall(piece):
            if token == b"\n" and state != _QUOTED:
                return "too_long" if longest > _CELL_BYTES else "malformed_row"
            length += len(token)
            longest = max(longest, length)
            if state == _QUOTED:
                state = _AFTER if token == b'"' else _QUOTED
            elif token == delimiter.encode():
                state, length = _BEGIN, 0
            elif token == b'"':
                state = _PLAIN if state == _PLAIN else _QUOTED
            else:
                state = _PLAIN
    if state == _QUOTED:
        return "unclosed_quote"
    return "too_long" if longest > _CELL_BYTES else "malformed_row"
