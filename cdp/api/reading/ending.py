"""`?end=line`: the last line of NDJSON or CSV says whether the answer is whole, for readers that cannot see a break.

NDJSON: `{"_end":{"complete":true,"rows":12}}`. CSV: a line that begins with `#end`. An answer that broke off has such
a line with `complete` false and the code of what happened, if there was still somebody to tell, and the connection
breaks behind it. Without `?end=line` the break alone says so: no last chunk of HTTP, no `]` of JSON, no end of an Arrow
stream, no footer of Parquet.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final

import orjson

from cdp.errors import BadInput, CdpError
from views.plan import Column

FORMS: Final = ("ndjson", "csv")

Rows = Sequence[Sequence[Any]]


def with_end_line(
    form: str,
    columns: Sequence[Column],
    chunks: Iterable[Rows],
    encode: Callable[[Sequence[Column], Iterable[Rows]], Iterator[bytes]],
) -> Iterator[bytes]:
    """Yield the pieces of an answer, and the last line.

    Raises:
        BadInput: `bad_form`, for a form without lines.
    """
    if form not in FORMS:
        raise BadInput("bad_form", "a last line is for ndjson and csv", path="end")
    return _lines(form, columns, chunks, encode)


def _lines(form: str, columns: Sequence[Column], chunks: Iterable[Rows], encode: Any) -> Iterator[bytes]:
    rows = 0

    def counted() -> Iterator[Rows]:
        nonlocal rows
        for chunk in chunks:
            rows += len(chunk)
            yield chunk

    try:
        yield from encode(columns, counted())
    except CdpError as error:
        yield _line(form, rows, error.code)
        raise
    yield _line(form, rows, "")


def _line(form: str, rows: int, code: str) -> bytes:
    if form == "csv":
        return f"#end,{'broken' if code else 'complete'},{rows}{',' + code if code else ''}\r\n".encode()
    said: dict[str, Any] = {"complete": not code, "rows": rows, **({"code": code} if code else {})}
    return orjson.dumps({"_end": said}, option=orjson.OPT_APPEND_NEWLINE)
