"""Events become profiles: verified identifiers reach people, claims reach nobody, any order ends in one state."""

import itertools
from pathlib import Path

import pytest

from cdp.bootstrap import Platform
from cdp.services.erase import erase
from cdp.services.identity.caps import Caps
from cdp.services.identity.decide import confirm_link, list_links, reject_link
from cdp.services.identity.merge import merges_of, unmerge_customers
from cdp.services.identity.revert import revert_source
from cdp.services.suppress import suppress
from cdp.services.verify_log import verify_log
from tests.samples import TESTER
from tests.services.importing import bring, people, person, store, write
from tests.services.seeing import TRUSTED, folded, one_by_one, seen
from tests.support import gone

ANN = "name,email,phone,nickname\nAnn,ann@example.org,+447700900123,annie\n"


@pytest.fixture
def platform(tmp_path: Path, database_url: str, keys_url: str):
    with store(tmp_path / "home", database_url, keys_url) as opened:
        bring(opened, write(tmp_path / "ann.csv", ANN))
        yield opened


def ann(platform: Platform) -> str:
    (found,) = {row.customer_id for row in _identifiers(platform) if row.kind == "phone"}
    return found


def test_a_verified_identifier_reaches_its_bearer(platform: Platform) -> None:
    (one,) = folded(platform, seen(("email", "ANN@example.org"), ("user_id", "u1"), source=TRUSTED, age=41))
    assert one.customer_id == ann(platform)
    (two,) = folded(platform, seen(("user_id", "u1"), source=TRUSTED, second=1, nickname="ann"))
    assert two.customer_id == one.customer_id
    assert person(platform, name="Ann").items() >= {"age": 41, "nickname": "ann", "email": "ANN@example.org"}.items()
    verify_log(platform)


def test_a_claim_reaches_nobody_and_waits(platform: Platform) -> None:
    before = people(platform)
    (one,) = folded(platform, seen(("anonymous_id", "a1"), ("user_id", "u1"), nickname="x", email="ann@example.org"))
    assert one.customer_id != ann(platform)
    assert [each for each in people(platform) if each.get("name") == "Ann"] == before
    assert "email" not in person(platform, nickname="x")  # not in any view, not by any search
    assert [(each.link.kind, each.bearer) for each in list_links(platform, principal=TESTER)] in (
        [("email", ann(platform)), ("user_id", None)], [("user_id", None), ("email", ann(platform))]
    )  # fmt: skip
    folded(platform, seen(("anonymous_id", "a1"), second=1, email="ann@example.org"))
    assert len(list_links(platform, principal=TESTER)) == 2  # a claim that is repeated is there once


def test_the_same_name_at_two_sources_is_two_people(platform: Platform) -> None:
    found = folded(platform, seen(("user_id", "u1")), seen(("user_id", "u1"), source="app"), seen(("user_id", "u1")))
    assert found[0].customer_id == found[2].customer_id != found[1].customer_id
    (trusted,) = folded(platform, seen(("user_id", "u1"), source=TRUSTED))
    assert trusted.customer_id not in {each.customer_id for each in found}


def test_whoever_knows_a_user_id_gets_a_profile_of_his_own(platform: Platform) -> None:
    """The browser's own id is what nobody else can guess; the user's id is not."""
    (hers,) = folded(platform, seen(("anonymous_id", "hers"), ("user_id", "u1"), nickname="ann"))
    (his,) = folded(platform, seen(("anonymous_id", "his"), ("user_id", "u1"), second=9, nickname="mallory"))
    (bare,) = folded(platform, seen(("user_id", "u1"), second=9, nickname="mallory"))
    assert len({hers.customer_id, his.customer_id, bare.customer_id}) == 3
    assert person(platform, nickname="ann")


def test_verified_identifiers_of_one_person_merge(platform: Platform) -> None:
    (other,) = folded(platform, seen(("user_id", "u1"), source=TRUSTED, age=41, tier="gold"))
    assert other.customer_id != ann(platform)
    (one,) = folded(platform, seen(("email", "ann@example.org"), ("user_id", "u1"), source=TRUSTED, second=5))
    assert one.customer_id == ann(platform)
    assert person(platform, name="Ann").items() >= {"age": 41, "tier": "gold"}.items()
    (done,) = merges_of(platform, "email:ann@example.org", principal=TESTER)
    unmerge_customers(platform, done.merge_id, principal=TESTER)
    assert "age" not in person(platform, name="Ann")
    assert person(platform, age=41)["tier"] == "gold"


def test_a_confirmed_claim_merges_and_a_rejected_one_is_over(platform: Platform) -> None:
    folded(platform, seen(("anonymous_id", "a1"), email="ann@example.org", nickname="x", age=7),
           seen(("anonymous_id", "a2"), email="new@example.org", age=8),
           seen(("anonymous_id", "a3"), email="ann@example.org", age=9))  # fmt: skip
    waiting = {_age(platform, each.link.customer_id): each for each in list_links(platform, principal=TESTER)}
    done = confirm_link(platform, waiting[7].link.link_id, principal=TESTER, reason="she said so")
    assert done is not None
    assert done.survivor == ann(platform)
    assert person(platform, name="Ann")["age"] == 7
    assert confirm_link(platform, waiting[8].link.link_id, principal=TESTER) is None
    assert person(platform, age=8)["email"] == "new@example.org"
    reject_link(platform, waiting[9].link.link_id, principal=TESTER)
    folded(platform, seen(("anonymous_id", "a3"), second=3, email="ann@example.org"))
    assert list_links(platform, principal=TESTER) == []


def test_any_order_and_any_repetition_end_in_one_state(
    tmp_path: Path, engine_name: str, request: pytest.FixtureRequest
) -> None:
    from tests.services.importing import fresh_store

    day = [
        seen(("user_id", "u1"), ("email", "a@example.org"), source=TRUSTED, second=1, age=1, message="1"),
        seen(("user_id", "u2"), source=TRUSTED, second=2, age=2, nickname="two", message="2"),
        seen(("email", "b@example.org"), ("user_id", "u2"), source=TRUSTED, second=3, message="3"),
        seen(("user_id", "u1"), source=TRUSTED, second=2, age=3, nickname="one", message="4"),
        seen(("anonymous_id", "x"), ("user_id", "u1"), second=2, nickname="who", message="5"),
    ]
    ends = set()
    for number, order in enumerate(itertools.islice(itertools.permutations(day), 0, 120, 17)):
        with fresh_store(request, engine_name, tmp_path / f"s{number}") as platform:
            if number % 2:
                folded(platform, *order)
            else:
                one_by_one(platform, [*order, *order[:2]])
            ends.add(str(people(platform)))
    assert len(ends) == 1


def test_somebody_of_whom_only_a_new_profile_says_something_keeps_what_was_said_before(platform: Platform) -> None:
    (one,) = folded(platform, seen(("user_id", "u1"), source=TRUSTED, second=1, age=41, nickname="una"))
    found = folded(platform, seen(("user_id", "u2"), source=TRUSTED, second=3, age=42),
                   seen(("user_id", "u2"), ("user_id", "u1"), source=TRUSTED, second=4))  # fmt: skip
    assert {each.customer_id for each in found} == {one.customer_id}
    assert person(platform, age=42)["nickname"] == "una"
    folded(platform, seen(("user_id", "u2"), source=TRUSTED, second=2, age=7))
    assert person(platform, nickname="una")["age"] == 42


def test_suppressed_people_are_dropped(platform: Platform) -> None:
    folded(platform, seen(("email", "ann@example.org"), ("user_id", "u1"), source=TRUSTED))
    suppress(platform, ["email:zoe@example.org"], principal=TESTER)
    erase(platform, ["email:ann@example.org"], principal=TESTER, reason="she asked")
    for each in (
        seen(("user_id", "u1"), source=TRUSTED), seen(("user_id", "u1")),
        seen(("anonymous_id", "n"), email="ann@example.org"), seen(("email", "zoe@example.org"), source=TRUSTED),
    ):  # fmt: skip
        (found,) = folded(platform, each)
        assert (found.customer_id, found.dropped) == (None, "suppressed")
    assert people(platform) == []
    assert folded(platform, seen())[0].dropped == "nobody"


def test_what_does_not_fit_is_named_and_nothing_else_is_lost(platform: Platform) -> None:
    (found,) = folded(platform, seen(("anonymous_id", "a"), age="old", nickname="n", unknown=1, prefs={"a": 1}))
    assert found.faults == ("age",)
    assert person(platform, nickname="n")["prefs"] == {"a": 1}


def test_a_profile_makes_only_so_many_claims_and_bears_only_so_many(platform: Platform) -> None:
    caps = Caps(identifiers=4, links=3)
    for number in range(5):
        folded(platform, seen(("anonymous_id", "a"), second=number, email=f"v{number}@example.org"), caps=caps)
    assert len(list_links(platform, principal=TESTER)) == 3
    for first in (0, 1):  # what is stored already counts
        users = (("user_id", f"u{number}") for number in (0, *range(1 + first, 4 + 3 * first)))
        folded(platform, seen(*users, source=TRUSTED), caps=caps)
    assert len([row for row in _identifiers(platform) if row.kind == "user_id"]) == 4
    assert caps.over == {"links": 2, "identifiers": 3}


def test_what_one_source_said_can_be_taken_back(platform: Platform) -> None:
    folded(platform, seen(("email", "ann@example.org"), ("user_id", "u1"), source=TRUSTED, second=1, nickname="crm"))
    folded(platform, seen(("user_id", "u2"), source="bad", second=2, age=99),
           seen(("anonymous_id", "z"), source="bad", second=2, email="ann@example.org"))  # fmt: skip
    bad = seen(("user_id", "u1"), source=TRUSTED, second=9, nickname="mallory", age=66)
    folded(platform, bad.__class__("worse", "m", bad.at, bad.identifiers, bad.traits))
    assert person(platform, name="Ann").items() >= {"nickname": "mallory", "age": 66}.items()
    done = revert_source(platform, "worse", principal=TESTER, reason="its key leaked")
    assert (done.profiles, done.claims) == (1, 0)
    assert person(platform, name="Ann")["nickname"] == "crm"
    assert "age" not in person(platform, name="Ann")
    assert revert_source(platform, "bad", principal=TESTER, reason="its key leaked").claims >= 1
    assert not [each for each in people(platform) if each.get("age") == 99]
    revert_source(platform, TRUSTED, principal=TESTER, reason="all of it")
    assert person(platform, name="Ann")["nickname"] == "annie"  # what the import had said


def test_an_erased_profile_leaves_no_claim(platform: Platform) -> None:
    (one,) = folded(platform, seen(("anonymous_id", "a1"), email="ann@example.org", nickname="x"))
    erase(platform, [str(one.customer_id)], principal=TESTER, reason="x")
    assert gone.traces(platform, str(one.customer_id)) == {}


def _identifiers(platform: Platform):
    with platform._database.reading() as conn:
        return conn.exec_driver_sql("SELECT customer_id, kind, token FROM cdp_identifier").all()


def _age(platform: Platform, customer_id: str) -> int:
    with platform._database.reading() as conn:
        return conn.exec_driver_sql(f"SELECT age FROM customer WHERE customer_id = '{customer_id}'").scalar_one()
