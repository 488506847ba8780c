"""SIGKILL at each step of append and checkpoint, a killed holder of the lock, several processes of which one dies."""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cdp.bootstrap import open_platform
from cdp.config import Settings
from cdp.services.verify_log import verify_log
from tests import samples
from tests.support.doomed_log import check, entry

ROOT = Path(__file__).resolve().parents[2]
Started = Callable[[str], "subprocess.Popen[str]"]


@pytest.fixture
def made(tmp_path: Path, database_url: str, keys_url: str) -> Settings:
    settings = samples.settings(tmp_path / "home", database_url, keys_url)
    with samples.store(settings.home, database_url, keys_url):
        return settings


@pytest.fixture
def started(made: Settings) -> Iterator[Started]:
    running = []

    def start(mode: str) -> "subprocess.Popen[str]":
        command = [sys.executable, "-m", "tests.support.doomed_log", mode, str(made.home)]
        process = subprocess.Popen(
            [*command, made.database_url, made.keys_url], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        running.append(process)
        return process

    yield start
    for process in running:
        process.kill()
        process.wait()
        process.stdout.close()


def test_nothing_that_was_acknowledged_is_lost_at_any_step(started: Started) -> None:
    process = started("each")
    out, _ = process.communicate()
    assert process.returncode == 0
    assert int(out) >= 20, "so many steps there are at least"


def test_the_lock_of_a_killed_holder_is_free(made: Settings, started: Started) -> None:
    """Another process has written its entry, not committed, and dies; who waits for the lock goes on in its place."""
    with open_platform(made) as platform:
        before = platform.door.note(entry("before"))
        holder = started("hold")
        assert holder.stdout.readline() == "holding\n"
        got: list[int] = []
        waiting = threading.Thread(target=lambda: got.append(platform.door.note(entry("after"))))
        waiting.start()
        holder.kill()
        waiting.join()
        assert got == [before + 1]
        verify_log(platform)


def test_several_processes_write_one_log_and_one_of_them_dies(made: Settings, started: Started) -> None:
    processes = [started("many") for _ in range(3)]
    acknowledged: list[list[int]] = [[int(process.stdout.readline()) for _ in range(5)] for process in processes]
    processes[0].kill()
    acknowledged[0] += [int(line) for line in processes[0].stdout.read().split()]
    acknowledged[1] += [int(processes[1].stdout.readline()) for _ in range(20)]  # the others go on
    for process, numbers in zip(processes[1:], acknowledged[1:], strict=True):
        process.kill()
        numbers += [int(line) for line in process.stdout.read().split()]
    every = [number for numbers in acknowledged for number in numbers]
    assert len(set(every)) == len(every)
    assert all(numbers == sorted(numbers) for numbers in acknowledged)
    with open_platform(made) as platform:
        check(platform, "".join(f"entry {number} many\n" for number in every))
