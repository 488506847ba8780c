"""Invariants 2 and 7: a reader killed at any moment has nothing that the log does not have; the log is whole."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from cdp.services.verify_log import verify_log
from tests.support import organisation
from tests.support.doomed import MOMENTS
from tests.support.worlds import World, request_of

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("chunk", [0, 2])
@pytest.mark.parametrize("moment", MOMENTS)
def test_whatever_left_is_in_the_log(
    world: World, database_url: str, keys_url: str, tmp_path: Path, moment: str, chunk: int
) -> None:
    world.add(organisation.people(6))  # three chunks of two
    arguments = [str(tmp_path / "home"), database_url, keys_url, moment, str(chunk)]
    command = [sys.executable, "-m", "tests.support.doomed", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == (0 if moment == "never" else -signal.SIGKILL), done.stderr
    left = [int(line) for line in done.stdout.split()]
    logged = [entry["rows"] for entry in world.entries() if entry["what"] == "disclosure"]
    before = chunk if moment != "never" else 3
    assert left == [2] * before
    assert logged == [2] * (
        before + (moment == "after_append")
    )  # one that did not leave may be in it, never the reverse
    verify_log(world.platform)
    assert len(world.rows(request_of("letter"))) == 6
    verify_log(world.platform)
