"""Rows as JSON (RFC 8259) and as NDJSON: one object a row, a key for each column in its order.

Integers are numbers, decimals text, dates and times ISO 8601 text; a withheld cell is null, never a missing key.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import orjson

from views.lines import Lines
from views.plan import Column

Row = Sequence[Any]


def json_bytes(columns: Sequence[Column], chunks: Iterable[Sequence[Row]]) -> Iterator[bytes]:
    """Yield an array of objects, one object a line. An answer that broke off lacks its `]`."""
    names, before = [column.name for column in columns], b"["
    for rows in chunks:
        if isinstance(rows, Lines):
            yield before + rows.data[:-1].replace(b"\n", b",\n")
            before = b",\n"
            continue
        lines = [orjson.dumps(dict(zip(names, row, strict=True))) for row in rows]
        yield before + b",\n".join(lines)
        before = b",\n"
    yield b"[]\n" if before == b"[" else b"]\n"


def ndjson_bytes(columns: Sequence[Column], chunks: Iterable[Sequence[Row]]) -> Iterator[bytes]:
    """Yield an object and a line feed for each row."""
    names = [column.name for column in columns]
    for rows in chunks:
        if isinstance(rows, Lines):
            yield rows.data
            continue
        yield b"".join(
            [orjson.dumps(dict(zip(names, row, strict=True)), option=orjson.OPT_APPEND_NEWLINE) for row in rows]
        )
