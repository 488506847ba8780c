"""The difference of two statements: sentence by sentence for whoever reads it, name by name for what is promised."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final, Literal

from cdp.catalogue.field import Language
from views.statement.document import CLAUSES, Statement

Mark = Literal["same", "gone", "new"]

_BETWEEN: Final = re.compile(r"(?<=[.!?])\s+(?=[^\sa-z])|(?<=[。！？])|\n+")
"""Between two sentences: after a stop and before what does not go on in small letters."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Some sentences that stay, went, or are new."""

    mark: Mark
    text: str


@dataclass(frozen=True)
class Difference:
    """What is different in one part: `summary`, or a clause.

    Attributes:
        pieces: its words, if they differ at all.
        gone: what is no longer promised or named.
        new: what is promised or named now.
    """

    part: str
    pieces: Sequence[Piece]
    gone: Sequence[str]
    new: Sequence[str]


def differences(old: Statement, new: Statement, language: Language) -> list[Difference]:
    """Return the parts that differ, in the order in which they are read."""
    found = []
    for part in ("summary", *CLAUSES):
        before, after = _words(old, part, language), _words(new, part, language)
        pieces = list(_pieces(before, after)) if before != after else []
        was, now = _named(old, part), _named(new, part)
        gone, came = [each for each in was if each not in now], [each for each in now if each not in was]
        if pieces or gone or came:
            found.append(Difference(part, pieces, gone, came))
    return found


def sentences(text: str) -> list[str]:
    """Return the sentences of a text.

    >>> sentences("We keep it. You decide!")
    ['We keep it.', 'You decide!']
    """
    return [found.strip() for found in _BETWEEN.split(text) if found.strip()]


def _words(statement: Statement, part: str, language: Language) -> list[str]:
    if part == "summary":
        return sentences(statement.summary[language])
    clause = statement.clauses[part]
    return [*sentences(clause.short[language]), *sentences(clause.full[language])]


def _pieces(before: Sequence[str], after: Sequence[str]) -> Iterator[Piece]:
    for tag, a, b, c, d in SequenceMatcher(a=before, b=after, autojunk=False).get_opcodes():
        if tag == "equal":
            yield Piece("same", " ".join(before[a:b]))
        if b > a and tag != "equal":
            yield Piece("gone", " ".join(before[a:b]))
        if d > c and tag != "equal":
            yield Piece("new", " ".join(after[c:d]))


def _named(statement: Statement, part: str) -> list[str]:
    """Return what a part names, as `word name`, or `word name: detail` for what may be detailed."""
    if part == "collecting":
        return [f"data {each}" for each in statement.collecting.data]
    if part == "control":
        return [f"opt-out {each}" for each in statement.control.opt_outs]
    if part == "access":
        return [f"recipient {each}" for each in statement.access.recipients]
    if part != "using":
        return []
    found = []
    for name, use in statement.using.purposes.items():
        found.append(f"purpose {name}")
        found += [f"purpose {name}: {each} in full" for each in use.in_full]
        found += [f"purpose {name}: {each} reduced" for each in use.reduced]
    return found
