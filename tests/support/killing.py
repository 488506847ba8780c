"""Kills a process with SIGKILL at its n-th side effect: what the programs that do so for every n are made of."""

import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest import mock

from sqlalchemy import Engine, event

from cdp.database.database import Database

Place = tuple[Any, str]
"""An owner and the name of what it does: a side effect."""

FILES: list[Place] = [(Database, name) for name in ("_run", "_sqlite_anew", "_postgresql_anew", "truncate_log")]
"""What the files of a database undergo."""


def kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class Fuse:
    """Counts, and kills the process at a number."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.passed = 0

    def pass_(self, *_: object) -> None:
        self.passed += 1
        if self.passed == self.number:
            kill()

    def around(self, effect: Callable[..., Any]) -> Callable[..., Any]:
        """The effect, counted just before it and just after."""

        def counted(*arguments: object, **options: object) -> object:
            self.pass_()
            result = effect(*arguments, **options)
            self.pass_()
            return result

        return counted


@contextmanager
def fuse(number: int, places: Iterable[Place]) -> Iterator[None]:
    """Kills this process at the side effect of this number: before each commit, before and after each of the others."""
    counting = Fuse(number)
    with ExitStack() as stack:
        event.listen(Engine, "commit", counting.pass_)
        stack.callback(event.remove, Engine, "commit", counting.pass_)
        for owner, name in places:
            stack.enter_context(mock.patch.object(owner, name, counting.around(getattr(owner, name))))
        yield


def in_child(work: Callable[[], None]) -> int:
    """The wait status of a child that does the work."""
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException as error:  # noqa: BLE001
            print(repr(error), file=sys.stderr, flush=True)
            os._exit(1)
        os._exit(0)
    return os.waitpid(child, 0)[1]
