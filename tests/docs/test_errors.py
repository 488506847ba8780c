import re

import pytest

from tests.docs.codes import raised, rejected
from tests.docs.pages import DOCS

EXITS = {"BadInput": "2", "Several": "2", "Unauthenticated": "3", "Refused": "3", "NotFound": "4", "Unavailable": "1"}
ROW = re.compile(r"^\| `([a-z0-9_]+)` \| (.) \|", re.MULTILINE)


def listed() -> list[tuple[str, str]]:
    return ROW.findall((DOCS / "errors.md").read_text(encoding="utf-8"))


def test_the_page_lists_each_code_once():
    codes = [code for code, _ in listed()]
    assert sorted(codes) == sorted(set(codes))


def test_the_page_lists_what_the_product_raises():
    codes = {code for code, _ in listed()}
    assert sorted(raised().keys() - codes) == [], "raised, and not in docs/errors.md"
    assert sorted(codes - raised().keys()) == [], "in docs/errors.md, and not raised"


def test_the_page_gives_the_exit_code():
    wrong = {}
    for code, exit_code in listed():
        expected = {EXITS.get(class_, "–") for class_ in raised().get(code, ())}
        if expected and expected != {exit_code}:
            wrong[code] = expected
    assert wrong == {}


def test_the_page_lists_why_a_row_is_rejected():
    text = (DOCS / "errors.md").read_text(encoding="utf-8")
    section = text.partition("### Rejected rows\n")[2].partition("\n## ")[0]
    reasons = set(re.findall(r"^\| `([a-z0-9_]+)` \|", section, re.MULTILINE))
    assert reasons == rejected()


@pytest.mark.parametrize("code", ["too_many_sealed", "unknown_opt_out", "sensitive_clear", "store_full", "key_retired"])
def test_the_search_finds_codes_however_they_are_raised(code):
    assert code in raised()
