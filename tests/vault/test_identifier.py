import sys
import unicodedata

import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import given, strategies as st

from cdp.vault.identifier import fold, normalise

EMAILS = {
    "ann@example.org": "ann@example.org",
    "  Ann.Smith+News@EXAMPLE.org\t": "ann.smith+news@example.org",
    "ann@bücher.example": "ann@bücher.example",
    "ANN@BÜCHER.example": "ann@bücher.example",
    "ann@xn--bcher-kva.example": "ann@bücher.example",
    "ann@XN--BCHER-KVA.EXAMPLE": "ann@bücher.example",
    "ａｎｎ＠ｅｘａｍｐｌｅ．ｏｒｇ": "ann@example.org",
    "ann@example。org": "ann@example.org",
    "a\u200bnn@example.org\u200e": "ann@example.org",
    "用户@例子.广告": "用户@例子.广告",
    "Ste\u0301phane@example.org": "st\u00e9phane@example.org",
    "STÉPHANE@example.org": "stéphane@example.org",
    "straße@example.org": "straße@example.org",  # not the mailbox strasse@
    "not an address": "not an address",
    "Not An ADDRESS Ä": "not an address ä",
    "ann@localhost": "ann@localhost",
    '"quoted name"@Example.org': '"quoted name"@example.org',
    "": None,
    " \t\n": None,
    "\u200b": None,
}

PHONES = {
    "+44 7700 900123": "+447700900123",
    "+44 (0)7700 900-123": "+447700900123",
    "＋４４ ７７００ ９００１２３": "+447700900123",
    "\u202a+44 7700 900123\u202c": "+447700900123",
    "tel:+44-7700-900123": "+447700900123",
    "+86 138 0013 8000": "+8613800138000",
    "+1 (415) 555-2671": "+14155552671",
    "07700 900123": "07700900123",
    "٠٧٧٠٠ ٩٠٠١٢٣": "07700900123",
    "+999999 1": "9999991",
    "+": None,
    "none": None,
    "": None,
}

OTHERS = {
    "  AB   cd-1 ": "ab cd-1",
    "ＡＢ\u3000ｃｄ": "ab cd",
    "Straße": "strasse",
    "①": "1",
    "\u00a0": None,
    "": None,
}


@pytest.mark.parametrize(
    ("kind", "text", "normal"),
    [
        (kind, text, normal)
        for kind, table in (("email", EMAILS), ("phone", PHONES), ("account", OTHERS))
        for text, normal in table.items()
    ],
)
def test_table(kind, text, normal):
    assert normalise(kind, text) == normal


plain_text = st.text(st.characters(max_codepoint=127))
addresses = st.from_regex(
    r"[A-Za-z0-9_+'-]{1,20}(\.[A-Za-z0-9]{1,20})?@[A-Za-z0-9]([A-Za-z0-9-]{0,20}[A-Za-z0-9])?(\.[A-Za-z]{1,20})?",
    fullmatch=True,
)


@given(plain_text | addresses)
def test_the_short_way_for_ascii_gives_what_email_validator_gives(text):
    try:
        long_way = validate_email(
            text.strip(), check_deliverability=False, globally_deliverable=False
        ).normalized.lower()
    except EmailNotValidError:
        long_way = unicodedata.normalize("NFKC", text).casefold().strip()
    assert (normalise("email", text) or "") == long_way


any_text = (
    st.text()
    | st.text(st.characters(categories=["Cs", "Cf", "Ll"]))
    | st.text("@.xn--aßÉéİı１ \u200b\u0301+0١", max_size=12)
)


@pytest.mark.parametrize("kind", ["email", "phone", "account"])
@given(any_text)
def test_total_and_idempotent(kind, text):
    once = normalise(kind, text)
    assert once is None or (once and normalise(kind, once) == once)
    assert once is None or once.encode()


def test_folding_is_idempotent_for_every_character():
    for code in range(sys.maxunicode + 1):
        if unicodedata.category(chr(code)) not in ("Cn", "Co"):
            once = fold(f"a{chr(code)}\u0345b")
            assert fold(once) == once, hex(code)


@given(st.integers(10**6, 10**13))
def test_telephone_numbers_in_any_spacing(number):
    plain = normalise("phone", f"+{number}")
    spaced = " ".join(f"+{number}")
    assert normalise("phone", f" +{number} ") == plain
    assert normalise("phone", spaced) == plain


@pytest.mark.parametrize("kind", ["email", "phone", "account"])
@pytest.mark.parametrize("text", ["9" * 100_000, "a@" * 100_000, "é@" + "b." * 50_000, "\ufdfa" * 10_000])
def test_long_texts_end(kind, text):
    normalise(kind, text)
