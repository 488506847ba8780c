"""Kills ingest with SIGKILL at its n-th side effect, for every n, and lets another process go on.

    python -m tests.ingest.killed HOME DATABASE_URL KEYS_URL WRITE_KEY

Prints, as one line of JSON for each n, which events were acknowledged before the kill.
"""

import json
import os
import sys
from functools import partial
from pathlib import Path

from audit.append import Log
from audit.door import Door
from cdp.bootstrap import open_platform
from cdp.config import Settings
from cdp.ingest import fold, spool
from cdp.ingest.spool import Intake
from cdp.ingest.worker import Worker
from cdp.vault.vault import Vault
from tests.ingest.sending import batch, track
from tests.support.killing import Place, fuse, in_child

BODIES = 2
EFFECTS: list[Place] = [
    (Door, "take_in"), (spool, "_write"), (Vault, "new_keys"), (Log, "append_within"), (fold, "keep"),
    (fold, "set_aside"), (fold, "leave"), (fold.Folder, "fold"),
]  # fmt: skip


def main(home: str, database_url: str, keys_url: str, write_key: str) -> None:
    settings = Settings(home=Path(home), database_url=database_url, keys_url=keys_url)

    def send(number: int, reader: int, writer: int) -> None:
        os.close(reader)
        with open_platform(settings) as platform, fuse(number, EFFECTS):
            intake = Intake(platform)
            for body in range(BODIES):
                sent = (3 * (number * BODIES + body) + each for each in range(3))
                events = [track(number=each, user=f"u{each}") for each in sent]
                intake.accept("batch", batch(*events, 7), write_key=write_key)
                os.write(writer, json.dumps([each["messageId"] for each in events]).encode() + b"\n")
            Worker(platform).drain()

    for number in range(1, 1_000):
        reader, writer = os.pipe()
        status = in_child(partial(send, number, reader, writer))
        os.close(writer)
        with os.fdopen(reader, "rb") as pipe:
            acknowledged = [message for line in pipe.read().splitlines() for message in json.loads(line)]
        print(json.dumps({"number": number, "acknowledged": acknowledged}), flush=True)
        if status == 0:
            return
        if not os.WIFSIGNALED(status):
            sys.exit(f"another end than a kill at {number}")


if __name__ == "__main__":
    main(*sys.argv[1:])
