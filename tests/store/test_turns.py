"""Who has a lot to write to a SQLite file lets others go first, whichever process they are in."""

import fcntl
import os
import signal
import threading
from pathlib import Path

import pytest

from cdp.database import turns
from cdp.database.database import Database
from cdp.database.faults import STORE
from cdp.database.turns import Turns


def test_who_waits_writes_before_the_next_of_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "LONGEST", 60)
    url, order = f"sqlite:///{tmp_path}/home/data.db", []
    many, other = Database.create(url, STORE), Database.open(url, STORE)

    def write() -> None:
        with other.writing():
            order.append("other")

    waits = threading.Thread(target=write)
    with many.writing():
        order.append("many")
        waits.start()
        while not Turns(tmp_path / "home" / "data.db").is_wanted():
            waits.join(0.01)
    many.give_way()
    with many.writing():
        order.append("many")
    waits.join()
    assert order == ["many", "other", "many"]
    many.close()
    other.close()


def test_nobody_is_kept_out_for_ever_and_who_was_killed_waits_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "LONGEST", 0)
    file = tmp_path / "data.db"
    mine = Turns(file)
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        with Turns(file).waiting():
            os.write(writer, b"x")
            signal.pause()
    assert os.read(reader, 1) == b"x"
    assert mine.is_wanted()
    mine.give_way()
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    assert not mine.is_wanted()
    for end in (reader, writer):
        os.close(end)


def test_whoever_locks_what_is_beside_keeps_nobody_from_writing(tmp_path: Path) -> None:
    database = Database.create(f"sqlite:///{tmp_path}/home/data.db", STORE)
    with (tmp_path / "home" / "data.db-turns").open("w") as beside:
        fcntl.flock(beside, fcntl.LOCK_EX)
        with database.writing():
            assert (tmp_path / "home" / "data.db-turns").stat().st_size == 0
    database.close()
