"""A kill at any point loses no event that was acknowledged, and folds none twice (invariant 7)."""

import json
import subprocess
import sys
from pathlib import Path

from cdp.bootstrap import Platform
from cdp.ingest.worker import Worker
from cdp.services.verify_log import verify_log
from cdp.store.arriving import QUARANTINE, SPOOL, SPOOL_BODY
from tests import samples
from tests.ingest.sending import of

ROOT = Path(__file__).resolve().parents[2]


def test_a_kill_at_any_point_loses_nothing_that_was_acknowledged(
    platform: Platform, write_key: str, tmp_path: Path, database_url: str, keys_url: str
) -> None:
    command = [sys.executable, "-m", "tests.ingest.killed", str(tmp_path / "home"), database_url, keys_url, write_key]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(lines) > 20  # there are so many moments
    assert lines[-1]["acknowledged"]  # the last one was not killed
    Worker(platform).drain()
    acknowledged = {"o" + message[1:] for line in lines for message in line["acknowledged"]}
    rows = [row[4] for row in samples.rows_of(platform, "purchases")]
    assert len(rows) == len(set(rows))
    assert acknowledged <= set(rows)
    found = of(platform)
    assert found.received == 4 * len(rows) // 3  # of what was kept, each event is folded once or aside once
    assert (found.folded, found.duplicate, found.quarantined) == (len(rows), 0, {"not_an_object": len(rows) // 3})
    assert [platform.door.count(table) for table in (SPOOL, SPOOL_BODY, QUARANTINE)] == [0, 0, len(rows) // 3]
    verify_log(platform)
