"""Processes that append and sign, and are killed; run by `tests/audit/test_log_killed.py`.

    python -m tests.support.doomed_log each HOME DATABASE_URL KEYS_URL     killed at each step, then recovered
    python -m tests.support.doomed_log hold HOME DATABASE_URL KEYS_URL     holds the lock of the tree until it is killed
    python -m tests.support.doomed_log many HOME DATABASE_URL KEYS_URL     appends until it is killed

A step is a commit, a statement of the log, a file on disk, a file's new name. Killed means SIGKILL. What is
acknowledged is said after it was: the numbers of entries, and the sizes that were signed for.
"""

import os
import signal
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

from sqlalchemy import select

from audit import append as appending
from audit.append import Log
from audit.entries import Entry, Principal, parse_entry
from audit.outside import FileOutside
from cdp.bootstrap import Platform, open_platform
from cdp.config import Settings
from cdp.services.log_public import read_checkpoint
from cdp.services.verify_log import verify_log
from cdp.store.platform import LOG_ENTRY
from tests.support.killing import in_child, kill
from tests.vault.fuse import EVER, fuse

ME = Principal("os:doomed", "tester")
MANY = 300


def entry(said: str) -> Entry:
    return Entry("refusal", "read", ME, None, {"said": said}, subjects=[3], reason="because")


def work(platform: Platform, turn: int, acknowledge: Callable[[str], None]) -> None:
    """One entry, many, a checkpoint, one more and another checkpoint."""
    acknowledge(f"entry {platform.door.note(entry(f'{turn}a'))} {turn}a")
    for number in platform.door._log.append_many([entry(f"{turn}b")] * MANY):
        acknowledge(f"entry {number} {turn}b")
    for last in "cd":
        acknowledge(f"entry {platform.door.note(entry(f'{turn}{last}'))} {turn}{last}")
        platform.keeper.sign()
        size = read_checkpoint(platform).split(b"\n")[1].decode()
        acknowledge(f"signed {size} -")


def each(settings: Settings) -> None:
    acknowledged = settings.home / "acknowledged"

    def doomed(turn: int) -> None:
        handle = os.open(acknowledged, os.O_CREAT | os.O_APPEND | os.O_WRONLY)

        def acknowledge(line: str) -> None:
            os.write(handle, f"{line}\n".encode())

        with open_platform(settings) as platform, fuse(turn, kill) as passed, statements(passed, turn):
            work(platform, turn, acknowledge)

    def recovered() -> None:
        with open_platform(settings) as platform:  # held to what was signed outside
            check(platform, acknowledged.read_text() if acknowledged.exists() else "")

    for turn in range(1, EVER):
        status = in_child(partial(doomed, turn))
        assert in_child(recovered) == 0, turn
        if status != signal.SIGKILL:
            assert status == 0, status
            print(turn - 1)
            return


class statements:  # noqa: N801 -- a context manager, like `fuse`
    """Counts the statements of the log among the steps of a fuse."""

    def __init__(self, passed: list[str], number: int) -> None:
        def counted(name: str, effect: Callable[..., Any]) -> Callable[..., Any]:
            def step(*arguments: Any) -> Any:
                passed.append(name)
                if len(passed) == number:
                    kill()
                return effect(*arguments)

            return step

        self._patches = [
            mock.patch.object(appending, "insert_rows", counted("insert", appending.insert_rows)),
            mock.patch.object(Log, "_insert_all", counted("before", Log._insert_all)),
            mock.patch.object(FileOutside, "write", counted("outside", FileOutside.write)),
        ]

    def __enter__(self) -> None:
        for patch in self._patches:
            patch.start()

    def __exit__(self, *_: object) -> None:
        for patch in self._patches:
            patch.stop()


def check(platform: Platform, acknowledged: str) -> None:
    """Everything that was acknowledged is there, whole and verified."""
    verified = verify_log(platform)
    rows = platform.door.lookup(select(LOG_ENTRY.c.entry).order_by(LOG_ENTRY.c.number))
    said = [parse_entry(bytes(row[0])).get("said") for row in rows]
    for line in acknowledged.splitlines():
        what, number, text = line.split(" ")
        if what == "entry":
            assert said[int(number)] == text, line
        else:
            assert int(number) <= verified.entries, line
    platform.keeper.sign()
    platform.door.note(entry("recovered"))


def hold(settings: Settings) -> None:
    write = Log._write

    def held(self: Log, conn: Any, batch: list[Any]) -> None:
        write(self, conn, batch)
        print("holding", flush=True)
        signal.pause()

    Log._write = held  # type: ignore[method-assign]
    with open_platform(settings) as platform:
        platform.door.note(entry("held"))


def many(settings: Settings) -> None:
    with open_platform(settings) as platform:
        while True:
            print(platform.door.note(entry("many")), flush=True)


if __name__ == "__main__":
    mode, home, database_url, keys_url = sys.argv[1:]
    place = Settings(home=Path(home), database_url=database_url, keys_url=keys_url)
    {"each": each, "hold": hold, "many": many}[mode](place)
