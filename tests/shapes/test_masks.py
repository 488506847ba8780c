"""Masks: exact results, and what must hold for every text that there is."""

import unicodedata

import pytest
from hypothesis import example, given, strategies as st

from cdp.shapes.graphemes import CLUSTER_SIZE
from cdp.shapes.masks import mask_email, mask_generic, mask_initials, mask_last4, mask_phone
from tests.shapes.texts import any_text

MASKS = [mask_email, mask_phone, mask_initials, mask_last4, mask_generic]
FAMILY = "👨\u200d👩\u200d👧\u200d👦"
ZALGO = "Z" + "\u0301\u0316\u0334" * 200

EXAMPLES = [
    (mask_email, "ann@example.org", "a***@e***.org"),
    (mask_email, "Ann.Lovelace+news@mail.example.co.uk", "A***@m***.uk"),
    (mask_email, "ann@localhost", "a***@l***"),
    (mask_email, "ann@192.0.2.1", "a***@1***"),
    (mask_email, "ann@x.abcdefghijklmnopqrstuvwxyz", "a***@x***"),
    (mask_email, "ann@пример.xn--p1ai", "a***@п***.xn--p1ai"),
    (mask_email, "王小明@例子.测试", "王***@例***"),
    (mask_email, "e\u0301va@example.org", "é***@e***.org"),
    (mask_email, f"{FAMILY}x@example.org", f"{FAMILY}***@e***.org"),
    (mask_email, "+1@example.org", "****@e***.org"),
    (mask_email, "\ufeffann@example.org", "a***@e***.org"),
    (mask_email, "ann@example.org.", "a***@e***"),
    (mask_email, "ann@.org", "a***@****"),
    (mask_email, "ısmail@example.org", "ı***@e***.org"),
    (mask_email, "Ann <ann@example.org>", "***"),
    (mask_email, "a@b@example.org", "***"),
    (mask_email, "@example.org", "***"),
    (mask_email, "ann@", "***"),
    (mask_email, "ann@example.org ", "***"),
    (mask_email, "", "***"),
    (mask_phone, "+44 20 7946 0958", "***58"),
    (mask_phone, "1234567", "***67"),
    (mask_phone, "123456", "***"),
    (mask_phone, "٠١٢٣٤٥٦٧", "***67"),
    (mask_phone, "１２３４５６７", "***67"),
    (mask_phone, "²²²²²²²²", "***"),
    (mask_phone, "***٣٤", "***"),
    (mask_phone, "***34", "***34"),
    (mask_phone, "***345", "***"),
    (mask_phone, "", "***"),
    (mask_initials, "Ann Lovelace", "A. L."),
    (mask_initials, "  Ann\u3000Lovelace\t", "A. L."),
    (mask_initials, "王小明", "王."),
    (mask_initials, "A b C d E f", "A. b. C. d."),
    (mask_initials, "e\u0301va E\u0301", "é. É."),
    (mask_initials, "\u1112\u1161\u11ab\u1100\u1173\u11af", "한."),
    (mask_initials, "नीता", "नी."),
    (mask_initials, f"{FAMILY} 👍🏽 🇩🇪🇫🇷 1\ufe0f\u20e3", f"{FAMILY}. 👍🏽. 🇩🇪. 1\ufe0f\u20e3."),
    (mask_initials, "\u200fמשה כהן", "מ. כ."),
    (mask_initials, "ısmail İnan", "ı. İ."),
    (mask_initials, "=cmd +x -y @z", "*. *. *. *."),
    (mask_initials, "＝cmd", "*."),
    (mask_initials, "\u0301nn", "*."),
    (mask_initials, "\ud83dnn", "*."),
    (mask_initials, "\u200b\u200d", "*."),
    (mask_initials, ZALGO, "Ź\u0334\u0334."),
    (mask_initials, " ", "*."),
    (mask_initials, "", "*."),
    (mask_last4, "GB82 WEST 1234 5698 7654 32", "****5432"),
    (mask_last4, "4111-1111-1111-1234", "****1234"),
    (mask_last4, "12345678", "****5678"),
    (mask_last4, "1234567", "****"),
    (mask_last4, "ΑΒΓΔ一二三四", "****一二三四"),
    (mask_last4, "****1234", "****1234"),
    (mask_last4, "****12345", "****"),
    (mask_last4, "", "****"),
    (mask_generic, "Lovelace", "L***"),
    (mask_generic, "Ann", "***"),
    (mask_generic, "王小明的", "王***"),
    (mask_generic, "王小明", "***"),
    (mask_generic, "=cmd", "****"),
    (mask_generic, "\tcmd", "****"),
    (mask_generic, f"{FAMILY}", "***"),
    (mask_generic, f"{FAMILY}abc", f"{FAMILY}***"),
    (mask_generic, "\u200b\u200bAnn", "***"),
    (mask_generic, "A\u200bn\u200bn\u200b", "***"),
    (mask_generic, ZALGO, "***"),
    (mask_generic, "", "***"),
]


@pytest.mark.parametrize(("mask", "text", "masked"), EXAMPLES)
def test_examples(mask, text, masked):
    assert mask(text) == masked


@pytest.mark.parametrize("mask", MASKS)
@given(text=any_text)
def test_is_masked_to_itself(mask, text):
    assert mask(mask(text)) == mask(text)


@pytest.mark.parametrize("mask", MASKS)
@given(text=any_text)
@example(text="=1+1@example.org")
@example(text="\t12345678")
def test_is_no_formula_and_can_be_stored_and_shown(mask, text):
    masked = mask(text)
    assert masked[0] == "*" or unicodedata.category(masked[0])[0] in "LN" or unicodedata.category(masked[0]) == "So"
    assert not any(unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"} for char in masked)
    assert unicodedata.is_normalized("NFC", masked) or mask is mask_last4  # that one takes code points


@pytest.mark.parametrize("mask", MASKS)
@pytest.mark.parametrize(
    "text",
    [ZALGO * 4 + " @.1", "\u0301\u0316" * 50_000, "👩\u200d" * 50_000, "a@" + "b." * 50_000, "1" * 100_000],
    ids=["zalgo", "marks", "joiners", "dots", "digits"],
)
def test_is_short_and_quick_whatever_comes(mask, text):
    assert len(mask(text)) <= 4 * (CLUSTER_SIZE + 2)


# What a mask promises is all it tells: two texts that agree in it are masked alike. `rest` is what must not matter.

letters = st.text("abcxyzABCXYZ", min_size=1)
starts = st.sampled_from(["a", "Z", "7", "王", "é", "e\u0301", "ß", "ש", "한", FAMILY, "🇩🇪", "=", "'", "\u0301"])
endings = st.sampled_from(["", ".org", ".xn--p1ai"])


@given(start=starts, domain=starts, ending=endings, rests=st.tuples(letters, letters, letters, letters))
def test_email_tells_two_characters_and_the_last_label(start, domain, ending, rests):
    one = mask_email(f"{start}{rests[0]}@{domain}{rests[1]}{ending}")
    assert one == mask_email(f"{start}{rests[2]}@{domain}{rests[3]}{ending}")
    assert one.startswith(("***@", f"{unicodedata.normalize('NFC', start)}***@", "****@"))
    assert one.endswith(f"***{ending}")


@given(text=any_text)
def test_email_shows_an_address_or_nothing(text):
    assert mask_email(text) == "***" or mask_email(text).count("@") == text.count("@") == 1


@given(text=any_text | st.text("0123456789 +-()٣"))
def test_phone_tells_two_digits(text):
    digits = [str(unicodedata.decimal(char)) for char in text if unicodedata.category(char) == "Nd"]
    masked = mask_phone(text)
    if len(digits) >= 7:
        assert masked == "***" + "".join(digits[-2:])
    else:
        assert masked == "***" or masked == text == "***" + "".join(digits[-2:])


@given(text=any_text | st.text("0123456789 -ABÉé"))
def test_last4_tells_four_signs(text):
    signs = [char for char in text if char.isalnum()]
    masked = mask_last4(text)
    if len(signs) >= 8:
        assert masked == "****" + "".join(signs[-4:])
    else:
        assert masked == "****" or masked == text == "****" + "".join(signs[-4:])


@given(words=st.lists(st.tuples(starts, letters, letters), min_size=1, max_size=4), more=st.tuples(letters, letters))
def test_initials_tell_one_character_a_word(words, more):
    one, other = (" ".join(word[0] + word[rest] for word in words) for rest in (1, 2))
    assert mask_initials(one) == mask_initials(other)
    assert mask_initials(one).count(".") == len(words)
    if len(words) == 4:
        assert mask_initials(f"{one} {more[0]}") == mask_initials(f"{other} {more[0]} {more[1]}") == mask_initials(one)


@given(start=starts, rests=st.tuples(st.text("abc王=", min_size=3), st.text("xyz é", min_size=3)))
def test_generic_tells_one_character(start, rests):
    assert mask_generic(start + rests[0]) == mask_generic(start + rests[1])


@given(start=starts, rests=st.tuples(st.text("abc", max_size=2), st.text("xyz", max_size=2)))
def test_generic_tells_nothing_of_a_short_text(start, rests):
    assert mask_generic(start + rests[0]) == mask_generic(start + rests[1]) == "***"
