"""Merging two customers: nothing is lost, refusals are united, and taken back it is as it was, to the byte."""

import pytest

from cdp.bootstrap import Platform
from cdp.errors import CdpError, NotFound, Refused
from cdp.services.erase import erase
from cdp.services.identity.merge import merge_customers, merges_of, unmerge_customers
from cdp.services.opt_out import refuse
from cdp.services.verify_log import verify_log
from cdp.store.write import NewRow
from tests import changing, samples
from tests.samples import TESTER
from tests.services.changing_store import Place
from tests.store.content import content
from tests.support import gone

CATALOGUE = changing.edited()


@pytest.fixture
def pair(place: Place):
    """An open store, and two of its people who have orders; each lacks something that the other has."""
    with place.open() as platform:
        with platform._database.reading() as conn:
            ids = list(conn.exec_driver_sql("SELECT customer_id FROM customer ORDER BY ordinal").scalars())
        names = {row[0]: row[1] for row in samples.rows_of(platform, "office", role="officer")}
        by_number = {int(name.split()[-1]): each for each, name in names.items()}
        yield platform, by_number[1], by_number[2]
        assert len(ids) == 7


def dump(platform: Platform, place: Place):
    return content(platform, place.database_url, CATALOGUE)["rows"]


def office(platform: Platform) -> dict[str, tuple]:
    return {row[0]: row[1:] for row in samples.rows_of(platform, "office", role="officer")}


def test_one_has_all_of_both(pair) -> None:
    platform, first, second = pair
    before = office(platform)
    done = merge_customers(platform, first, second, principal=TESTER, reason="the same person")
    after = office(platform)
    assert set(before) - set(after) == {second}
    assert {each: after[each] for each in after if each != first} == {
        each: before[each] for each in before if each not in (first, second)
    }
    assert after[first] == tuple(mine if mine is not None else theirs
                                 for mine, theirs in zip(before[first], before[second], strict=True))  # fmt: skip
    assert set(gone.traces(platform, second)) <= {"cdp_merge", "cdp_consent_event"}
    assert merges_of(platform, first, principal=TESTER) == [done]
    for name in ("email:ann1@example.org", "email:ann2@example.org"):
        refuse(platform, name, "direct_marketing", principal=TESTER)  # both addresses are hers
    verify_log(platform)


def test_taken_back_it_is_as_it_was(pair, place: Place) -> None:
    platform, first, second = pair
    before = dump(platform, place)
    for _ in range(2):
        done = merge_customers(platform, first, second, principal=TESTER, reason="the same person")
        assert dump(platform, place) != before
        unmerge_customers(platform, done.merge_id, principal=TESTER)
        assert dump(platform, place) == before
    with pytest.raises(NotFound) as caught:
        unmerge_customers(platform, done.merge_id, principal=TESTER)
    assert caught.value.code == "unknown_merge"


def test_refusals_are_united_and_no_address_evades_them(pair) -> None:
    platform, first, second = pair
    refuse(platform, second, "automated_decisions", principal=TESTER)
    done = merge_customers(platform, first, second, principal=TESTER, reason="the same person")
    flags = "SELECT refused__automated_decisions FROM customer WHERE customer_id = "
    assert _one(platform, flags + f"'{first}'")
    unmerge_customers(platform, done.merge_id, principal=TESTER)
    assert not _one(platform, flags + f"'{first}'")
    assert _one(platform, flags + f"'{second}'")


def test_what_changed_meanwhile_stays(pair) -> None:
    platform, first, second = pair
    before = office(platform)
    done = merge_customers(platform, first, second, principal=TESTER, reason="the same person")
    (row,) = samples.add(platform, [NewRow({"note": "since"}, customer_id=first)], "order")
    unmerge_customers(platform, done.merge_id, principal=TESTER)
    assert office(platform) == before
    assert _one(platform, f"SELECT customer_id FROM \"order\" WHERE order_id = '{row.row_id}'") == first


def test_a_text_longer_than_may_be_entered_by_now_comes_back(pair) -> None:
    platform, first, _ = pair
    (long,) = samples.add(platform, [NewRow({"full_name": "x" * 2_001, "email": "long@example.org"})])
    before = office(platform)
    done = merge_customers(platform, first, long.customer_id, principal=TESTER, reason="the same person")
    unmerge_customers(platform, done.merge_id, principal=TESTER)
    assert office(platform) == before


def test_a_chain_is_undone_from_its_end(pair, place: Place) -> None:
    platform, first, second = pair
    third = next(each for each in office(platform) if each not in (first, second))
    before = dump(platform, place)
    inner = merge_customers(platform, first, second, principal=TESTER, reason="the same person")
    outer = merge_customers(platform, third, first, principal=TESTER, reason="the same person")
    with pytest.raises(Refused) as caught:
        unmerge_customers(platform, inner.merge_id, principal=TESTER)
    assert caught.value.code == "merge_nested"
    unmerge_customers(platform, outer.merge_id, principal=TESTER)
    unmerge_customers(platform, inner.merge_id, principal=TESTER)
    assert dump(platform, place) == before


def test_an_erasure_takes_all_that_became_part_of_her(pair) -> None:
    platform, first, second = pair
    merge = merge_customers(platform, first, second, principal=TESTER, reason="the same person")
    done = erase(platform, [first], principal=TESTER, reason="she asked")
    assert {each.customer_id for each in done} == {first, second}
    for each in (first, second):
        assert gone.traces(platform, each) == {}
        assert platform.vault.keys([each]) == {}
    blind = platform.vault.blind
    tokens = [("email", blind.token("customer", "email", f"ann{number}@example.org").hex()) for number in (1, 2)]
    assert platform.vault.suppression.refused(tokens) == set(tokens)
    with pytest.raises(NotFound) as caught:
        unmerge_customers(platform, merge.merge_id, principal=TESTER)
    assert caught.value.code == "unknown_merge"


def test_after_it_is_undone_nothing_of_the_one_is_left_with_the_other(pair) -> None:
    platform, first, second = pair
    done = merge_customers(platform, first, second, principal=TESTER, reason="the same person")
    unmerge_customers(platform, done.merge_id, principal=TESTER)
    erase(platform, [second], principal=TESTER, reason="she asked")
    assert gone.traces(platform, second) == {}
    assert first in office(platform)


def test_what_is_refused(pair) -> None:
    platform, first, second = pair
    for names, reason, code in (
        ((first, first), "x", "merge_same"),
        ((first, "nobody"), "x", "unknown_customer"),
        ((first, second), " ", "reason_needed"),
    ):
        with pytest.raises(CdpError) as caught:
            merge_customers(platform, *names, principal=TESTER, reason=reason)
        assert caught.value.code == code


def _one(platform: Platform, statement: str) -> object:
    with platform._database.reading() as conn:
        return conn.exec_driver_sql(statement).scalar_one()
