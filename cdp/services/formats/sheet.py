"""Rows as CSV (RFC 4180): UTF-8, a line of names first, CRLF after each line; null is empty.

A spreadsheet runs a cell that begins like a formula, whoever wrote it; so such a cell gets an apostrophe before it,
unless it is a number in a column of numbers (OWASP, "CSV Injection", with its full-width forms).
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final

import orjson

from cdp.terms import Type
from views.plan import Column

Row = Sequence[Any]

_FORMULA: Final = tuple("=+-@\t\r\n＝＋－＠")
_QUOTED: Final = re.compile(r'[",\r\n]|^\s|\s$')
_NUMBER: Final = re.compile(r"-?[0-9]+(\.[0-9]+)?")


def csv_bytes(columns: Sequence[Column], chunks: Iterable[Sequence[Row]]) -> Iterator[bytes]:
    """Yield the line of names, then the lines of each chunk."""
    makers = [_text_of(column.type) for column in columns]
    # A line with nothing in it would be no row to most readers.
    empty = '""' if len(columns) == 1 else ""
    yield _line([column.name for column in columns])
    for rows in chunks:
        lines = []
        for row in rows:
            cells = (make(cell) if cell is not None else empty for make, cell in zip(makers, row, strict=True))
            lines.append(_line(cells))
        yield b"".join(lines)


def _line(cells: Iterable[str]) -> bytes:
    return (",".join(cells) + "\r\n").encode()


def _text_of(type_: Type) -> Callable[[Any], str]:
    if type_ is Type.BOOLEAN:
        return lambda cell: "true" if cell else "false"
    if type_ in (Type.INTEGER, Type.DECIMAL):
        return lambda cell: text if _NUMBER.fullmatch(text := str(cell)) else _safe(text)
    if type_ is Type.JSON:
        return lambda cell: _safe(orjson.dumps(cell).decode())
    return _safe


def _safe(text: str) -> str:
    if text.startswith(_FORMULA):
        text = f"'{text}"
    return '"' + text.replace('"', '""') + '"' if _QUOTED.search(text) else text
