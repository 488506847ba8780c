"""The texts: every one is in both languages, none is left over, and no template puts out anything unescaped."""

import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from cdp.pages import language
from cdp.pages.language import CHINESE, ENGLISH, LANGUAGES, preferred

CDP = Path(language.__file__).parent.parent
FOLDERS = [CDP / "pages", CDP / "portal", CDP / "console"]
MESSAGE = str | tuple[str, ...]


def used() -> set[MESSAGE]:
    """What templates and code ask for."""
    keywords = {"_": None, "words": None, "gettext": None, "ngettext": (1, 2)}
    methods = [("**.py", "python"), ("**.html", "jinja2")]
    found = (each for folder in FOLDERS for each in extract_from_dir(folder, method_map=methods, keywords=keywords))
    return {message for _, _, message, _, _ in found}


def translated(name: str) -> dict[MESSAGE, MESSAGE]:
    with (CDP / "pages" / "locale" / f"{name}.po").open("rb") as file:
        return {message.id: message.string for message in read_po(file) if message.id}


@pytest.mark.parametrize("name", [each for each in LANGUAGES if each != ENGLISH])
def test_every_text_is_translated_and_none_is_left_over(name: str) -> None:
    known = translated(name)
    assert len(used()) > 80
    assert used() ^ known.keys() == set()
    assert [message for message, string in known.items() if not all(string)] == []


@pytest.mark.parametrize("name", [each for each in LANGUAGES if each != ENGLISH])
def test_translations_keep_what_is_filled_in(name: str) -> None:
    for message, string in translated(name).items():
        for original, theirs in zip(
            (message,) if isinstance(message, str) else message,
            (string,) if isinstance(string, str) else string,
            strict=False,
        ):
            assert sorted(re.findall(r"%\(\w+\)\w", original)) == sorted(re.findall(r"%\(\w+\)\w", theirs)), message


def test_no_template_puts_out_anything_unescaped() -> None:
    templates = [path for folder in FOLDERS for path in folder.rglob("*.html")]
    assert len(templates) > 8
    for path in templates:
        source = path.read_text()
        assert (
            re.findall(r"\|\s*safe|autoescape|Markup|<script(?! src=\"\{\{ asset\()|\son\w+=|\sstyle=", source) == []
        ), path


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", ENGLISH), ("zh-CN,zh;q=0.9", CHINESE), ("en-GB,en;q=0.9,zh;q=0.8", ENGLISH), ("fr,zh;q=0.1", CHINESE),
        ("zh;q=0", ENGLISH), ("de;q=0.9,*;q=0.5", ENGLISH), ("zh-Hans-SG", CHINESE), ("\x00,;;q=9,zh", CHINESE),
        ("x" * 10_000, ENGLISH), (",".join(["fr"] * 50) + ",zh", ENGLISH),
    ],
)  # fmt: skip
def test_the_browsers_language(header: str, expected: str) -> None:
    assert preferred(header) == expected
