"""A process that reads a view and is killed at a chosen moment; run by `tests/invariants/test_killed.py`.

    python -m tests.support.doomed HOME DATABASE_URL KEYS_URL MOMENT CHUNK

It prints one line for each chunk that left the door. Killed means SIGKILL: nothing is written out, nothing is undone.
"""

import os
import signal
import sys
from pathlib import Path
from typing import Any

import views.run
from audit.append import Log
from audit.entries import Entry
from cdp.bootstrap import open_platform
from cdp.config import Settings
from cdp.services.read import read_view
from tests.support.worlds import TESTER, request_of

MOMENTS = ("before_append", "in_the_transaction", "after_append", "never")


def main(home: str, database_url: str, keys_url: str, moment: str, chunk: str) -> None:
    views.run.CHUNK_ROWS = 2  # type: ignore[attr-defined]
    doom(moment, int(chunk))
    with open_platform(Settings(home=Path(home), database_url=database_url, keys_url=keys_url)) as platform:
        for rows in read_view(platform, request_of("letter"), principal=TESTER).chunks:
            print(len(rows), flush=True)


def doom(moment: str, chunk: int) -> None:
    """Have this process die at a moment of the append of one chunk."""
    append, write = Log.append, Log._write

    def appending(self: Log, entry: Entry) -> int:
        mine = entry.facts["chunk"] == chunk
        if mine and moment == "before_append":
            os.kill(os.getpid(), signal.SIGKILL)
        number = append(self, entry)
        if mine and moment == "after_append":
            os.kill(os.getpid(), signal.SIGKILL)
        return number

    def writing(self: Log, conn: Any, batch: list[Any]) -> None:
        write(self, conn, batch)
        if moment == "in_the_transaction" and batch[0].entry.facts["chunk"] == chunk:
            os.kill(os.getpid(), signal.SIGKILL)

    Log.append = appending  # type: ignore[method-assign]
    Log._write = writing  # type: ignore[method-assign]


if __name__ == "__main__":
    main(*sys.argv[1:])
