"""Each effect and each fault of a policy has its sentence, in both languages, and says nothing as markup."""

import ast
from pathlib import Path
from typing import get_args

import pytest

from cdp.catalogue import document
from cdp.console.fault_words import fault_words, sentences
from cdp.console.policy_said import effect_words
from cdp.terms import LANGUAGES
from tests.docs.codes import raised
from views import check, policy_effects

ELSEWHERE = {
    "file_missing", "file_unreadable", "file_too_large", "not_utf8", "invalid_file", "invalid_policy",
}  # fmt: skip
"""Of files, or the head over several faults: no page shows them."""


def codes(path: str) -> set[str]:
    """The codes that a module raises or finds, by its syntax."""
    found = set()
    for node in ast.walk(ast.parse(Path(path).read_text())):
        name = getattr(getattr(node, "func", None), "id", "")
        if name in ("BadInput", "NotFound", "Several", "Finding") and isinstance(node.args[0], ast.Constant):
            found.add(node.args[0].value)
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_effect_has_its_sentence(language: str) -> None:
    assert set(effect_words(language)) == set(get_args(policy_effects.What))


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_fault_has_its_sentence(language: str) -> None:
    wanted = codes(check.__file__) | codes(document.__file__)
    assert wanted - ELSEWHERE - set(sentences(language)) == set()
    assert set(sentences(language)) - set(raised()) - {"bad_name"} == set()


def test_names_are_filled_in_whatever_they_are() -> None:
    text, hint = fault_words("unknown_key", "unknown key `%s%(x)s`", "did you mean `role%d`?", "zh-Hans")
    assert ("%s%(x)s" in text, "role%d" in hint) == (True, True)
    assert fault_words("a_code_of_tomorrow", "it is `wrong`", "", "zh-Hans") == ("It is “wrong”.", "")
