"""Grapheme clusters: whole where a person sees one character, bounded where somebody piles up marks."""

import unicodedata

import pytest
from hypothesis import given, strategies as st

from cdp.shapes.graphemes import CLUSTER_SIZE, at_least, cluster_end, leading
from tests.shapes.texts import any_text

WHOLE = [
    *(
        "a",
        "é",
        "e\u0301",
        "ệ",
        "e\u0323\u0302",
        "王",
        "葛\U000e0100",
        "한",
        "\u1112\u1161\u11ab",
        "\ua960\ud7b0\ud7cb",
    ),
    *("नी", "ก\u0e34\u0e49", "ש\u05c1\u05b8", "👍", "👍🏽", "❤\ufe0f", "❤\ufe0f\u200d🔥", "🇩🇪", "1\ufe0f\u20e3"),
    "👨\u200d👩\u200d👧\u200d👦",
    "👩🏽\u200d❤\ufe0f\u200d💋\u200d👨🏿",
    "🙂\u200d↔\ufe0f",
    "🏳\ufe0f\u200d🌈",
]


@pytest.mark.parametrize("cluster", WHOLE)
@pytest.mark.parametrize("after", ["", "x", "王", "👍", "🇫🇷", "\u200b", "\n"])
def test_is_kept_whole(cluster, after):
    assert cluster_end(cluster + after) == len(cluster)
    assert leading(cluster + after, 1) == unicodedata.normalize("NFC", cluster)


@given(text=any_text.filter(bool))
def test_is_bounded_and_ends_by_what_stands_up_to_its_end(text):
    end = cluster_end(text)
    assert 0 < end < CLUSTER_SIZE
    assert cluster_end(text[:end]) == end


@given(text=any_text, keep=st.integers(1, 5))
def test_leading_gives_itself_back_and_grows(text, keep):
    some = leading(text, keep)
    assert leading(some, keep) == some
    assert leading(text, keep + 1).startswith(some)
    assert len(some) < keep * CLUSTER_SIZE


@given(text=st.text(st.sampled_from("aéçẽ한王ऩ ᾂ"), min_size=1), keep=st.integers(1, 5))
def test_leading_is_the_same_for_composed_and_decomposed_text(text, keep):
    assert leading(unicodedata.normalize("NFD", text), keep) == leading(unicodedata.normalize("NFC", text), keep)


def test_looks_no_further_than_a_window():
    assert leading("a" + "\u0301" * 20 + "\u0316", 1) == "á\u0301\u0301"  # composing it all would put U+0316 first


@given(clusters=st.lists(st.sampled_from(WHOLE), max_size=6), count=st.integers(1, 6))
def test_counts_what_a_person_sees(clusters, count):
    spaced = "\u200b".join(clusters)  # else two flags or a base and a keycap could join
    assert at_least(spaced, count) == (len(clusters) >= count)
