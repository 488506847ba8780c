"""What a source declares holds for its events, for profiles that they make, and for what is read of them later."""

import pytest

from cdp.bootstrap import Platform
from cdp.errors import NotFound
from cdp.ingest.sources import add_source, declare_source
from cdp.ingest.spool import Intake
from cdp.services.identity.merge import merge_customers, unmerge_customers
from cdp.services.identity.revert import revert_source
from cdp.services.provenance.change import SetChange, Which, change_sets
from cdp.services.provenance.declare import Declaration
from cdp.services.provenance.sets import list_sets
from cdp.services.write import RowRequest, read_row
from tests import samples
from tests.ingest.sending import drain, identify, send, track
from tests.samples import TESTER

SERVICE, BOTH = ["service"], ["service", "direct_marketing"]


def source(platform: Platform, name: str, purposes: list[str] | None, *, trusted: bool = False) -> str:
    said = None if purposes is None else Declaration(name, purposes, statement="v1")
    return add_source(platform, name, principal=TESTER, trusted=trusted, declaration=said)[1]


def counts(platform: Platform) -> tuple[int, int, int]:
    """How many rows the desk, the newsletter and the view of purchases have."""
    desk, letters, purchases = (samples.rows_of(platform, name) for name in ("care_desk", "newsletter", "purchases"))
    return len(desk), len(letters), len(purchases)


def sets_of(platform: Platform) -> list[list[str]]:
    """The sources that every customer comes from, in the order of their ordinals."""
    sets = {each.provenance: sorted(part.source for part in each.parts) for each in list_sets(platform)}
    with platform._database.reading() as conn:
        found = conn.exec_driver_sql("SELECT cdp__provenance FROM customer ORDER BY ordinal").scalars()
        return [sets[number] for number in found]


def test_events_and_profiles_serve_what_their_source_declares(platform: Platform, intake: Intake) -> None:
    key, silent = source(platform, "shop", SERVICE), source(platform, "app", None)
    send(intake, key, track(number=1, user="u1"), identify(1, user="u1", fullName="Ann"))
    drain(platform)
    assert counts(platform) == (1, 0, 1)
    send(intake, silent, track(number=1, user="u1"))
    drain(platform)
    assert counts(platform) == (2, 1, 2)  # who declares nothing declares the purposes of now
    change_sets(platform, Which(source="shop"), SetChange(withdraw=SERVICE), principal=TESTER, reason="a test")
    assert counts(platform) == (1, 1, 1)


def test_a_new_statement_is_for_what_comes_from_then_on(platform: Platform, intake: Intake) -> None:
    key = source(platform, "shop", SERVICE)
    send(intake, key, track(number=1))
    drain(platform)
    declare_source(platform, Declaration("shop", ["direct_marketing"], statement="v2"), principal=TESTER)
    send(intake, key, track(number=2, user="u2"), track(number=3, user="u2"))
    drain(platform)
    assert counts(platform) == (1, 1, 1)
    send(intake, key, identify(4, user="u1", fullName="Ann"))  # and what it changes serves what both statements allow
    drain(platform)
    assert counts(platform) == (0, 1, 1)
    with pytest.raises(NotFound):
        declare_source(platform, Declaration("fair", SERVICE), principal=TESTER)


def test_two_sources_of_one_profile_and_taking_one_back(platform: Platform, intake: Intake) -> None:
    one, two = (source(platform, name, purposes, trusted=True) for name, purposes in (("crm", BOTH), ("till", SERVICE)))
    send(intake, one, identify(1, fullName="Ann", loyalty="gold"))
    drain(platform)
    assert (counts(platform)[:2], sets_of(platform)) == ((1, 1), [["crm"]])
    send(intake, two, track(number=1))  # an event without traits changes nothing of her
    drain(platform)
    assert sets_of(platform) == [["crm"]]
    send(intake, two, identify(2, at="2026-11-26T11:30:00.000Z", loyalty="silver"))
    drain(platform)
    assert (counts(platform)[:2], sets_of(platform)) == ((1, 0), [["crm", "till"]])
    revert_source(platform, "till", principal=TESTER, reason="a test")
    assert (counts(platform)[:2], sets_of(platform)) == ((1, 1), [["crm"]])


def test_a_merge_joins_what_both_came_from_and_its_end_parts_it_again(platform: Platform, intake: Intake) -> None:
    one, two = source(platform, "crm", BOTH), source(platform, "till", SERVICE)
    send(intake, one, identify(1, fullName="Ann"), track(number=1))
    drain(platform)
    send(intake, two, identify(1, loyalty="gold"), track(number=1))
    drain(platform)
    (first, second), before, kept = _customers(platform), sets_of(platform), _origins(platform)
    assert sorted(before) == [["crm"], ["till"]]
    merge = merge_customers(platform, first, second, principal=TESTER, reason="a test")
    assert sets_of(platform) == [["crm", "till"]]
    assert [row for row in _origins(platform) if row[0] == "purchase"] == [row for row in kept if row[0] == "purchase"]
    unmerge_customers(platform, merge.merge_id, principal=TESTER)
    assert _origins(platform) == kept

    merge = merge_customers(platform, first, second, principal=TESTER, reason="a test")
    change_sets(platform, Which(source="till"), SetChange(withdraw=SERVICE), principal=TESTER, reason="a test")
    assert counts(platform)[0] == 0
    unmerge_customers(platform, merge.merge_id, principal=TESTER)
    assert counts(platform)[:2] == (1, 1)  # hers who came from the till serves nothing any more, the other's does


def _customers(platform: Platform) -> tuple[str, str]:
    """The two, the one of the crm first."""
    rows = _origins(platform)
    sets = {each.provenance: each.parts[0].source for each in list_sets(platform)}
    found = {sets[number]: row_id for entity, row_id, number, _ in rows if entity == "customer"}
    return found["crm"], found["till"]


def _origins(platform: Platform) -> list[tuple[str, str, int, int]]:
    """Of every row of customers and purchases: what it is, its set, and when it was collected."""
    found = []
    with platform._database.reading() as conn:
        for entity in ("customer", "purchase"):
            sql = f"SELECT {entity}_id, cdp__provenance, cdp__collected FROM {entity} ORDER BY ordinal"
            found += [(entity, *row) for row in conn.exec_driver_sql(sql)]
    return found


def test_who_was_collected_for_something_else_is_as_one_who_is_not_there(platform: Platform, intake: Intake) -> None:
    send(intake, source(platform, "shop", SERVICE), identify(1, fullName="Ann"))
    drain(platform)
    [[customer_id, *_]] = samples.rows_of(platform, "care_desk")
    for row_id in (str(customer_id), "00000000-0000-0000-0000-000000000001"):
        with pytest.raises(NotFound) as caught:
            read_row(platform, RowRequest("newsletter", "newsletter_app", row_id), principal=TESTER)
        assert (caught.value.code, caught.value.path) == ("unknown_row", "row")
