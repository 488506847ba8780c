"""The window of an answer: `limit` and `offset`, or `Range: 0-24` (PostgREST's, in rows), and its `Content-Range`.

Where the number of all rows is known and the answer has fewer, its status is 206; where it begins beyond them, 416.
"""

import re
from dataclasses import dataclass
from typing import Final

from cdp.errors import BadInput

_RANGE: Final = re.compile(r"(?:items=)?([0-9]{1,16})-([0-9]{0,16})")
_OTHER_UNIT: Final = re.compile(r"(?!items=)[A-Za-z-]+=.*")
_NUMBER: Final = re.compile(r"[0-9]{1,16}")


@dataclass(frozen=True, slots=True)
class Window:
    """From which row on, and at most how many."""

    offset: int = 0
    limit: int | None = None


def window_of(limit: str | None, offset: str | None, range_: str | None) -> Window:
    """Return the window that is asked for; of a range and a limit, what both allow.

    Raises:
        BadInput: `bad_window`, `bad_range`.
    """
    first, most = _number(offset, 0) or 0, _number(limit, None)
    if range_ is None or _OTHER_UNIT.fullmatch(range_.strip()):  # of bytes, say (RFC 9110, section 14.2)
        return Window(first, most)
    match = _RANGE.fullmatch(range_.strip())
    if match is None or (match[2] and int(match[2]) < int(match[1])):
        raise BadInput("bad_range", "a range of rows is written `0-24`", path="range")
    start = max(first, int(match[1]))
    ends = [int(match[2]) + 1 - start] if match[2] else []
    ends += [first + most - start] if most is not None else []
    return Window(start, max(0, min(ends)) if ends else None)


def content_range(window: Window, rows: int | None, total: int | None) -> str:
    """Return what `Content-Range` says; `rows` None means that more follow than were read yet."""
    known = "*" if total is None else str(total)
    if rows is None:
        if total is None:
            return ""
        rows = max(0, total - window.offset)
        rows = rows if window.limit is None else min(rows, window.limit)
    return f"{window.offset}-{window.offset + rows - 1}/{known}" if rows else f"*/{known}"


def _number(text: str | None, default: int | None) -> int | None:
    if text is None or text == "":
        return default
    if not _NUMBER.fullmatch(text):
        raise BadInput("bad_window", "limit and offset are whole numbers from 0", path="limit")
    return int(text)
