"""Letters from their templates, `texts/<language>/<name>.txt`: the subject on the first line, `$name` to be filled in.

They are written in each language, not translated; a test has every one in all of them, with the same things filled in.
What is filled in is text: nothing that somebody wrote becomes part of a template.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib.resources import files
from string import Template
from typing import Final

from babel.core import Locale
from babel.dates import format_date

LANGUAGES: Final = ("en", "zh-Hans")
TEMPLATES: Final = (
    "received",
    "extended",
    "paused",
    "resumed",
    "done",
    "refused",
    "withdrawn",
    "lifted",
    "erased",
    "changed",
    "opened",
    "outdated",
    "statement",
)

_FOLDER: Final = files(__package__) / "texts"


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter: its subject and its text."""

    subject: str
    text: str


def write_letter(template: str, language: str, values: Mapping[str, str]) -> Letter:
    """Return a letter; a value that the template does not know is left out, one that it lacks is an error."""
    subject, _, text = _template(template, language).partition("\n\n")
    filled = Template(text).substitute(values)
    return Letter(Template(subject).substitute(values), "\n".join(line.rstrip() for line in filled.splitlines()) + "\n")


def known_language(language: str) -> str:
    """Return a language that there are letters in: this one, or English."""
    return language if language in LANGUAGES else LANGUAGES[0]


def day(at: date, language: str) -> str:
    """Write a day, or that of a time, as readers of the language write it."""
    return format_date(at, format="long", locale=Locale.parse(language, sep="-"))


def word(kind: str, name: str, language: str) -> str:
    """Return what is said in a language of a kind of thing, as of the kinds of requests; its name where nothing is."""
    return _words(language).get(f"{kind}.{name}", name.replace("_", " "))


@lru_cache
def _template(name: str, language: str) -> str:
    return (_FOLDER / language / f"{name}.txt").read_text(encoding="utf-8")


@lru_cache
def _words(language: str) -> dict[str, str]:
    lines = (_FOLDER / language / "words.txt").read_text(encoding="utf-8").splitlines()
    return {name.strip(): text.strip() for name, _, text in (line.partition("=") for line in lines) if text}
