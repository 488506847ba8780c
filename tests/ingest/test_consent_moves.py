"""A country that events change tightens by the regime there; a refusal is kept whatever has set its flag before."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cdp.bootstrap import Platform, create_platform
from cdp.ingest.spool import Intake
from cdp.services.consent_history import read_consent
from cdp.services.identity.merge import merge_customers, unmerge_customers
from cdp.services.identity.revert import revert_source
from cdp.services.opt_out import allow, refuse
from cdp.services.publish import initialise, publish_policy
from cdp.store.write import NewRow
from tests import samples
from tests.ingest import sending
from tests.ingest.sending import drain, identify, send, track

COUNTRY = "      country:    {type: text, category: user.contact.address.country, sensitivity: personal}\n"
CATALOGUE = sending.CATALOGUE.replace("  order:\n", COUNTRY + "  order:\n", 1)
BY = "regime: {by: country, regimes: {DE: gdpr, US: ccpa}}\n"
GDPR = {"direct_marketing", "automated_decisions", "sensitive_data"}
LATER = "2026-11-26T11:30:00.000Z"


@pytest.fixture
def platform(tmp_path: Path, database_url: str, keys_url: str) -> Iterator[Platform]:
    with create_platform(samples.settings(tmp_path / "home", database_url, keys_url)) as made:
        initialise(made, samples.catalogue(CATALOGUE), samples.policy(sending.POLICY + BY), principal=samples.TESTER)
        yield made


def refused(platform: Platform, customer: str) -> set[str]:
    return {name for name, flag in read_consent(platform, customer, principal=samples.TESTER).flags.items() if flag}


def people(platform: Platform) -> list[str]:
    with platform._database.reading() as conn:
        return list(conn.exec_driver_sql("SELECT customer_id FROM customer ORDER BY ordinal").scalars())


def test_a_country_that_an_event_changes_tightens(platform: Platform, intake: Intake, write_key: str) -> None:
    send(intake, write_key, identify(1, country="US"))
    drain(platform)
    [her] = people(platform)
    assert refused(platform, her) == set()
    send(intake, write_key, identify(2, at=LATER, country="DE"))
    drain(platform)
    assert refused(platform, her) == GDPR


def test_taking_a_source_back_leaves_nobody_without_a_regime(
    platform: Platform, intake: Intake, write_key: str
) -> None:
    send(intake, write_key, identify(1, country="US"))
    drain(platform)
    revert_source(platform, "web", principal=samples.TESTER, reason="it was wrong")
    [her] = people(platform)
    assert refused(platform, her) == GDPR, "where she is, nobody knows now: the strictest"


def test_a_merge_that_brings_a_country_tightens_and_whoever_comes_back_has_missed_nothing(platform: Platform) -> None:
    values = ({"full_name": "Ann"}, {"country": "DE"}, {"country": "US"})
    ann, german, american = [row.customer_id for row in samples.add(platform, [NewRow(each) for each in values])]
    merge_customers(platform, ann, german, principal=samples.TESTER, reason="one person")
    assert refused(platform, ann) == GDPR
    done = merge_customers(platform, ann, american, principal=samples.TESTER, reason="one person")
    stricter = samples.policy(sending.POLICY + BY.replace("US: ccpa", "US: gdpr"))
    publish_policy(platform, stricter, principal=samples.TESTER)
    unmerge_customers(platform, done.merge_id, principal=samples.TESTER)
    assert refused(platform, american) == GDPR


def test_a_signal_counts_though_a_merge_had_set_its_flag(platform: Platform, intake: Intake, write_key: str) -> None:
    send(intake, write_key, identify(1, country="US"))
    drain(platform)
    [her] = people(platform)
    samples.add(platform, [NewRow({"country": "US"})])
    other = next(each for each in people(platform) if each != her)
    refuse(platform, other, "third_party_disclosure", principal=samples.TESTER)
    done = merge_customers(platform, her, other, principal=samples.TESTER, reason="one person")
    for number in (2, 3):
        send(intake, write_key, track(number=number), gpc=True)
        drain(platform)
    signals = [
        each for each in read_consent(platform, her, principal=samples.TESTER).history if each.source == "signal"
    ]
    assert len(signals) == 1, "said again, it is not written again"
    unmerge_customers(platform, done.merge_id, principal=samples.TESTER)
    assert refused(platform, her) == {"third_party_disclosure"}


def test_a_signal_during_a_merge_is_both_of_theirs(platform: Platform, intake: Intake, write_key: str) -> None:
    send(intake, write_key, identify(1, country="US"), track(number=1), gpc=True)
    drain(platform)
    [her] = people(platform)
    samples.add(platform, [NewRow({"country": "US"})])
    other = next(each for each in people(platform) if each != her)
    done = merge_customers(platform, her, other, principal=samples.TESTER, reason="one person")
    send(intake, write_key, track(number=2, timestamp=sending.NOW.isoformat()), gpc=True)
    drain(platform)
    unmerge_customers(platform, done.merge_id, principal=samples.TESTER)
    assert refused(platform, her) == refused(platform, other) == {"third_party_disclosure"}


def test_her_yes_to_the_wider_one_leaves_a_signal_that_came_while_a_regime_refused(
    platform: Platform, intake: Intake, write_key: str
) -> None:
    send(intake, write_key, identify(1, country="DE"))
    drain(platform)
    [her] = people(platform)
    send(intake, write_key, track(number=1, context={"consent": {"categoryPreferences": {"ads": False}}}), gpc=True)
    drain(platform)
    allow(platform, her, "direct_marketing", principal=samples.TESTER, word="yes")
    assert refused(platform, her) == GDPR - {"direct_marketing"} | {"third_party_disclosure"}
