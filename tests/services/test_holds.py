"""What a law keeps of somebody who is erased: just that, sealed apart, for its one purpose, until its day."""

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from audit.entries import Principal
from cdp.bootstrap import Platform, create_platform, open_platform
from cdp.catalogue.model import Catalogue
from cdp.errors import BadInput, NotFound, Refused
from cdp.services.certificates import certify
from cdp.services.erase import erase
from cdp.services.held import list_held, read_held
from cdp.services.publish import initialise
from cdp.services.verify_log import verify_log
from cdp.store.write import NewRow
from tests import samples
from tests.samples import TESTER
from tests.support import canary, gone
from views.check import check_policy

LAW = "reason: {en: Tax law}, basis: legal_obligation, purpose: bookkeeping, period: 10 years"
HOLD = f"hold: {{{LAW}, since: placed_at}}"
CATALOGUE = (
    samples.CATALOGUE_TEXT.replace("type: decimal, sensitivity: none", f"type: decimal, sensitivity: none, {HOLD}")
    .replace("address:   {", f"address:   {{{HOLD}, ")
    .replace("full_name:  {", f"full_name:  {{hold: {{{LAW}}}, ")
)
POLICY = (
    samples.POLICY_TEXT.replace("acme_app]\n", "acme_app, bookkeeper]\n", 1).replace(
        "views:\n", "  bookkeeping: {legal_basis: legal_obligation, subject_to: []}\nviews:\n"
    )
) + "  books: {kind: standard, entity: order, purpose: bookkeeping, roles: [bookkeeper], clear: [placed_at]}\n"
BOOKKEEPER = Principal("os:berta", "bookkeeper")
TODAY = datetime.now(UTC).date()


@pytest.fixture
def platform(tmp_path: Path, database_url: str, keys_url: str) -> Iterator[Platform]:
    with create_platform(samples.settings(tmp_path / "home", database_url, keys_url)) as made:
        initialise(made, samples.catalogue(CATALOGUE), samples.policy(POLICY), principal=TESTER)
        yield made


def order(placed: date, address: str = "1 High Street") -> dict[str, object]:
    return {"placed_at": f"{placed}T10:00:00+00:00", "total": "12.50", "paid": True, "address": address}


def read(platform: Platform, hold_id: str, **other: object) -> list[tuple[str, dict[str, object]]]:
    how = {"principal": BOOKKEEPER, "purpose": "bookkeeping", "reason": "audit of 2026", "today": TODAY, **other}
    return [(row.entity, row.values) for row in read_held(platform, hold_id, **how)]


def test_just_what_is_held_stays(platform: Platform) -> None:
    people = samples.add_people(platform, 3)
    recent, old = TODAY - timedelta(days=400), TODAY - timedelta(days=11 * 366)
    rows = [NewRow(order(each), customer_id=people[1].customer_id) for each in (recent, old)]
    samples.add(platform, rows, "order")
    (done,) = erase(platform, [people[1].customer_id], principal=TESTER, reason="she asked")
    assert gone.traces(platform, people[1].customer_id) == {}
    said = {(each["entity"], each["field"], each["rows"]) for each in done.held}
    assert said == {("customer", "full_name", 1), ("order", "total", 1), ("order", "address", 1)}, "the old one is over"
    sets = list_held(platform, principal=TESTER)
    assert {each.erasure_id for each in sets} == {done.erasure_id}
    assert len(sets) == 2
    found = [row for each in sets for row in read(platform, each.hold_id)]
    assert sorted(found, key=str) == [
        ("customer", {"full_name": "Ann Number1"}), ("order", {"address": "1 High Street", "total": "12.50"})
    ]  # fmt: skip
    assert {len(samples.rows_of(platform, view)) for view in ("privacy_office", "care_desk")} == {2}
    certificate = certify(platform, done)
    assert "held: total of order, 1 value(s) until" in certificate
    assert "for bookkeeping alone (legal_obligation)" in certificate
    verify_log(platform)


def test_it_is_read_for_its_purpose_alone(platform: Platform) -> None:
    (person,) = samples.add_people(platform, 1)
    erase(platform, [person.customer_id], principal=TESTER, reason="she asked")
    (held,) = list_held(platform, principal=TESTER)
    assert read(platform, held.hold_id)
    for wrong, error in (
        ({"purpose": "service"}, Refused), ({"reason": " "}, Refused),
        ({"principal": Principal("os:a", "agent")}, Refused), ({"today": date.fromisoformat(held.until)}, NotFound),
        ({"principal": Principal("os:a", "agent"), "purpose": "service"}, NotFound), ({"reason": "\0"}, BadInput),
    ):  # fmt: skip
        with pytest.raises(error):
            read(platform, held.hold_id, **wrong)
    with pytest.raises(NotFound):
        read(platform, person.customer_id)
    with platform._database.reading() as conn:
        entries = [bytes(row[0]) for row in conn.exec_driver_sql("SELECT entry FROM cdp_log_entry ORDER BY number")]
    said = [json.loads(each) for each in entries if b'"act":"read_held"' in each]
    assert [each["what"] for each in said] == ["disclosure", *["refusal"] * 7]
    assert said[0]["purpose"] == "bookkeeping"
    assert b"Ann Number0" not in b"".join(entries)


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_held_values_are_on_disk_sealed_and_others_not_at_all(platform: Platform, tmp_path: Path) -> None:
    held, lost = canary.canary(), canary.canary()
    (person,) = samples.add(platform, [NewRow({**samples.person(1), "full_name": held, "postcode": lost})])
    assert canary.seen([lost], canary.files_under(tmp_path)) == {lost}
    erase(platform, [person.customer_id], principal=TESTER, reason="she asked")
    assert canary.seen([held, lost], canary.files_under(tmp_path)) == set()
    (found,) = list_held(platform, principal=TESTER)
    assert read(platform, found.hold_id) == [("customer", {"full_name": held})]


def test_a_kill_at_every_side_effect(tmp_path: Path, database_url: str, keys_url: str) -> None:
    """What is held is held once, wherever the erasure is cut off, and never for one that did not begin."""
    settings = samples.settings(tmp_path / "home", database_url, keys_url)
    with create_platform(settings) as platform:
        initialise(platform, samples.catalogue(CATALOGUE), samples.policy(POLICY), principal=TESTER)
        samples.add_people(platform, 60)
    program = [sys.executable, "-m", "tests.services.killed_erasure", str(tmp_path / "home"), database_url, keys_url]
    run = subprocess.run(program, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")
    begun = [each for each in map(json.loads, run.stdout.splitlines()) if each["begun"]]
    assert len(begun) >= 10
    assert all(each["finished"] and each["left"] == {} for each in begun)
    with open_platform(settings) as platform:
        found = list_held(platform, principal=TESTER)
        assert len(found) == len({each.erasure_id for each in found}) == len(begun)
        assert all(read(platform, each.hold_id)[0][0] == "customer" for each in found)


def test_a_hold_that_nobody_may_read_is_odd() -> None:
    served, unserved = samples.policy(POLICY), samples.policy()
    found = [[each.code for each in check_policy(samples.catalogue(CATALOGUE), each)] for each in (served, unserved)]
    assert [codes.count("hold_unread") for codes in found] == [0, 3]


@pytest.mark.parametrize(
    "hold",
    ["{}", HOLD[6:].replace("placed_at", "total"), HOLD[6:].replace("placed_at", "nowhere"),
     HOLD[6:].replace("10 years", "long"), HOLD[6:].replace("legal_obligation", "because")],
)  # fmt: skip
def test_a_hold_that_says_too_little_is_refused(hold: str) -> None:
    text = samples.CATALOGUE_TEXT.replace(
        "{type: decimal, sensitivity: none}", f"{{type: decimal, sensitivity: none, hold: {hold}}}"
    )
    with pytest.raises(BadInput):
        samples.catalogue(text)
    assert isinstance(samples.catalogue(CATALOGUE), Catalogue)
