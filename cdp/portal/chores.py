"""What a server does besides, in a thread of its own: exports, letters, the log, catalogues, the end of erasures.

It may be killed at any point, and any number of servers may do it: each piece of work is taken by one of them.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Final

from audit.entries import Principal
from cdp.bootstrap import Platform
from cdp.errors import place_of
from cdp.ingest.catch_up import catch_up
from cdp.pages.reports.render import can_set_pdf, rendering
from cdp.pages.takeaway import takeaway_page
from cdp.services.breakglass.tell import tell_due
from cdp.services.canaries.alarms import count_open
from cdp.services.canaries.look import look
from cdp.services.erase import resume
from cdp.services.exports.build import carry_out, sweep
from cdp.services.go_on_applying import go_on_applying
from cdp.services.letters.last import send_last_letters
from cdp.services.letters.outbox import send_letters
from cdp.services.reports import kept as reports
from cdp.services.sign_in.post import send_links
from cdp.services.statements.tell import tell_some
from cdp.services.watching.take_in import take_log_in

LOGGER: Final = logging.getLogger("cdp.chores")
WATCHED_EVERY: Final = 60.0
"""So often canaries are looked for in what is new on the log."""

SECONDS: Final = 2.0
"""After so long it looks again, though nobody in this process said that there is something."""

ITSELF: Final = Principal("system:erasures")
APPLYING: Final = Principal("system:catalogue")


class Chores:
    """The chores of one process.

    What another one left undone when it was killed is found: exports when they have been silent for a while, erasures
    when the store is next opened.

    Args:
        tell: is told how many alarms of canaries nobody has seen to.
    """

    def __init__(self, platform: Platform, *, tell: Callable[[int], object] | None = None) -> None:
        self._platform = platform
        self._alarms = tell
        self._watched = 0.0
        self._wanted, self._stopped, self._erasing = threading.Event(), threading.Event(), threading.Event()

    def wake(self) -> None:
        """Say that there is something to do."""
        self._wanted.set()

    def finish_erasures(self) -> None:
        """Say that an erasure waits for its end."""
        self._erasing.set()
        self._wanted.set()

    def do(self) -> None:
        """Do once all that there is to do; what goes wrong is logged, and keeps nothing else from being done."""
        now = datetime.now(UTC)
        self._try(lambda: carry_out(self._platform, takeaway_page, now=now))
        self._try(lambda: sweep(self._platform, now=now))
        self._try(lambda: take_log_in(self._platform))
        self._try(lambda: reports.carry_out(self._platform, rendering(pdf=can_set_pdf()), now=now))
        self._try(lambda: reports.sweep(self._platform, now=now))
        if time.monotonic() - self._watched >= WATCHED_EVERY or not self._watched:
            self._watched = time.monotonic()
            self._try(self._watch)
        self._try(self._apply)
        if self._erasing.is_set():
            self._erasing.clear()
            if not self._try(lambda: resume(self._platform, principal=ITSELF)):
                self._erasing.set()
        self._write(now)

    def _write(self, now: datetime) -> None:
        """Write and send what people are to be told; last, since a mail server may be slow to say nothing."""
        self._try(lambda: tell_due(self._platform, now=now))
        self._try(self._tell)
        self._try(lambda: send_links(self._platform, now=now))
        self._try(lambda: send_letters(self._platform, now=now))
        self._try(lambda: send_last_letters(self._platform, now=now))

    def _tell(self) -> None:
        if tell_some(self._platform):
            self.wake()

    def _watch(self) -> None:
        look(self._platform)
        if self._alarms is not None:
            self._alarms(count_open(self._platform))

    def _apply(self) -> None:
        if go_on_applying(self._platform, principal=APPLYING) is not None:
            catch_up(self._platform, self._stopped.is_set)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Have a thread do them meanwhile."""
        thread = threading.Thread(target=self._run, name="cdp-chores", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._stopped.set()
            self._wanted.set()
            thread.join()

    def _run(self) -> None:
        while not self._stopped.is_set():
            self._wanted.clear()
            self.do()
            if not self._stopped.is_set():
                self._wanted.wait(SECONDS)

    def _try(self, chore: Callable[[], object]) -> bool:
        try:
            chore()
        except Exception as error:  # noqa: BLE001 -- the thread must live on; what is said of it holds no value
            LOGGER.error("a chore waits: %s", getattr(error, "code", "") or place_of(error))  # noqa: TRY400
            return False
        return True
