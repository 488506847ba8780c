"""Signals of a request: what counts as one, and that none, however it is made, takes a refusal back."""

import pytest
from hypothesis import given, strategies as st

from consent.choices import Choices
from consent.events import Event, Evidence, Source, State
from consent.precedence import refused_flags
from consent.regimes.regime import RegimeName, load_regime
from consent.signals.read import Refusals, read_signals
from consent.signals.signal import MAX_TEXT, Form
from tests import samples
from tests.consent.signals import writing

NONE = load_regime(RegimeName.NONE)
CHOICES = Choices.of(samples.catalogue())
CATEGORIES = {"ads": "third_party_disclosure", "mail": "direct_marketing"}
EARLY, LATE = "2026-01-01T00:00:00.000000+00:00", "2026-02-01T00:00:00.000000+00:00"

text = st.one_of(
    st.text(max_size=40),
    st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_~.", max_size=60),
    st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_~.", max_size=60).map("DBABLA~C".__add__),
    st.just("DBABLA~CAAVAAAAAACA.YA"),
    st.lists(st.integers(1, 24)).map(writing.tcf),
)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
keys = st.sampled_from(
    ["gpp", "tcf", "usp", "us_privacy", "tcString", "consent", "consentManagement", "categoryPreferences",
     "deniedConsentIds", "allowedConsentIds"]
)  # fmt: skip
contexts = st.dictionaries(keys, anything | st.dictionaries(keys, anything, max_size=4), max_size=5) | anything
headers = st.lists(st.tuples(st.sampled_from(["sec-gpc", "Sec-GPC", "dnt"]), text | st.just("1")), max_size=3)


@given(headers, contexts)
def test_whatever_comes_is_read_and_only_adds_refusals(sent, context):
    found = read_signals(sent, context, CATEGORIES)
    for name in RegimeName:
        for refused in (frozenset(), frozenset({"direct_marketing"}), frozenset(CHOICES.names)):
            known = [Event("her", each, State.REFUSED, Source.PORTAL, EARLY, EARLY) for each in sorted(refused)]
            heard = [
                Event("her", each, State.REFUSED, Source.SIGNAL, LATE, LATE, Evidence())
                for each in found.choices(load_regime(name))
            ]
            assert refused_flags(known, CHOICES) <= refused_flags([*known, *heard], CHOICES)


@pytest.mark.parametrize(
    ("values", "heard"),
    [(["1"], True), (["0", "1"], True), ([], False), (["0"], False), (["1, 1"], False), ([" 1"], False), (["true"],
     False), (["01"], False), (["１"], False), ([""], False)],
)  # fmt: skip
def test_gpc_counts_only_when_it_is_exactly_1(values: list[str], heard: bool):
    found = read_signals([("Sec-GPC", value) for value in values])
    assert found.has_gpc is heard
    assert found.choices(NONE) == (("third_party_disclosure",) if heard else ())


@pytest.mark.parametrize("name", list(RegimeName))
def test_a_regime_adds_to_gpc_what_its_file_says(name: RegimeName):
    regime = load_regime(name)
    assert set(read_signals([("sec-gpc", "1")]).choices(regime)) == {"third_party_disclosure", *regime.refused_by_gpc}
    assert Refusals().choices(regime) == ()


def test_gpc_inside_gpp_counts_as_gpc():
    assert read_signals([], {"gpp": "DBABLA~CAAVAAAAAACA.YA"}).has_gpc
    assert not read_signals([], {"gpp": "DBABLA~CAAVAAAAAACA.QA"}).has_gpc


@pytest.mark.parametrize("where", [lambda each: each, lambda each: {"consent": each}])
def test_strings_are_found_in_the_context_and_in_its_consent(where):
    strings = {"gppString": "DBABLA~CAAVAAAAAACA.YA", "tcString": writing.tcf([1]), "us_privacy": "1YYN"}
    found = read_signals([], where(strings))
    assert [each.form for each in found.signals] == [Form.GPP, Form.TCF, Form.USP]
    assert [each.raw for each in found.signals] == list(strings.values())


def test_what_cannot_be_read_is_kept_with_its_reason_and_refuses_nothing():
    found = read_signals([], {"gpp": "?", "tcf": 7, "usp": "x" * (MAX_TEXT + 1)})
    assert [(each.fault, each.refused) for each in found.signals] == [
        ("not_base64", ()), ("not_text", ()), ("too_long", ()),
    ]  # fmt: skip


def test_categories_refuse_what_their_source_maps_them_to_and_others_are_only_written_down():
    segment = {"consent": {"categoryPreferences": {"ads": False, "mail": True, "odd": False, "none": None}}}
    (found,) = read_signals([], segment, CATEGORIES).signals
    assert (found.refused, found.said, found.fault) == (
        ("third_party_disclosure",), ("ads", "none", "odd"), "unmapped_category",
    )  # fmt: skip
    rudder = {"consentManagement": {"allowedConsentIds": ["ads"], "deniedConsentIds": ["mail"]}}
    assert read_signals([], rudder, CATEGORIES).choices(NONE) == ("direct_marketing",)
    assert read_signals([], {"consent": {"categoryPreferences": {"ads": True}}}, CATEGORIES) == Refusals()


def test_no_number_of_other_categories_keeps_a_refusal_from_being_heard():
    many = {"consent": {"categoryPreferences": {**{f"a{number}": False for number in range(300)}, "mail": False}}}
    assert read_signals([], many, CATEGORIES).choices(NONE) == ("direct_marketing",)


def test_preferences_that_name_no_category_allow_none():
    none = {"consent": {"categoryPreferences": {}}}
    assert read_signals([], none, CATEGORIES).choices(NONE) == ("direct_marketing", "third_party_disclosure")
    assert read_signals([], none, {}) == Refusals()
