"""Regimes are data: each fact has its source, the strictest of several is as strict as each, clocks are pure."""

from datetime import UTC, date, datetime, timedelta
from itertools import combinations, permutations

import pytest
from pydantic import ValidationError

from cdp.catalogue.categories import SENSITIVITY_OF
from cdp.terms import OPT_OUTS
from consent.regimes.chosen import Regimes
from consent.regimes.clocks import after, clock_of, due, due_by, effect_due
from consent.regimes.regime import Clock, Period, Regime, RegimeName, RequestKind, load_regime, strictest

LAWS = tuple(name for name in RegimeName if name is not RegimeName.NONE)
NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.mark.parametrize("name", LAWS)
def test_a_regime_says_of_every_opt_out_what_holds_and_why(name: RegimeName) -> None:
    regime = load_regime(name)
    assert set(regime.defaults) == set(OPT_OUTS)
    assert {kind for clock in regime.requests for kind in clock.kinds} == set(RequestKind)
    said = [*regime.defaults.values(), *regime.requests, regime.opt_out_effect, regime.sensitive]
    assert all(each is not None and any(char.isdigit() for char in each.source) for each in said)
    assert regime.sensitive is not None
    assert set(regime.sensitive.categories) <= SENSITIVITY_OF.keys()


@pytest.mark.parametrize(
    ("name", "refused"),
    [
        ("none", set()),
        ("gdpr", {"direct_marketing", "automated_decisions", "sensitive_data"}),
        ("uk_gdpr", {"direct_marketing", "automated_decisions", "sensitive_data"}),
        ("ccpa", set()),
        ("pipl", {"direct_marketing", "third_party_disclosure", "sensitive_data"}),
        ("lgpd", {"sensitive_data"}),
    ],
)
def test_what_is_refused_before_she_says_anything(name: str, refused: set[str]) -> None:
    assert load_regime(RegimeName(name)).refused == refused


def days(regime: Regime, kind: RequestKind) -> float:
    found = due(regime, kind, NOON)
    return (found.answer - NOON).total_seconds() / 86_400 if found else 1e9


def test_the_strictest_is_as_strict_as_each_in_any_order() -> None:
    for count in range(1, len(RegimeName) + 1):
        for names in combinations(RegimeName, count):
            regimes = [load_regime(name) for name in names]
            found = strictest(regimes)
            assert found.refused == frozenset().union(*(each.refused for each in regimes))
            assert found.refused_by_gpc == frozenset().union(*(each.refused_by_gpc for each in regimes))
            for kind in RequestKind:
                assert days(found, kind) <= min(days(each, kind) for each in regimes) + 4  # weekends move it about
            assert strictest([*reversed(regimes), *regimes]) == found


def test_the_order_does_not_matter() -> None:
    laws = [load_regime(name) for name in LAWS[:4]]
    assert len({strictest(order).model_dump_json() for order in permutations(laws)}) == 1


@pytest.mark.parametrize(
    ("period", "end"),
    [
        ({"months": 1}, "2026-02-28T12:00:00+00:00"),
        ({"months": 25}, "2028-02-29T12:00:00+00:00"),
        ({"days": 45}, "2026-03-17T12:00:00+00:00"),
        ({"hours": 72}, "2026-02-03T12:00:00+00:00"),
        ({"business_days": 1}, "2026-02-02T12:00:00+00:00"),
        ({"business_days": 10}, "2026-02-13T12:00:00+00:00"),
        ({"business_days": 0}, "2026-01-31T12:00:00+00:00"),
    ],
)
def test_periods(period: dict[str, int], end: str) -> None:
    assert after(NOON, Period(**period)).isoformat() == end


def test_holidays_are_no_business_days() -> None:
    assert after(NOON, Period(business_days=1), holidays={date(2026, 2, 2)}).day == 3


def test_clocks_of_requests() -> None:
    gdpr, ccpa = load_regime(RegimeName.GDPR), load_regime(RegimeName.CCPA)
    found = due(gdpr, RequestKind.ACCESS, NOON)
    assert found is not None
    assert (found.acknowledge, found.answer.date(), found.extended and found.extended.date()) == (
        None, date(2026, 2, 28), date(2026, 4, 28),
    )  # fmt: skip
    found = due(ccpa, RequestKind.ERASURE, NOON)
    assert found is not None
    assert (found.acknowledge and found.acknowledge.date(), found.answer.date()) == (
        date(2026, 2, 13),
        date(2026, 3, 17),
    )
    assert effect_due(gdpr, NOON) == NOON
    assert effect_due(ccpa, NOON) == datetime(2026, 2, 20, 12, tzinfo=UTC)
    assert due(load_regime(RegimeName.NONE), RequestKind.ACCESS, NOON) is None
    assert effect_due(load_regime(RegimeName.NONE), NOON) is None


def test_a_period_has_one_unit() -> None:
    for wrong in ({}, {"days": 1, "months": 1}, {"days": -1}):
        with pytest.raises(ValidationError):
            Period(**wrong)


BY_COUNTRY = Regimes.model_validate({"by": "country", "regimes": {"DE": "gdpr", "US": "ccpa", "CN": "pipl"}})


@pytest.mark.parametrize(("value", "reference"), [("DE", "gdpr/1"), (" us ", "ccpa/1"), ("cn", "pipl/1")])
def test_a_known_region_has_its_regime(value: str, reference: str) -> None:
    hers = BY_COUNTRY.of({"country": value})
    assert (hers.reference, hers.jurisdiction) == (reference, value.strip().upper())


@pytest.mark.parametrize("values", [{}, {"country": None}, {"country": ""}, {"country": "FR"}, {"country": 5}])
def test_an_unknown_region_takes_the_strictest_of_those_configured(values: dict[str, object]) -> None:
    hers = BY_COUNTRY.of(values)  # type: ignore[arg-type]
    assert hers.regime.refused == set(OPT_OUTS)
    assert (hers.reference, hers.jurisdiction) == ("strictest/ccpa.1+gdpr.1+pipl.1", None)


def test_nothing_said_is_no_regime() -> None:
    assert Regimes().of({}).regime.refused == frozenset()
    assert Regimes.model_validate({"default": "gdpr"}).of({"country": "US"}).reference == "gdpr/1"


@pytest.mark.parametrize(
    "wrong",
    [
        {"by": "country"},
        {"regimes": {"DE": "gdpr"}},
        {"by": "country", "regimes": {}},
        {"default": "gdpr", "by": "country", "regimes": {"DE": "gdpr"}},
        {"by": "country", "regimes": {"DE": "gdpr", "de ": "none"}},
        {"default": "dsgvo"},
        {"by": "country", "regimes": {"DE": "dsgvo"}},
    ],
)
def test_what_does_not_choose_one_regime_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Regimes.model_validate(wrong)


def test_a_pause_counts_where_the_law_has_it_and_in_whole_business_days() -> None:
    friday = datetime(2026, 1, 30, 12, tzinfo=UTC)
    over = [(friday, friday + timedelta(days=3))]  # to Monday: three days, one business day
    gdpr, ccpa = (clock_of(load_regime(name), RequestKind.ACCESS) for name in (RegimeName.GDPR, RegimeName.CCPA))
    assert gdpr is not None
    assert ccpa is not None
    assert due_by(gdpr, friday, pauses=over).answer == after(friday, gdpr.answer) + timedelta(days=3)
    assert due_by(ccpa, friday, pauses=over) == due_by(ccpa, friday)
    working = Clock(kinds=(RequestKind.ACCESS,), answer=Period(business_days=15), pauses=True, source="1")
    assert due_by(working, friday, pauses=over).answer == after(friday, Period(business_days=16))
    assert due_by(working, friday, pauses=[(friday, friday + timedelta(days=2))]) == due_by(working, friday)


def test_the_strictest_pauses_only_where_each_does() -> None:
    laws = [load_regime(name) for name in (RegimeName.GDPR, RegimeName.CCPA)]
    assert [clock.pauses for clock in strictest(laws[:1]).requests if RequestKind.ACCESS in clock.kinds] == [True]
    assert [clock.pauses for clock in strictest(laws).requests if RequestKind.ACCESS in clock.kinds] == [False]
