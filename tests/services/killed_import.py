"""Kills an import with SIGKILL at its n-th side effect, for every n, and lets another process go on.

    python -m tests.services.killed_import HOME DATABASE_URL KEYS_URL FOLDER

Each n imports a file of its own. Prints for each what the second process found, as one line of JSON.
"""

import json
import os
import sys
from functools import partial
from pathlib import Path
from typing import Any

from audit.append import Log
from cdp.bootstrap import open_platform
from cdp.services.imports import batches
from cdp.services.imports.rejects import RejectFile
from cdp.store.write import Writer
from cdp.vault.vault import Vault
from tests.services import importing
from tests.support.killing import Place, fuse, in_child

BATCH_ROWS = 4
EFFECTS: list[Place] = [
    (Vault, "new_keys"), (Writer, "create"), (Writer, "replace"), (RejectFile, "add"), (RejectFile, "resume"),
    (Log, "append_within"), (os, "fsync"), (batches.Batches, "_commit"),
]  # fmt: skip


def file(folder: Path, number: int) -> Path:
    """Five people: four come in the first batch and again in the last, one is wrong in each of two batches."""
    people = [f"a{n}@n{number}.example" for n in range(4)]
    rows = [f"{each},1,refused\n" for each in people[:3]] + ["wrong@example.org,x,\n"]
    rows += [f"{people[3]},1,\n", f"{people[0]},2,\n", f"{people[1]},1,\n", "wrong@example.org,x,y\n"]
    rows += [f"b@n{number}.example,3,\n", f"{people[2]},1,\n", f"{people[3]},1,yes\n"]
    return importing.write(folder / f"{number}.csv", "email,age,phone_calls\n" + "".join(rows))


def of_file(people: list[dict[str, Any]], number: int) -> list[dict[str, Any]]:
    """Those of one file, under names that are the same for every file."""
    mine = [row for row in people if row["email"].endswith(f"@n{number}.example")]
    return sorted(({**row, "email": row["email"].partition("@")[0]} for row in mine), key=str)


def main(home: str, database_url: str, keys_url: str, folder: str) -> None:
    settings = importing.settings(Path(home), database_url, keys_url)

    def first(number: int) -> None:
        with open_platform(settings) as platform, fuse(number, EFFECTS):
            importing.bring(platform, file(Path(folder), number))

    def second(number: int) -> None:
        with open_platform(settings) as platform:
            result = importing.bring(platform, file(Path(folder), number))
            found = {
                "number": number,
                "counts": importing.counts(result),
                "resumed_at": result.resumed_at,
                "already": result.already,
                "rejects": importing.reasons(result),
                "people": of_file(importing.people(platform), number),
            }
            print(json.dumps(found), flush=True)

    batches.BATCH_ROWS = BATCH_ROWS  # type: ignore[misc]
    for number in range(1, 1_000):
        status = in_child(partial(first, number))
        if in_child(partial(second, number)) != 0:
            sys.exit(f"nothing goes on after a kill at {number}")
        if status == 0:
            return


if __name__ == "__main__":
    main(*sys.argv[1:])
