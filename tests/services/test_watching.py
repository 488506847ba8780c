"""Looking after the log through the door: about whom, what is told of a search, habits, jobs, counts; both engines."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from audit.entries import Entry, Principal, parse_entry
from cdp.bootstrap import Platform
from cdp.errors import NotFound
from cdp.services.background.jobs import Kind, end_job, enter_job, newest_job, tell
from cdp.services.background.words import Words
from cdp.services.consent_standing import consent_standing
from cdp.services.latency.measure import Measured
from cdp.services.latency.proof import last_proof
from cdp.services.opt_out import refuse
from cdp.services.watching.entry import read_entry
from cdp.services.watching.person import find_person
from cdp.services.watching.search import Wanted, search_log
from cdp.services.watching.unusual import unusual_reads
from tests import samples

IRIS = Principal("staff:iris", "privacy_officer")
NOW = datetime.now(UTC)


@pytest.fixture
def platform(tmp_path: Path, database_url: str, keys_url: str) -> Iterator[Platform]:
    with samples.store(tmp_path / "home", database_url, keys_url) as opened:
        yield opened


def last(platform: Platform) -> dict[str, object]:
    hit = search_log(platform, Wanted(), principal=samples.TESTER).entries[0]
    return hit[1]


def test_a_search_about_a_person_finds_hers_and_is_about_her(platform: Platform) -> None:
    people = samples.add_people(platform, 3)
    refuse(platform, people[1].customer_id, "direct_marketing", principal=samples.TESTER)
    samples.rows_of(platform, "privacy_office", ("email", "eq.ann1@example.org"))
    hits = search_log(platform, Wanted(whom="email:ann1@example.org"), principal=IRIS)
    assert hits.whom == people[1].customer_id
    assert [body["act"] for _, body in hits.entries][:2] == ["read", "opt_out"]
    own = search_log(platform, Wanted(whom=people[1].customer_id, who="iris"), principal=IRIS)
    assert [(body["act"], body["customers"], body["by"]) for _, body in own.entries] == [("log_search", 1, ["whom"])]
    with pytest.raises(NotFound):
        search_log(platform, Wanted(whom="email:nobody@example.org"), principal=IRIS)
    said = last(platform)
    assert (said["what"], said["act"], said["code"]) == ("refusal", "log_search", "unknown_customer")
    assert find_person(platform, "email:ann1@example.org", principal=IRIS) == people[1].customer_id
    with pytest.raises(NotFound):
        find_person(platform, "email:nobody@example.org", principal=IRIS)


def test_an_entry_is_proven_and_its_reason_is_a_look_at_those_it_is_about(platform: Platform) -> None:
    samples.add_people(platform, 3)
    samples.rows_of(platform, "privacy_office")
    number = search_log(platform, Wanted(view="privacy_office"), principal=IRIS).entries[0][0]
    assert read_entry(platform, number, principal=IRIS, reasons=True).signed is None
    platform.keeper.sign()
    told = read_entry(platform, number, principal=IRIS, reasons=True)
    assert (told.reason, told.fault, parse_entry(told.data) == told.body) == ("a test", "", True)
    assert told.signed > number
    assert last(platform)["customers"] == 3
    assert read_entry(platform, number, principal=IRIS, reasons=False).reason == ""
    assert last(platform)["customers"] == 0


def test_what_stands_out_is_found_and_looking_is_on_the_log(platform: Platform) -> None:
    people = [each.ordinal for each in samples.add_people(platform, 25)]
    for _ in range(20):
        facts = {"view": "care_desk", "chunk": 0, "rows": 25}
        platform.door.note(Entry("disclosure", "read", Principal("app:shop"), None, facts, subjects=people))
    (found,) = unusual_reads(platform, principal=IRIS, now=NOW + timedelta(minutes=5))
    assert (found.principal, str(found.rule), found.count, found.limit) == ("app:shop", "newcomer", 500, 500)
    assert last(platform)["act"] == "log_unusual"


def test_one_job_of_a_kind_runs_and_its_last_word_stays(platform: Platform) -> None:
    job, new = enter_job(platform, Kind.VERIFY, principal=IRIS, now=NOW)
    again, anew = enter_job(platform, Kind.VERIFY, principal=samples.TESTER, now=NOW + timedelta(seconds=9))
    assert (new, anew, again.job_id, again.asked_by) == (True, False, job.job_id, "staff:iris")
    tell(platform, job.job_id, done=5, total=10, now=NOW + timedelta(minutes=1))
    end_job(platform, job.job_id, Words(("it holds",)), now=NOW + timedelta(minutes=2))
    end_job(platform, job.job_id, Words(error={"code": "late"}), now=NOW + timedelta(minutes=3))
    found = newest_job(platform, Kind.VERIFY)
    assert (found.state, found.done, found.words) == ("done", 5, Words(("it holds",)))
    _, once_more = enter_job(platform, Kind.VERIFY, principal=IRIS, now=NOW + timedelta(minutes=4))
    assert once_more


def test_counts_of_who_refuses_are_of_ten_or_more(platform: Platform) -> None:
    people = samples.add_people(platform, 21)
    for each in people[:19]:
        refuse(platform, each.customer_id, "direct_marketing", principal=samples.TESTER)
    for each in people[:9]:
        refuse(platform, each.customer_id, "sensitive_data", principal=samples.TESTER)
    found = {each.opt_out: (each.customers, each.share) for each in consent_standing(platform, principal=IRIS)}
    assert found["direct_marketing"] == (10, 50)
    assert found["sensitive_data"] == (None, None)


def test_the_last_measured_proof_is_an_entry(platform: Platform) -> None:
    assert last_proof(platform) is None
    facts = Measured("sqlite", 5, 9, {"median": 0.0012, "most": 0.25}, 0).facts()
    platform.door.note(Entry("change", "measure_latency", samples.TESTER, None))
    number = platform.door.note(Entry("change", "measure_latency", samples.TESTER, None, facts))
    platform.door.note(Entry("change", "measure_latency", samples.TESTER, None))
    proof = last_proof(platform)
    assert (proof.number, proof.micros, proof.trials) == (number, {"median": 1200, "most": 250_000}, 5)
