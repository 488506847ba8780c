"""A run of the retention that is killed, wherever, and the next one too: the one after that ends as if nothing was."""

import json
import subprocess
import sys
from pathlib import Path

from cdp.bootstrap import create_platform
from cdp.services.publish import initialise
from cdp.store.write import NewRow
from tests import samples
from tests.portal.conftest import POLICY
from tests.retention.killed_retention import EACH, SETS
from tests.retention.test_run import CATALOGUE
from tests.samples import TESTER

ORDERS = "  office_orders: {kind: full, entity: order, purpose: privacy_administration, roles: [privacy_officer]}\n"


def test_it_ends_as_if_nothing_was(tmp_path: Path, database_url: str, keys_url: str) -> None:
    home = tmp_path / "home"
    with create_platform(samples.settings(home, database_url, keys_url)) as platform:
        initialise(platform, samples.catalogue(CATALOGUE), samples.policy(POLICY + ORDERS), principal=TESTER)
        people = samples.add_people(platform, SETS * EACH)
        order = {"placed_at": "2026-03-02T10:00:00Z", "total": "1.50", "paid": True, "address": "here"}
        rows = [NewRow(order, customer_id=each.customer_id) for each in people[2::EACH]]
        samples.add(platform, rows, "order")
    program = [sys.executable, "-m", "tests.retention.killed_retention", str(home), database_url, keys_url]
    run = subprocess.run(program, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")
    found = [json.loads(line) for line in run.stdout.splitlines()]
    over = {
        "alike": True, "income": [False, True, True], "asked": ["religion"], "written": 1,
        "order": [True, True, False, False], "erased": True, "others": True,
    }  # fmt: skip
    assert [each for each in found if each != over] == []
    assert len(found) > 10
