"""Signing while a process runs: at least once a second while there are new entries, and what is said when it fails.

A thread of the open platform. Of the processes that share a home folder one signs, the one that holds the lock of
`signer.lock`; when it is killed, its lock is free and another one takes it within a second.

A place outside that cannot be written does not stop what runs (decision 23): the checkpoint is in the database by
then, the fault is kept in `state` for whoever watches, and it is tried again every second. Opening a store and ending a
command do fail. A thread that has ended, or hangs, is another thing: then nobody signs, and `alive` says so.
"""

import fcntl
import logging
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from audit.entries import timestamp
from cdp.errors import CdpError

LOGGER: Final = logging.getLogger("cdp.log")
PERIOD: Final = 1.0
LOCK: Final = "signer.lock"
HUNG_SECONDS: Final = 120.0
"""After how long a look that does not end is none; the slowest one that does waits for a database and a URL."""


@dataclass(frozen=True, slots=True)
class SigningState:
    """How signing goes in this process.

    Attributes:
        leads: whether it is this process that signs.
        signed_at: when it last went well.
        fault: the code of what keeps it from going well, empty when nothing does; `since` says since when.
        witnesses: for each witness the code of what keeps it from cosigning, empty when nothing does.
    """

    leads: bool = False
    signed_at: str = ""
    fault: str = ""
    since: str = ""
    witnesses: dict[str, str] = field(default_factory=dict)


class Signing:
    """The thread.

    Args:
        sign: signs for the log as it stands; quick when nothing is new.
        cosign: asks the witnesses and returns how they answered. It has a thread of its own, since it may wait for
            them; None when there are none.
        home: the folder of the lock.
        period: seconds between two looks.
        tell: is told of each new state, from whichever thread it comes.
    """

    def __init__(
        self,
        sign: Callable[[], object],
        cosign: Callable[[], dict[str, str]] | None,
        home: Path,
        *,
        period: float = PERIOD,
        tell: "Callable[[SigningState], object] | None" = None,
    ) -> None:
        self._sign = sign
        self._cosign = cosign
        self._lock = home / LOCK
        self._period = period
        self._end = threading.Event()
        self._tell = tell
        self._one = threading.Lock()  # two threads say something of one state
        self._looked = time.monotonic()
        self._thread = threading.Thread(target=self._run, name="cdp-signing", daemon=True)
        self.state = SigningState()

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Whether it still looks, be it only for its turn."""
        return self._thread.is_alive() and time.monotonic() - self._looked < HUNG_SECONDS

    def stop(self) -> None:
        """End, after what is under way."""
        self._end.set()
        self._thread.join()

    def _run(self) -> None:
        while (handle := self._take_turn()) < 0:
            self._looked = time.monotonic()
            if self._end.wait(self._period):
                return
        self._say(leads=True)
        asking = threading.Thread(target=self._ask, name="cdp-cosigning", daemon=True)
        try:
            asking.start()
            self.look()
            while not self._end.wait(self._period):
                self.look()
                self._looked = time.monotonic()
        finally:
            self._end.set()
            asking.join()
            os.close(handle)

    def _ask(self) -> None:
        while self._cosign is not None and not self._end.wait(self._period):
            try:
                self._say(witnesses=self._cosign())
            except Exception as error:  # noqa: BLE001 -- as below
                LOGGER.error("no witness is asked: %s", _code(error))  # noqa: TRY400 -- a traceback holds values

    def look(self) -> None:
        """Sign once if there is something new; never raises."""
        try:
            self._sign()
        except Exception as error:  # noqa: BLE001 -- the thread must outlive whatever it meets; it says so
            self._failed(_code(error))
        else:
            if self.state.fault:
                LOGGER.warning("checkpoints are written again")
            self._say(leads=True, signed_at=timestamp(), fault="", since="")

    def _failed(self, code: str) -> None:
        if self.state.fault != code:
            LOGGER.error("no checkpoint is written: %s", code)
            self._say(fault=code, since=timestamp())

    def _say(self, **new: Any) -> None:
        with self._one:
            self.state = replace(self.state, **new)
            if self._tell is not None:
                self._tell(self.state)

    def _take_turn(self) -> int:
        """Return the lock if nobody has it, else -1."""
        try:
            handle = os.open(self._lock, os.O_CREAT | os.O_RDWR, 0o600)
        except OSError:
            self._failed("checkpoint_unwritable")
            return -1
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(handle)
            return -1
        return handle


def _code(error: Exception) -> str:
    return error.code if isinstance(error, CdpError) else "internal"
