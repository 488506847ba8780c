"""What a server does besides, in a thread of its own: it makes exports, drops those nobody fetched, sends letters.

It may be killed at any point, and any number of servers may do it: each piece of work is taken by one of them.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Final

from cdp.bootstrap import Platform
from cdp.errors import place_of
from cdp.pages.takeaway import takeaway_page
from cdp.services.exports.build import carry_out, sweep
from cdp.services.letters.outbox import send_letters

LOGGER: Final = logging.getLogger("cdp.chores")
SECONDS: Final = 2.0
"""After so long it looks again, though nobody in this process said that there is something."""


def do_chores(platform: Platform) -> None:
    """Do once all that there is to do; what goes wrong is logged, and keeps nothing else from being done."""
    now = datetime.now(UTC)
    for chore in _CHORES:
        try:
            chore(platform, now)
        except Exception as error:  # noqa: BLE001 -- the thread must live on; what is said of it holds no value
            LOGGER.error("a chore waits: %s", getattr(error, "code", "") or place_of(error))  # noqa: TRY400


@contextmanager
def doing_chores(platform: Platform, wanted: threading.Event) -> Iterator[None]:
    """Have a thread do them meanwhile; `wanted` is set by whoever has something for it."""
    stopped = threading.Event()

    def run() -> None:
        while not stopped.is_set():
            wanted.clear()
            do_chores(platform)
            if not stopped.is_set():
                wanted.wait(SECONDS)

    thread = threading.Thread(target=run, name="cdp-chores", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        wanted.set()
        thread.join()


def _exports(platform: Platform, now: datetime) -> None:
    carry_out(platform, takeaway_page, now=now)


def _sweep(platform: Platform, now: datetime) -> None:
    sweep(platform, now=now)


def _letters(platform: Platform, now: datetime) -> None:
    send_letters(platform, now=now)


_CHORES: Final[tuple[Callable[[Platform, datetime], None], ...]] = (_exports, _sweep, _letters)
