"""What waits for a customer goes with her, in every copy: exports, sessions, questions; what a law kept, in its time.

As `test_erase_copies`, for the tables of exports, renewals and holds.
"""

import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from audit.entries import HERSELF
from cdp.bootstrap import Platform, create_platform
from cdp.pages.takeaway import takeaway_page
from cdp.services.erase import erase
from cdp.services.exports.build import carry_out
from cdp.services.exports.jobs import ask_export, newest_job
from cdp.services.held import list_held
from cdp.services.publish import initialise
from cdp.services.retention.run import run
from cdp.services.sign_in.holders import bearer
from cdp.services.verify_log import verify_log
from cdp.store.write import NewRow
from tests import samples
from tests.portal.conftest import POLICY
from tests.samples import TESTER
from tests.services.changing_store import Place, copied
from tests.services.test_erase_copies import scan  # noqa: F401 -- a fixture
from tests.services.test_holds import HOLD, LAW
from tests.support import canary, gone

CATALOGUE = (
    samples.CATALOGUE_TEXT.replace("full_name:  {", f"full_name:  {{hold: {{{LAW}}}, ")
    .replace("address:   {", f"address:   {{{HOLD}, ")
    .replace("postcode:   {", "postcode:   {retention: 1 year, when_outdated: ask, ")
)
TODAY = datetime.now(UTC).date()


@pytest.fixture
def place(tmp_path: Path, database_url: str, keys_url: str) -> Place:
    made = Place(tmp_path / "home", database_url, keys_url)
    with create_platform(samples.settings(made.home, database_url, keys_url)) as platform:
        initialise(platform, samples.catalogue(CATALOGUE), samples.policy(POLICY), principal=TESTER)
    return made


def fill(platform: Platform, mark: str) -> str:
    """Somebody of whom something waits in every new table."""
    values = {**samples.person(1), "full_name": f"{mark} name", "postcode": mark, "email": f"{mark}@example.org"}
    (person,) = samples.add(platform, [NewRow(values)])
    with platform._database.writing() as conn:
        conn.exec_driver_sql(f"UPDATE customer SET cdp__collected = 1 WHERE customer_id = '{person.customer_id}'")
    run(platform, principal=TESTER, today=TODAY)
    ask_export(platform, person.customer_id, principal=HERSELF, language="en", now=datetime.now(UTC))
    assert carry_out(platform, takeaway_page, now=datetime.now(UTC)) == 1
    assert {"cdp_renewal", "cdp_export_part"} <= set(gone.traces(platform, person.customer_id))
    return person.customer_id


def test_the_files_hold_nothing_of_her(place: Place, scan: Callable[[], bytes]) -> None:  # noqa: F811
    mark = canary.canary()
    with place.open() as platform:
        whose = fill(platform, mark)
        assert canary.seen([mark], scan()) == {mark}  # the postcode stands in the clear
        erase(platform, [whose], principal=TESTER, reason="she asked")
        assert canary.seen([mark, whose], b"".join(scan().split(whose.encode()))) == set(), "what is held is sealed"
        assert len(list_held(platform, principal=TESTER)) == 1


def test_a_restored_backup_is_held_to_it_before_the_first_read(
    place: Place, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    with place.open() as platform:
        whose = fill(platform, "ann")
        token = bearer(platform.vault, whose)
    with copied(place, tmp_path / "backup", request) as backup:
        with place.open() as platform:
            erase(platform, [whose], principal=TESTER, reason="she asked")
            (held,) = list_held(platform, principal=TESTER)
            run(platform, principal=TESTER, today=date.fromisoformat(held.until))
        restored = Place(tmp_path / "restored", backup.database_url, place.keys_url)
        shutil.copytree(place.home, restored.home, ignore=shutil.ignore_patterns("checkpoint"))
        with restored.open() as platform:
            assert gone.traces(platform, whose) == {}
            assert newest_job(platform, whose) is None
            assert list_held(platform, principal=TESTER) == []
            with platform._database.reading() as conn:
                for table in ("cdp_session", "cdp_export"):
                    mine = f"SELECT count(*) FROM {table} WHERE bearer = '{token}'"
                    assert conn.exec_driver_sql(mine).scalar_one() == 0
            verify_log(platform)
