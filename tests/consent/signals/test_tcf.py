"""Strings of TCF and of US Privacy."""

import base64

import pytest
from hypothesis import given, strategies as st
from iab_tcf import decode_v2

from consent.signals.signal import SignalFault
from consent.signals.tcf import decode_tcf
from consent.signals.usp import decode_usp
from tests.consent.signals import writing


@given(st.sets(st.integers(1, 24)))
def test_without_consent_to_profiles_for_advertising_nothing_goes_to_others(purposes):
    text = writing.tcf(sorted(purposes))
    assert decode_v2(text).is_purpose_allowed(3) == (3 in purposes)  # the encoder of the test is right
    found = decode_tcf(text)
    assert found.refused == (() if {3, 4} <= purposes else ("third_party_disclosure",))


def test_nothing_after_the_head_is_believed():
    head = base64.urlsafe_b64decode(writing.tcf([3, 4]) + "==")[:26]
    many = base64.urlsafe_b64encode(head + b"\xff" * 200).decode().rstrip("=")
    assert decode_tcf(many).refused == ()


@pytest.mark.parametrize(
    ("text", "fault"),
    [("", "cut_off"), ("C", "cut_off"), (writing.tcf([3])[:35], "cut_off"), (writing.tcf([], version=1),
     "unknown_version"), ("CO€", "not_base64"), ("CP=" + "A" * 60, "not_base64")],
)  # fmt: skip
def test_a_broken_string_says_why(text: str, fault: str):
    with pytest.raises(SignalFault, match=f"^{fault}$"):
        decode_tcf(text)


@pytest.mark.parametrize(("text", "refuses"), [("1YYN", True), ("1yyy", True), ("1YNN", False), ("1---", False)])
def test_us_privacy_refuses_by_its_third_letter(text: str, refuses: bool):
    assert bool(decode_usp(text).refused) is refuses


@pytest.mark.parametrize("text", ["", "1YY", "2YYN", "1YYNN", "1YYN\n"])
def test_what_is_no_us_privacy_string_is_a_fault(text: str):
    with pytest.raises(SignalFault, match=r"^not_usp$"):
        decode_usp(text)
