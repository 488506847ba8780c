"""Changes of the catalogue, their effects and their faults have their words in both languages."""

import re
from pathlib import Path
from typing import get_args

import pytest

from cdp.catalogue import changes, field, field_changes, model, names
from cdp.catalogue.changes import compare
from cdp.console.catalogue_said import change_said, effect_said, move_words, seen_words
from cdp.console.catalogue_words import change_words
from cdp.console.fault_words import sentences
from cdp.terms import CHINESE, LANGUAGES
from tests.changing import edited
from tests.views.test_effects import EDITS, POLICY
from views import effects

_CODES = r'(?:PydanticCustomError|BadInput|Refused)\(\s*"(?:cdp_)?(\w+)"'


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_kind_of_change_has_its_words(language: str) -> None:
    said = change_words(language)
    found = set(re.findall(r'Change\(\s*"(\w+)"', Path(changes.__file__).read_text()))
    found |= set(re.findall(r'Aspect\(\s*"(\w+)"', Path(field_changes.__file__).read_text()))
    assert len(found) > 15
    assert found - said.keys() == set()
    assert {"category", "retention", "when_outdated", "self_service", "sent_as", "title", "hold"} <= said.keys()
    assert set(move_words(language)) == set(get_args(field_changes.Moves))
    assert set(seen_words(language)) == set(get_args(effects.What))


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_fault_of_a_catalogue_has_its_sentence(language: str) -> None:
    found = {
        code for each in (changes, field, model, names) for code in re.findall(_CODES, Path(each.__file__).read_text())
    }
    assert len(found) > 15
    assert found - sentences(language).keys() == set()


def test_chinese_says_names_and_what_is_written_in_latin_letters_and_nothing_else() -> None:
    for edits in EDITS.values():
        old, new = edited(), edited(*edits)
        said = [
            change_said(each, CHINESE).replace(each.before, "").replace(each.after, "") for each in compare(old, new)
        ]
        said += [effect_said(each, CHINESE) for each in effects.effects(old, new, POLICY)]
        assert [each for each in said if re.search(r"[A-Za-z] [A-Za-z]", each)] == []
