"""An export that was acknowledged comes, wherever its worker is killed (invariant 7)."""

import json
import subprocess
import sys
from pathlib import Path

from cdp.bootstrap import create_platform
from cdp.services.publish import initialise
from tests import samples
from tests.portal.conftest import POLICY


def test_a_kill_at_every_side_effect(tmp_path: Path, database_url: str, keys_url: str) -> None:
    with create_platform(samples.settings(tmp_path / "home", database_url, keys_url)) as platform:
        initialise(platform, samples.catalogue(), samples.policy(POLICY), principal=samples.TESTER)
        samples.add_people(platform, 60)
    program = [sys.executable, "-m", "tests.exports.killed_export", str(tmp_path / "home"), database_url, keys_url]
    run = subprocess.run(program, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")
    found = [json.loads(line) for line in run.stdout.splitlines()]
    assert len(found) >= 6
    assert found == [{"state": "ready", "rows": 1}] * len(found)
