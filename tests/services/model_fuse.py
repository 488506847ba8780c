"""Blows while a catalogue is applied: at the n-th side effect, just before it and just after, or at a statement.

Run as a program, it forks for each n and kills the child with SIGKILL there; lets a second child go on and kills that,
too; lets a third one finish, and compares everything with a store where nobody was killed:

    python -m tests.services.model_fuse FOLDER DATABASE_URL [SERVER]    prints how many times it killed

FOLDER holds the keys and, on SQLite, the database; SERVER is a `tests.postgres.Server` as JSON.
"""

import json
import pickle
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from unittest import mock

import pytest
from sqlalchemy import Engine, event

from cdp.bootstrap import Platform
from cdp.database.database import Database
from cdp.errors import CdpError
from cdp.services.model import apply_model, plan_model
from cdp.services.verify_log import verify_log
from cdp.store import reshape
from tests import samples
from tests.changing import CASES, edited
from tests.postgres import Server
from tests.services.changing_store import PEOPLE, Place
from tests.store.content import content
from tests.support.killing import Fuse, in_child

NEW = edited(*CASES["several at once"].edits)
EVER = 1_000_000
STATEMENTS = 8
"""How many statements are killed at, spread over all of them."""


@contextmanager
def effects(fuse: Fuse) -> Iterator[None]:
    """Counts commits and what is done to the files, before and after each."""

    writing = Database.writing

    @contextmanager
    def committed(self: Database) -> Iterator[object]:
        with writing(self) as conn:
            yield conn
            fuse.pass_()
        fuse.pass_()

    with (
        mock.patch.object(Database, "writing", committed),
        mock.patch.object(Database, "_sqlite_anew", fuse.around(Database._sqlite_anew)),
        mock.patch.object(Database, "_postgresql_anew", fuse.around(Database._postgresql_anew)),
        mock.patch.object(Database, "truncate_log", fuse.around(Database.truncate_log)),
    ):
        yield


@contextmanager
def statements(fuse: Fuse) -> Iterator[None]:
    """Counts statements, before each, but for those that only ask whether to go on waiting: their number varies."""

    def pass_(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if "pg_stat_activity" not in statement:
            fuse.pass_()

    event.listen(Engine, "before_cursor_execute", pass_)
    yield


Counting = Callable[[Fuse], contextmanager]  # type: ignore[valid-type]


def apply(place: Place, counting: Counting, number: int, report: Path) -> None:
    with place.open() as platform:
        fuse = Fuse(number)
        with counting(fuse):
            apply_model(platform, NEW, principal=samples.TESTER, allow_destructive=True)
        report.write_text(str(fuse.passed))


def look(place: Place) -> None:
    """A store whose process was killed serves what is in force, or nobody."""
    with place.open() as platform:
        if platform.force().applying is None:
            assert len(samples.rows_of(platform, "desk")) == PEOPLE
            return
        for view, role in (("desk", "agent"), ("office", "officer")):
            with pytest.raises(CdpError) as caught:
                samples.rows_of(platform, view, role=role)
            assert caught.value.code == "catalogue_applying"


def finish(place: Place, expected: Path) -> None:
    with place.open() as platform:
        applied = apply_model(platform, NEW, principal=samples.TESTER, allow_destructive=True)
        assert applied.version == 2
        assert_finished(platform, place)
        assert content(platform, place.database_url, NEW) == pickle.loads(expected.read_bytes())


def assert_finished(platform: Platform, place: Place) -> None:
    plan = plan_model(platform, NEW)
    assert (plan.empty, plan.drift, plan.unfinished) == (True, (), None)
    assert platform.force().catalogue_version == 2
    verify_log(platform)


def prepare(place: Place, expected: Path) -> None:
    with place.open() as platform:
        apply_model(platform, NEW, principal=samples.TESTER, allow_destructive=True)
        assert_finished(platform, place)
        expected.write_bytes(pickle.dumps(content(platform, place.database_url, NEW)))


@contextmanager
def copy(place: Place, server: Server | None) -> Iterator[Place]:
    folder = place.home.parent.with_name("copy")
    with suppress(FileNotFoundError):
        shutil.rmtree(folder)
    shutil.copytree(place.home.parent, folder)
    keys_url = f"sqlite:///{folder}/keys.db"
    if server is None:
        yield Place(folder / "home", f"sqlite:///{folder}/cdp.db", keys_url)
        return
    with server.fresh_database(copied_from=place.database_url) as url:
        yield Place(folder / "home", url, keys_url)


def kill_at(place: Place, server: Server | None, counting: Counting, number: int) -> bool:
    """Whether there was such a number."""
    report, expected = place.home.parent.with_name("report"), place.home.parent.with_name("expected")
    with copy(place, server) as copied:
        status = in_child(partial(apply, copied, counting, number, report))
        assert status in (0, signal.SIGKILL), (counting, number, status)
        assert in_child(partial(look, copied)) == 0, (counting, number)
        in_child(partial(apply, copied, effects, 1 + number % 5, report))
        assert in_child(partial(finish, copied, expected)) == 0, (counting, number)
    return status == signal.SIGKILL


def main(folder: str, database_url: str, server_text: str = "") -> None:
    reshape.SPAN = 1500
    server = Server(**json.loads(server_text)) if server_text else None
    place = Place(Path(folder, "home"), database_url, f"sqlite:///{folder}/keys.db")
    report = place.home.parent.with_name("report")
    with copy(place, server) as copied:
        assert in_child(partial(prepare, copied, place.home.parent.with_name("expected"))) == 0
    number = 1
    while kill_at(place, server, effects, number):
        number += 1
    with copy(place, server) as copied:
        assert in_child(partial(apply, copied, statements, EVER, report)) == 0
    total = int(report.read_text())
    for each in range(1, total, max(1, total // STATEMENTS)):
        assert kill_at(place, server, statements, each)
    print(number - 1)


if __name__ == "__main__":
    main(*sys.argv[1:])
