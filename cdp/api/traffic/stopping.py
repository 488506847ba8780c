"""A stop that is asked for: what is being answered may go on for a grace time, then long answers break where it shows.

The process is told by a signal, which the server also hears. Readiness says no from then on. A long answer asks `check`
between two chunks: what has been handed out is whole and on the log, and the answer ends as one that is broken.

A worker whose parent was killed tells itself to stop: nobody would look after it, and it would keep the port from
whoever is started in its place.
"""

import asyncio
import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import wait
from typing import Any, TypeVar

from cdp.errors import Unavailable

T = TypeVar("T")


class Stopping:
    """Whether this process is to stop."""

    def __init__(self, grace: float) -> None:
        self._grace = grace
        self.asked = False
        self._over = False

    def ask(self) -> None:
        """Begin to stop; called on the event loop."""
        if not self.asked:
            self.asked = True
            asyncio.get_running_loop().call_later(self._grace, self._end)

    def check(self) -> None:
        """Do nothing while a long answer may go on.

        Raises:
            Unavailable: `stopping`.
        """
        if self._over:
            raise Unavailable("stopping", "the server is stopping", hint="ask again")

    def until(self, chunks: Iterator[T]) -> Iterator[T]:
        """Yield chunks while a long answer may go on; asked before each is read.

        Raises:
            Unavailable: `stopping`.
        """
        while True:
            self.check()
            try:
                chunk = next(chunks)
            except StopIteration:
                return
            yield chunk

    @contextmanager
    def hearing(self) -> Iterator[None]:
        """Have `ask` called when the process is told to stop; whoever heard the signals before still does."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        loop = asyncio.get_running_loop()
        before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}

        def hear(number: int, frame: Any) -> None:
            loop.call_soon_threadsafe(self.ask)
            heard = before[signal.Signals(number)]
            if callable(heard):
                heard(number, frame)

        for number in before:
            signal.signal(number, hear)
        _stop_with_the_parent()
        try:
            yield
        finally:
            for number, handler in before.items():
                if signal.getsignal(number) is hear:
                    signal.signal(number, handler)

    def _end(self) -> None:
        self._over = True


def _stop_with_the_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is None:
        return
    sentinel = parent.sentinel

    def watch() -> None:
        wait([sentinel])
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="parent", daemon=True).start()
