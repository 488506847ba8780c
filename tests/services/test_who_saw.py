"""Who saw me: what is said about one customer, as it applied to her, and that looking is itself on the log."""

from collections.abc import Iterator
from pathlib import Path

import pytest

import views.run
from audit.entries import HERSELF, Entry, Principal
from cdp.catalogue.places import flag_column
from cdp.errors import NotFound, Unavailable
from cdp.services.erase import erase
from cdp.services.opt_out import allow, refuse
from cdp.services.read import read_view
from cdp.services.verify_log import verify_log
from cdp.services.who_saw import Access, Audience, who_saw
from cdp.store.records import Stored
from cdp.store.write import NewRow
from tests.support import organisation
from tests.support.faults import table_missing
from tests.support.worlds import TESTER, Person, World, opened, request_of

OFFICER = Principal("os:officer", "privacy_officer")


@pytest.fixture
def world(tmp_path: Path, database_url: str, keys_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setattr(views.run, "CHUNK_ROWS", 2)
    with opened(tmp_path / "home", database_url, keys_url, organisation.catalogue(), organisation.policy()) as made:
        yield made


@pytest.fixture
def ann(world: World) -> Stored:
    """One of six customers."""
    return world.add(organisation.people(6))[3]


def seen(world: World, customer: str, **options: object) -> list[Access]:
    return list(who_saw(world.platform, customer, principal=OFFICER, **options))  # type: ignore[arg-type]


def test_each_read_is_one_access_with_everything_the_entry_says(world: World, ann: Stored) -> None:
    world.rows(request_of("letter"))  # three chunks, of which one is about her
    world.rows(request_of("office", ("customer_id", f"eq.{ann.customer_id}"), reason="she called"))
    world.rows(request_of("office", ("customer_id", "eq.someone-else")))
    office, letter, made = seen(world, ann.customer_id)
    assert (office.view, office.purpose, office.kind, office.role, office.principal) == (
        "office", "service", "full", "reader", "os:tester"
    )  # fmt: skip
    assert (office.reason, office.customers, office.by_herself) == ("she called", 1, False)
    assert {field.name: field.applied for field in office.fields}["religion"] == "clear"
    assert (letter.view, letter.what, letter.recipient) == ("letter", "disclosure", None)
    assert [field.name for field in letter.fields] == ["customer_id", "full_name", "email", "account", "income"]
    assert (made.what, made.act, made.fields) == ("change", "import", ())
    assert office.at > letter.at > made.at


def test_the_look_up_is_an_access_and_shows_in_the_next(world: World, ann: Stored) -> None:
    before = len(world.entries())
    assert [each.act for each in seen(world, "email:ann3@example.org")] == ["import"]
    entry = world.entries()[before:]
    assert [(each["what"], each["act"], each["customers"], each["principal"]) for each in entry] == [
        ("disclosure", "who_saw", 1, "os:officer")
    ]
    again = seen(world, ann.customer_id)
    assert [each.act for each in again] == ["who_saw", "import"]
    assert ann.customer_id not in str(world.entries())


def test_fields_are_given_as_they_applied_to_her_at_the_time(world: World, ann: Stored) -> None:
    world.rows(request_of("partner"))
    refuse(world.platform, ann.customer_id, "third_party_disclosure", principal=TESTER)
    world.rows(request_of("partner"))
    allow(world.platform, ann.customer_id, "third_party_disclosure", principal=TESTER, word="by phone")
    world.rows(request_of("partner"))
    partner = [each for each in seen(world, ann.customer_id) if each.view == "partner"]
    assert [each.recipient for each in partner] == ["acme"] * 3
    shapes = [{field.name: field.applied for field in each.fields if field.name != "token"} for each in partner]
    assert shapes[0] == shapes[2]
    assert (shapes[0]["email"], shapes[0]["postcode"], shapes[0]["religion"]) == ("clear", "clear", "clear")
    assert (shapes[1]["email"], shapes[1]["postcode"], shapes[1]["religion"]) == ("hidden", "general", "hidden")
    religion = next(field for field in partner[0].fields if field.name == "religion")
    assert religion.unless == ("third_party_disclosure", "sensitive_data")


def test_what_the_history_does_not_explain_is_not_claimed(world: World, ann: Stored) -> None:
    world.rows(request_of("partner"))
    true = "1" if world.dialect == "sqlite" else "true"
    column = flag_column("third_party_disclosure")
    world.sql(f"UPDATE customer SET {column} = {true} WHERE customer_id = '{ann.customer_id}'")
    partner = next(each for each in seen(world, ann.customer_id) if each.view == "partner")
    assert {field.name: field.applied for field in partner.fields}["email"] is None
    assert {field.name: field.applied for field in partner.fields}["loyalty"] == "clear"


def test_orders_of_hers_in_several_chunks_are_one_read(world: World, ann: Stored) -> None:
    world.add_rows("order", [NewRow({"total": str(n)}, ann.customer_id, ann.customer_id) for n in range(5)])
    world.rows(request_of("partner_orders"))
    newest = seen(world, ann.customer_id)[0]
    assert (newest.view, len(newest.entries)) == ("partner_orders", 3)


def test_a_limit_gives_whole_reads_newest_first(world: World, ann: Stored) -> None:
    for view in ("letter", "desk", "office", "partner"):
        world.rows(request_of(view))
    assert [each.view for each in seen(world, ann.customer_id, limit=2)] == ["partner", "office"]
    everything = seen(world, ann.customer_id)
    assert [each.view or each.act for each in everything] == [
        "who_saw", "partner", "office", "desk", "letter", "import"
    ]  # fmt: skip


def test_the_person_is_told_reasons_of_reads_about_her_alone(world: World, ann: Stored) -> None:
    world.rows(request_of("office", reason="the case of Bob"))
    world.rows(request_of("office", ("customer_id", f"eq.{ann.customer_id}"), reason="her question"))
    assert [(each.reason, each.has_reason) for each in seen(world, ann.customer_id, audience=Audience.PERSON)][:2] == [
        ("her question", True), ("", True)
    ]  # fmt: skip
    assert [each.reason for each in seen(world, ann.customer_id)][1:3] == ["her question", "the case of Bob"]


def test_what_she_does_herself_is_marked(world: World, ann: Stored) -> None:
    list(who_saw(world.platform, ann.customer_id, principal=HERSELF, audience=Audience.PERSON))
    world.platform.door.note(Entry("disclosure", "read", Principal("os:customer"), None, subjects=[ann.ordinal]))
    world.platform.door.note(Entry("disclosure", "read", HERSELF, None, subjects=[ann.ordinal, ann.ordinal + 1]))
    found = [(each.act, each.by_herself) for each in seen(world, ann.customer_id)]
    assert found == [("read", False), ("read", False), ("who_saw", True), ("import", False)]


def test_who_does_not_exist_is_not_found_and_the_attempt_is_on_the_log(world: World) -> None:
    with pytest.raises(NotFound, match="no such customer"):
        seen(world, "email:nobody@example.org")
    newest = world.entries()[-1]
    assert (newest["what"], newest["act"], newest["code"]) == ("refusal", "who_saw", "unknown_customer")
    assert "nobody" not in str(newest)


def test_an_erased_customer_vanishes_and_her_ordinal_is_nobodys(world: World, ann: Stored) -> None:
    world.rows(request_of("office"))
    erase(world.platform, [ann.customer_id], principal=TESTER, reason="she asked for it")
    with pytest.raises(NotFound):
        seen(world, ann.customer_id)
    verify_log(world.platform)
    others = world.add([Person(organisation.values(number)) for number in (11, 12, 13)])
    assert ann.ordinal not in {each.ordinal for each in others}
    assert all(len(seen(world, each.customer_id, limit=9)) == 1 for each in others)  # nothing of hers came to them
    verify_log(world.platform)


def test_nothing_is_told_when_the_log_is_down(world: World, ann: Stored) -> None:
    told: list[Access] = []
    with table_missing(world), pytest.raises(Unavailable):
        told += who_saw(world.platform, ann.customer_id, principal=OFFICER)
    assert told == []


def test_a_reading_in_progress_is_read_view_like(world: World, ann: Stored) -> None:
    """Reads whose chunks lie between each other's do not mix."""
    one = read_view(world.platform, request_of("letter"), principal=TESTER).chunks
    two = read_view(world.platform, request_of("desk"), principal=TESTER).chunks
    for _ in range(3):
        next(one, None)
        next(two, None)
    list(one), list(two)
    found = seen(world, ann.customer_id)
    assert sorted(each.view or "" for each in found) == ["", "desk", "letter"]
