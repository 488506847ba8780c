"""What is written down of each request: one line of JSON on standard error, and no value of anybody's.

INVARIANT: a line holds the route's template, method, status, durations, sizes and the id of the app; never a path, a
query, a header or a body. The loggers of the server write lines of the same form, without the text of an exception,
which may quote what it failed at.
"""

import logging
import os
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

import orjson

from cdp.errors import place_of

_STDERR: Final = 2


def line(level: str, event: str, **facts: Any) -> bytes:
    """Return a line of the log."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    return orjson.dumps({"time": now, "level": level, "event": event, **facts}, option=orjson.OPT_APPEND_NEWLINE)


class Records:
    """Writes lines.

    Args:
        write: takes whole lines; by default standard error, one system call each, so that workers' lines do not mix.
    """

    def __init__(self, write: Callable[[bytes], object] | None = None, *, requests: bool = True) -> None:
        self._write = write or _to_stderr
        self._requests = requests

    def answered(self, **facts: Any) -> None:
        """Write down an answered request."""
        if self._requests:
            self._write(line("info", "request", **facts))

    def unready(self, fault: str) -> None:
        """Write down why this process cannot serve: the code of an error."""
        self._write(line("error", "unready", code=fault))


class Lines(logging.Formatter):
    """Formats what the server's own loggers say as lines of the same form."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; of an exception only class and place, of arguments nothing."""
        facts: dict[str, Any] = {"logger": record.name}
        if record.exc_info and record.exc_info[1] is not None:
            facts["fault"] = place_of(record.exc_info[1])
        # Ours say nothing that may not be said; a stranger's arguments may be anything.
        ours = record.name.split(".")[0] == "cdp"
        message = record.getMessage() if ours else str(record.msg).replace("%s", "…").replace("%d", "…")
        return line(record.levelname.lower(), message, **facts)[:-1].decode()


def _to_stderr(text: bytes) -> None:
    try:
        os.write(_STDERR, text)
    except OSError:  # nobody reads it any more; answering goes on
        return
