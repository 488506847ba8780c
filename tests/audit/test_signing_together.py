"""Several processes that append and sign at once: one log, one history, and every place outside fits it."""

import multiprocessing
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest

from audit.entries import Entry
from cdp.bootstrap import create_platform, open_platform
from cdp.config import Settings
from cdp.services.publish import initialise
from cdp.services.verify_log import verify_log
from tests import samples
from tests.samples import TESTER

PROCESSES, ROUNDS = 4, 25


def _work(made: Settings, together: Barrier) -> None:
    """Append and sign by turns, as fast as it goes; whatever is raised is the exit code."""
    with open_platform(made) as platform:
        together.wait(30)
        for _ in range(ROUNDS):
            platform.door.note(Entry("refusal", "read", TESTER, None))
            platform.keeper.sign()


@pytest.mark.parametrize("homes", [1, PROCESSES])
def test_several_processes_append_and_sign_at_once(tmp_path: Path, database_url: str, homes: int) -> None:
    keys = f"sqlite:///{tmp_path}/keys.db"
    first = samples.settings(tmp_path / "home", database_url, keys)
    with create_platform(first) as platform:
        initialise(platform, samples.catalogue(), samples.policy(), principal=TESTER)
    more = [first.model_copy(update={"home": tmp_path / f"home{n}", "kek": first.kek_url}) for n in range(1, homes)]
    machines = [first, *more]
    context = multiprocessing.get_context("spawn")
    together = context.Barrier(PROCESSES)
    workers = [context.Process(target=_work, args=(machines[number % homes], together)) for number in range(PROCESSES)]
    for each in workers:
        each.start()
    for each in workers:
        each.join()
    assert [each.exitcode for each in workers] == [0] * PROCESSES
    for machine in machines:
        with open_platform(machine) as platform:
            verify_log(platform)
            with platform._database.reading() as conn:
                said = conn.exec_driver_sql("SELECT count(*) FROM cdp_log_entry").scalar_one()
            assert said >= PROCESSES * ROUNDS
