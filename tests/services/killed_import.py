"""Kills an import with SIGKILL at its n-th side effect, for every n, and lets another process go on.

    python -m tests.services.killed_import HOME DATABASE_URL KEYS_URL FOLDER

Each n imports a file of its own. Prints for each what the second process found, as one line of JSON.
"""

import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

from sqlalchemy import Engine, event

from audit.append import Log
from cdp.bootstrap import open_platform
from cdp.services.imports import batches
from cdp.services.imports.rejects import RejectFile
from cdp.store.write import Writer
from cdp.vault.vault import Vault
from tests.services import importing

BATCH_ROWS = 4


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
    with (
        mock.patch.object(Vault, "new_keys", around(Vault.new_keys)),
        mock.patch.object(Writer, "create", around(Writer.create)),
        mock.patch.object(Writer, "replace", around(Writer.replace)),
        mock.patch.object(RejectFile, "add", around(RejectFile.add)),
        mock.patch.object(RejectFile, "resume", around(RejectFile.resume)),
        mock.patch.object(Log, "append_within", around(Log.append_within)),
        mock.patch.object(os, "fsync", around(os.fsync)),
        mock.patch.object(batches.Batches, "_commit", around(batches.Batches._commit)),
    ):
        yield


def main(home: str, database_url: str, keys_url: str, folder: str) -> None:
    settings = importing.settings(Path(home), database_url, keys_url)

    def first(number: int) -> None:
        with open_platform(settings) as platform, fuse(number):
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


if __name__ == "__main__":
    main(*sys.argv[1:])
