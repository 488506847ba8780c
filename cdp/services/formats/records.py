"""Rows as JSON (RFC 8259) and as NDJSON: one object a row, a key for each column in its order.

Integers are numbers, decimals text, dates and times ISO 8601 text; a withheld cell is null, never a missing key.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import orjson

from views.lines import Lines
from views.plan import Column

Row = Sequence[Any]

_GROUP: Final = 100


def json_bytes(columns: Sequence[Column], chunks: Iterable[Sequence[Row]]) -> Iterator[bytes]:
    """Yield an array of objects, one object a line. An answer that broke off lacks its `]`."""
    names, before = [column.name for column in columns], b"["
    for rows in filter(None, chunks):
        if isinstance(rows, Lines):
            yield before + rows.data[:-1].replace(b"\n", b",\n")
            before = b",\n"
            continue
        yield before + b",\n".join(_grouped(names, rows, b",\n"))
        before = b",\n"
    yield b"[]\n" if before == b"[" else b"]\n"


def ndjson_bytes(columns: Sequence[Column], chunks: Iterable[Sequence[Row]]) -> Iterator[bytes]:
    """Yield an object and a line feed for each row."""
    names = [column.name for column in columns]
    for rows in chunks:
        if isinstance(rows, Lines):
            yield rows.data
            continue
        yield b"".join([group + b"\n" for group in _grouped(names, rows, b"\n")])


def _grouped(names: Sequence[str], rows: Sequence[Row], between: bytes) -> Iterator[bytes]:
    """Yield the objects of some rows each time.

    What orjson returns keeps its buffer's size until it goes (measured: four KiB a row, and so 20 MB for a chunk).
    """
    for start in range(0, len(rows), _GROUP):
        some = rows[start : start + _GROUP]
        yield between.join([orjson.dumps(dict(zip(names, row, strict=True))) for row in some])
