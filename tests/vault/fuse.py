"""Blows just before the n-th side effect of the vault: each commit, and each step in which a file is changed.

Run as a program, it forks for each n and kills the child with SIGKILL there, then lets another child check and finish:

    python -m tests.vault.fuse KEYS_URL KEK_URL    prints how many times it killed
"""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from unittest import mock

from sqlalchemy.engine.default import DefaultDialect

from cdp.vault import rotate as rotation
from cdp.vault.seal import Sealer
from cdp.vault.vault import Vault
from tests.support.killing import in_child, kill

EVER = 1_000_000


class Blown(BaseException):
    """No `except Exception` and no error of ours stops it, as nothing stops a kill."""


def blow() -> None:
    raise Blown


@contextmanager
def fuse(number: int, end: Callable[[], None] = blow) -> Iterator[list[str]]:
    """Counts side effects by name, and ends the process at the one of this number."""
    passed: list[str] = []

    def counted(name: str, effect: Callable[..., object]) -> Callable[..., object]:
        def step(*arguments: object, **options: object) -> object:
            passed.append(name)
            if len(passed) == number:
                end()
            return effect(*arguments, **options)

        return step

    with (
        mock.patch.object(DefaultDialect, "do_commit", counted("commit", DefaultDialect.do_commit)),
        mock.patch.object(Path, "replace", counted("replace", Path.replace)),
        mock.patch.object(Path, "unlink", counted("unlink", Path.unlink)),
        mock.patch.object(os, "fsync", counted("fsync", os.fsync)),
        mock.patch.object(rotation, "BATCH_ROWS", 2),
    ):
        yield passed


SEALER = Sealer("customer", "identity")
CUSTOMERS = [f"customer-{number}" for number in range(5)]


def fill(vault: Vault) -> dict[str, bytes]:
    """Seals a segment for each customer."""
    keys = vault.new_keys(CUSTOMERS)
    return {each: SEALER.seal(keys[each], each, {"name": each}, schema=1) for each in CUSTOMERS}


def check(vault: Vault, segments: dict[str, bytes]) -> None:
    """Every segment still opens, and nothing else has changed either."""
    keys = vault.keys(CUSTOMERS)
    for each in CUSTOMERS:
        assert SEALER.unseal(keys[each], each, segments[each]) == {"name": each}
    assert vault.new_keys(CUSTOMERS) == keys
    assert vault.unseal_note("log/1", vault.seal_note("log/1", "x")) == "x"


def main(keys_url: str, kek_url: str) -> None:
    reader, writer = os.pipe()

    def prepare() -> None:
        with Vault.create(keys_url, kek_url) as vault, os.fdopen(writer, "w") as file:
            file.write(repr(fill(vault)))

    assert in_child(prepare) == 0
    os.close(writer)
    with os.fdopen(reader) as file:
        segments = eval(file.read())

    def rotate(number: int) -> None:
        with Vault.open(keys_url, kek_url) as vault, fuse(number, kill):
            rotation.rotate(vault)

    def recover() -> None:
        with Vault.open(keys_url, kek_url) as vault:
            check(vault, segments)
            rotation.rotate(vault)
            check(vault, segments)

    for number in range(1, EVER):
        status = in_child(partial(rotate, number))
        assert in_child(recover) == 0, number
        if status != signal.SIGKILL:
            print(number - 1)
            return


if __name__ == "__main__":
    main(*sys.argv[1:])
