"""Strings of the GPP: the published vector, every section both ways, and what is broken."""

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given, strategies as st

from consent.signals.gpp import decode_gpp
from consent.signals.gpp_sections import SECTIONS
from consent.signals.signal import SignalFault
from tests.consent.signals import writing

TO_OTHERS = "third_party_disclosure"
REFUSALS: Mapping[str, set[str]] = {
    writing.S: {TO_OTHERS}, writing.H: {TO_OTHERS}, writing.T: {TO_OTHERS}, "Personal": {TO_OTHERS},
    writing.A: {TO_OTHERS}, "Sensitive": {"sensitive_data"}, "Child": {TO_OTHERS, "sensitive_data"},
}  # fmt: skip
EVERY = sorted(writing.TABLES)


def by_hand(values: Mapping[str, Sequence[int]]) -> set[str]:
    return set().union(*(REFUSALS.get(name, set()) for name, given in values.items() if 1 in given))


@st.composite
def sections(draw) -> tuple[tuple[int, int], dict[str, list[int]]]:
    which = draw(st.sampled_from(EVERY))
    values = {
        name: draw(st.lists(st.integers(0, 2), min_size=times, max_size=times))
        for name, times in writing.TABLES[which][1]
    }
    return which, values


def test_the_string_of_a_published_encoder_is_three_opt_outs_and_gpc():
    found = decode_gpp("DBABLA~CAAVAAAAAACA.YA")
    assert found.said == (
        "usnat.SaleOptOut", "usnat.SharingOptOut", "usnat.TargetedAdvertisingOptOut", "usnat.Gpc",
    )  # fmt: skip
    assert (found.refused, found.fault) == ((TO_OTHERS,), "")


def test_every_section_of_the_us_is_known_by_both():
    assert set(SECTIONS) == {number for number, _ in EVERY}
    assert {(number, version) for number, each in SECTIONS.items() for version in each.versions} == set(EVERY)
    assert all(SECTIONS[number].name == name for (number, _), (name, _) in writing.TABLES.items())


@pytest.mark.parametrize("which", EVERY)
def test_each_single_value_of_a_section_refuses_what_its_field_does_and_nothing_else(which: tuple[int, int]):
    for name, times in writing.TABLES[which][1]:
        for place in range(times):
            values = {name: [int(each == place) for each in range(times)]}
            found = decode_gpp(f"{writing.header([which[0]])}~{writing.section(*which, values)}")
            assert (set(found.refused), found.fault) == (REFUSALS.get(name, set()), ""), (name, place)


@given(sections())
def test_a_section_refuses_what_was_written(written):
    (number, version), values = written
    found = decode_gpp(f"{writing.header([number])}~{writing.section(number, version, values)}")
    assert (set(found.refused), found.fault) == (by_hand(values), "")


@given(st.lists(sections(), min_size=1, max_size=6, unique_by=lambda each: each[0][0]), st.booleans())
def test_several_sections_refuse_what_any_does(several, ranges):
    several = sorted(several, key=lambda each: each[0])
    texts = [writing.section(*which, values) for which, values in several]
    header = writing.header([number for (number, _), _ in several], ranges=ranges)
    found = decode_gpp("~".join([header, *texts]))
    assert set(found.refused) == set().union(*(by_hand(values) for _, values in several))


@pytest.mark.parametrize("value", [0, 1])
def test_the_bit_of_gpc_is_heard_only_when_it_is_set(value: int):
    found = decode_gpp(f"{writing.header([7])}~{writing.section(7, 2, {})}.{writing.gpc(value)}")
    assert found.refused == ((TO_OTHERS,) if value else ())


def test_the_newest_states_have_sensitive_data_in_a_part_of_its_own():
    text = f"{writing.header([26])}~{writing.section(26, 1, {})}"
    assert decode_gpp(text + "." + writing.base64url("00" * 7 + "01")).refused == ("sensitive_data",)
    assert decode_gpp(text + "." + writing.base64url("00" * 7 + "10")).refused == ()


def test_tcf_and_us_privacy_are_read_inside():
    found = decode_gpp(f"{writing.header([2, 6])}~{writing.tcf([1, 4])}~1YYN")
    assert found.said == ("tcf.Purpose3", "uspv1.OptOutSale")


def test_a_section_that_cannot_be_read_takes_nothing_from_the_others():
    good = writing.section(7, 2, {writing.S: [1]})
    found = decode_gpp(f"{writing.header([5, 7, 8])}~whatever~{good}~B")
    assert (found.said, found.fault) == (("usnat.SaleOptOut",), "5:unknown_section 8:cut_off")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "cut_off"), ("~", "cut_off"), ("DBABLA", "other_sections"), ("DBABLA~A~B", "other_sections"),
        ("CBABLA~CAAVAAAAAACA", "not_gpp"), ("DCABLA~CAAVAAAAAACA", "unknown_version"), ("DB/BLA~C", "not_base64"),
        ("DBD_AAAA~C", "cut_off"), ("DBAB" + "A" * 40 + "~C", "cut_off"), ("DBABKqqqqqqqqqY~C", "out_of_range"),
    ],
)  # fmt: skip
def test_a_broken_header_says_why(text: str, fault: str):
    with pytest.raises(SignalFault, match=f"^{fault}$"):
        decode_gpp(text)
