"""Kills ingest with SIGKILL at its n-th side effect, for every n, and lets another process go on.

    python -m tests.ingest.killed HOME DATABASE_URL KEYS_URL WRITE_KEY

Prints, as one line of JSON for each n, which events were acknowledged before the kill.
"""

import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

from sqlalchemy import Engine, event

from audit.append import Log
from audit.door import Door
from cdp.bootstrap import open_platform
from cdp.config import Settings
from cdp.ingest import fold, spool
from cdp.ingest.spool import Intake
from cdp.ingest.worker import Worker
from cdp.vault.vault import Vault
from tests.ingest.sending import batch, track

BODIES = 2


@contextmanager
def fuse(number: int) -> Iterator[None]:
    """Kills this process at the side effect of this number: before or after each thing that is written somewhere."""
    passed = 0

    def moment(*_: object) -> None:
        nonlocal passed
        passed += 1
        if passed == number:
            os.kill(os.getpid(), signal.SIGKILL)

    def around(effect: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*arguments: object, **options: object) -> object:
            moment()
            result = effect(*arguments, **options)
            moment()
            return result

        return counted

    event.listen(Engine, "commit", moment)
    places: list[tuple[Any, str]] = [
        (Door, "take_in"), (spool, "_write"), (Vault, "new_keys"), (Log, "append_within"), (fold, "keep"),
        (fold, "set_aside"), (fold, "leave"), (fold.Folder, "fold"),
    ]  # fmt: skip
    for owner, name in places:
        mock.patch.object(owner, name, around(getattr(owner, name))).start()
    yield


def main(home: str, database_url: str, keys_url: str, write_key: str) -> None:
    settings = Settings(home=Path(home), database_url=database_url, keys_url=keys_url)
    for number in range(1, 1_000):
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reader)
            try:
                with open_platform(settings) as platform, fuse(number):
                    intake = Intake(platform)
                    for body in range(BODIES):
                        sent = (3 * (number * BODIES + body) + each for each in range(3))
                        events = [track(number=each, user=f"u{each}") for each in sent]
                        intake.accept("batch", batch(*events, 7), write_key=write_key)
                        os.write(writer, json.dumps([each["messageId"] for each in events]).encode() + b"\n")
                    Worker(platform).drain()
            except BaseException as error:  # noqa: BLE001
                print(repr(error), file=sys.stderr, flush=True)
                os._exit(1)
            os._exit(0)
        os.close(writer)
        with os.fdopen(reader, "rb") as pipe:
            acknowledged = [message for line in pipe.read().splitlines() for message in json.loads(line)]
        _, status = os.waitpid(child, 0)
        print(json.dumps({"number": number, "acknowledged": acknowledged}), flush=True)
        if status == 0:
            return
        if not os.WIFSIGNALED(status):
            sys.exit(f"another end than a kill at {number}")


if __name__ == "__main__":
    main(*sys.argv[1:])
