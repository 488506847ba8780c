"""Releases: groups of at least k, immutable, found only while they fit the policy in force."""

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from cdp.bootstrap import Platform
from cdp.errors import BadInput, NotFound, Refused
from cdp.services.publish import publish_policy
from cdp.services.releases import build_release, list_releases
from cdp.services.verify_log import verify_log
from cdp.store.write import NewRow
from tests.samples import POLICY_TEXT, TESTER, add, add_people, person, policy, rows_of


def test_small_groups_are_suppressed(platform: Platform) -> None:
    add_people(platform, 36)  # six groups of six
    lonely = {**person(0), "email": "x@example.org", "birth_date": "1901-01-01"}
    add(platform, [NewRow({**lonely, "email": f"x{n}@example.org"}) for n in range(4)])  # a group of four
    release = build_release(platform, "insight", principal=TESTER)
    assert (release.size, release.suppressed, release.k) == (36, 4, 5)
    rows = rows_of(platform, "insight")
    assert len(rows) == 36
    assert {row[0] for row in rows} == {"1950-1959", "1960-1969"}
    assert rows == sorted(rows)  # their order tells nothing but what they say
    assert list_releases(platform, "insight") == [release]
    verify_log(platform)


def test_k_counts_people_not_rows(platform: Platform) -> None:
    more = "  paid: {kind: anonymized, entity: order, purpose: analytics, roles: [analyst], fields: [paid], k: 2}\n"
    publish_policy(platform, policy(POLICY_TEXT + more), principal=TESTER)
    people = add_people(platform, 1)
    add(platform, [NewRow({"paid": True}, customer_id=people[0].customer_id) for _ in range(5)], "order")
    with pytest.raises(Refused) as caught:
        build_release(platform, "paid", principal=TESTER)
    assert caught.value.code == "release_empty"


def test_no_release_yet_says_how(platform: Platform) -> None:
    with pytest.raises(Refused) as caught:
        rows_of(platform, "insight")
    assert (caught.value.code, caught.value.hint) == ("no_release", "build one with `cdp release build insight`")


def test_a_release_of_another_policy_is_not_read(platform: Platform) -> None:
    add_people(platform, 36)
    build_release(platform, "insight", principal=TESTER)
    publish_policy(platform, policy(POLICY_TEXT.replace("k: 5", "k: 6")), principal=TESTER)
    with pytest.raises(Refused) as caught:
        rows_of(platform, "insight")
    assert caught.value.code == "no_release"
    build_release(platform, "insight", principal=TESTER)
    assert len(rows_of(platform, "insight")) == 36


def test_a_release_does_not_change(platform: Platform, database_url: str) -> None:
    add_people(platform, 36)
    build_release(platform, "insight", principal=TESTER)
    engine = create_engine(database_url)
    for statement in ("UPDATE cdp_release_1 SET income = '0-1'", "DELETE FROM cdp_release_1"):
        with pytest.raises(DBAPIError, match="append-only"), engine.begin() as conn:
            conn.execute(text(statement))
    engine.dispose()


@pytest.mark.parametrize(("view", "error"), [("nothing", NotFound), ("care_desk", BadInput)])
def test_only_anonymized_views_have_releases(platform: Platform, view: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        build_release(platform, view, principal=TESTER)


def test_conditions_and_order_on_a_release(platform: Platform) -> None:
    add_people(platform, 36)
    build_release(platform, "insight", principal=TESTER)
    window = rows_of(
        platform, "insight", ("loyalty", "eq.gold"), ("postcode", "like.90*"), order="income.desc", limit=2
    )
    assert window == [("1960-1969", "90*", "90000-99999", "gold"), ("1960-1969", "90*", "330000-339999", "gold")]
