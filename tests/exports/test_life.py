"""An export waits sealed, is fetched once, by her, within a day; and goes with her."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from audit.entries import HERSELF
from cdp.bootstrap import Platform
from cdp.errors import NotFound, Refused
from cdp.pages.takeaway import takeaway_page
from cdp.services.erase import erase
from cdp.services.exports.build import carry_out, sweep
from cdp.services.exports.fetch import BROKEN, fetch_export
from cdp.services.exports.jobs import WAITS, State, ask_export, newest_job, take_job
from cdp.services.exports.now import export_now
from cdp.services.publish import publish_policy
from cdp.store.write import NewRow
from tests import samples
from tests.exports.conftest import add_orders, ask, fetched
from tests.support import canary, gone


def parts(platform: Platform) -> int:
    with platform._database.reading() as conn:
        return int(conn.exec_driver_sql("SELECT count(*) FROM cdp_export_part").scalar_one())


def state(platform: Platform, customer_id: str) -> State | None:
    job = newest_job(platform, customer_id)
    return None if job is None else job.state


def test_it_is_fetched_once(platform: Platform, tmp_path: Path) -> None:
    (person,) = samples.add_people(platform, 1)
    ask(platform, person.customer_id)
    assert parts(platform) > 0
    fetched(platform, person.customer_id, tmp_path / "x.zip")
    assert (parts(platform), state(platform, person.customer_id)) == (0, State.FETCHED)
    with pytest.raises(NotFound) as caught:
        fetch_export(platform, person.customer_id, principal=HERSELF, now=datetime.now(UTC))
    assert caught.value.code == "unknown_export"


def test_two_at_once_do_not_both_get_it(platform: Platform) -> None:
    (person,) = samples.add_people(platform, 1)
    ask(platform, person.customer_id)
    first = fetch_export(platform, person.customer_id, principal=HERSELF, now=datetime.now(UTC))
    with pytest.raises(NotFound):
        fetch_export(platform, person.customer_id, principal=HERSELF, now=datetime.now(UTC))
    assert len(b"".join(first.pieces)) == first.job.size


def test_what_broke_off_can_be_fetched_again(platform: Platform, tmp_path: Path) -> None:
    (person,) = samples.add_people(platform, 1)
    ask(platform, person.customer_id)
    leaving = fetch_export(platform, person.customer_id, principal=HERSELF, now=datetime.now(UTC))
    next(leaving.pieces)
    leaving.pieces.close()  # the browser went away
    assert state(platform, person.customer_id) is State.READY
    fetch_export(platform, person.customer_id, principal=HERSELF, now=datetime.now(UTC))  # and a server that was killed
    later = datetime.now(UTC) + BROKEN
    again = fetch_export(platform, person.customer_id, principal=HERSELF, now=later)
    assert len(b"".join(again.pieces)) == again.job.size


def test_it_waits_for_a_day(platform: Platform) -> None:
    (person,) = samples.add_people(platform, 1)
    ask(platform, person.customer_id)
    late = datetime.now(UTC) + WAITS + timedelta(minutes=1)
    with pytest.raises(NotFound):
        fetch_export(platform, person.customer_id, principal=HERSELF, now=late)
    assert sweep(platform, now=datetime.now(UTC)) == 0
    assert sweep(platform, now=late) == 1
    assert (parts(platform), state(platform, person.customer_id)) == (0, State.EXPIRED)
    sweep(platform, now=late + timedelta(days=31))
    assert newest_job(platform, person.customer_id) is None


def test_it_is_nobody_elses(platform: Platform) -> None:
    ann, ben = samples.add_people(platform, 2)
    ask(platform, ann.customer_id)
    assert newest_job(platform, ben.customer_id) is None
    with pytest.raises(NotFound):
        fetch_export(platform, ben.customer_id, principal=HERSELF, now=datetime.now(UTC))


def test_asking_again_while_it_is_made_makes_no_second_one(platform: Platform) -> None:
    (person,) = samples.add_people(platform, 1)
    now = datetime.now(UTC)
    first, second = (ask_export(platform, person.customer_id, principal=HERSELF, language="en", now=now) for _ in "ab")
    assert first.export_id == second.export_id
    assert carry_out(platform, takeaway_page, now=now) == 1
    ask(platform, person.customer_id)
    assert parts(platform) == 1, "what waited of the earlier one is gone"


def test_she_is_erased_and_her_export_with_her(platform: Platform) -> None:
    (person, _) = samples.add_people(platform, 2)
    ask(platform, person.customer_id)
    erase(platform, [person.customer_id], principal=samples.TESTER, reason="she asked")
    assert (parts(platform), newest_job(platform, person.customer_id)) == (0, None)
    assert gone.traces(platform, person.customer_id) == {}


def test_she_is_erased_while_it_is_made(platform: Platform) -> None:
    (person, _) = samples.add_people(platform, 2)
    add_orders(platform, person.customer_id, 20)
    ask_export(platform, person.customer_id, principal=HERSELF, language="en", now=datetime.now(UTC))

    def erased_meanwhile(*_: object) -> bytes:
        erase(platform, [person.customer_id], principal=samples.TESTER, reason="she asked")
        return b"late"

    carry_out(platform, erased_meanwhile, now=datetime.now(UTC))
    assert parts(platform) == 0
    assert gone.traces(platform, person.customer_id) == {}


def test_without_a_view_for_customers_it_fails_and_says_so(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    (person,) = samples.add_people(platform, 1)
    monkeypatch.setattr("cdp.services.publish.require_sight", lambda *_: None)  # where there never was one
    publish_policy(platform, samples.policy(), principal=samples.TESTER)
    ask(platform, person.customer_id)
    job = newest_job(platform, person.customer_id)
    assert job is not None
    assert (job.state, job.code) == (State.FAILED, "no_own_view")


def test_whoever_was_thought_dead_writes_nothing_more(platform: Platform) -> None:
    (person,) = samples.add_people(platform, 1)
    now = datetime.now(UTC)
    ask_export(platform, person.customer_id, principal=HERSELF, language="en", now=now)

    def overtaken(*_: object) -> bytes:
        assert take_job(platform, now=now + timedelta(minutes=5)) is not None
        return b"late"

    assert carry_out(platform, overtaken, now=now) == 0
    assert parts(platform) == 0
    assert state(platform, person.customer_id) is State.RUNNING
    assert carry_out(platform, takeaway_page, now=now + timedelta(minutes=10)) == 1
    assert state(platform, person.customer_id) is State.READY


def test_staff_need_a_reason_and_get_it_all_at_once(platform: Platform) -> None:
    (person,) = samples.add_people(platform, 1)
    got: list[bytes] = []
    whose, how = "email:ann0@example.org", {"principal": samples.TESTER, "language": "en", "render": takeaway_page}
    with pytest.raises(Refused) as caught:
        export_now(platform, whose, got.append, reason=" ", **how)
    assert (caught.value.code, got) == ("reason_needed", [])
    export_now(platform, whose, got.append, reason="request 7", **how)
    assert b"".join(got).startswith(b"PK")
    assert state(platform, person.customer_id) is State.FETCHED


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_while_it_waits_nothing_of_it_is_in_the_clear(platform: Platform, tmp_path: Path) -> None:
    mark = canary.canary()
    (person,) = samples.add(platform, [NewRow({**samples.person(1), "full_name": mark, "religion": mark})])
    ask(platform, person.customer_id)
    assert canary.seen([mark], canary.files_under(tmp_path)) == set()
