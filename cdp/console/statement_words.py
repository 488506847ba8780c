"""What keeps a statement from being published and what is odd about it, in words, with the clause that it concerns.

The codes are those of `views.statement.lint` and of `cdp.services.statements.written`; a test holds that each has its
sentence here. Names that a sentence is about stand between backticks in the message.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from cdp.errors import CdpError
from cdp.pages.clauses import clause_words
from cdp.pages.language import translations
from cdp.services.statements.written import part_of
from views.check import Finding

_NAMES: Final = re.compile(r"`([^`]*)`")


@dataclass(frozen=True, slots=True)
class Said:
    """One sentence about a part of the statement.

    Attributes:
        part: the clause, `version`, `title`, `summary`, or nothing.
        field: the field of the form that it is about, where it is about one.
    """

    part: str
    field: str
    title: str
    text: str


def part_words(language: str) -> dict[str, str]:
    """Return what the parts of a statement are called."""
    _ = translations(language).gettext
    return {"version": _("Version"), "title": _("Title"), **clause_words(language)}


def said_of(found: Iterable[CdpError | Finding], language: str) -> list[Said]:
    """Return what is to be said, in the order in which the parts are read."""
    titles, sentences = part_words(language), _sentences(language)
    order = list(titles)
    said = []
    for each in found:
        part = part_of(each.path)
        name, other = [*_NAMES.findall(each.message), "", ""][:2]
        sentence = sentences.get(each.code) or _unread(each, language)
        text = sentence % {"name": name, "other": other}
        said.append(Said(part, each.path.partition(":")[0], titles.get(part, ""), text))
    return sorted(said, key=lambda one: order.index(one.part) if one.part in order else len(order))


def _unread(found: CdpError | Finding, language: str) -> str:
    """Return the sentence for what is not written as it has to be."""
    _ = translations(language).gettext
    part, _dot, rest = found.path.partition(".")
    if part == "version":
        return _("A version is named by letters, digits, “.”, “-” and “_”, at most 48 of them.")
    if rest.startswith(("data", "opt_outs", "recipients")):
        return _(
            "One of the names is not written as it has to be: “customer.email”, or “order.*” for all of an entity."
        )
    if part == "using" and not rest.startswith(("short", "full")):
        line = found.path.partition(":")[2]
        if line:
            return _("The purposes cannot be read from line %(line)s on.") % {"line": line}
        return _("The purposes cannot be read: each is a name, and under it what it sees.")
    return _("The text is too long, or holds characters that no text has, such as tabs.")


def _sentences(language: str) -> dict[str, str]:
    """Return the sentence for each code."""
    _ = translations(language).gettext
    return {
        "text_missing": _("A text is missing."),
        "field_unnamed": _("“%(name)s” is collected, and this clause does not say so."),
        "purpose_unnamed": _("Data is used for “%(name)s”, and this clause does not name it."),
        "recipient_unnamed": _("Data is passed on to “%(name)s”, and this clause does not name it."),
        "unknown_opt_out": _("The opt-out “%(name)s” is promised, and there is none."),
        "basis_differs": _("“%(name)s” rests on another legal basis than this clause says."),
        "view_wider": _("The view “%(name)s” shows “%(other)s” more fully than this clause says."),
        "statement_version": _(
            "Another text was published under this version. What people have read does not change: name it otherwise."
        ),
        "purpose_idle": _("It speaks of “%(name)s”, for which nothing is read."),
        "recipient_idle": _("It speaks of “%(name)s”, to whom nothing is passed on."),
        "opt_out_untold": _("People can refuse “%(name)s”, and this clause does not tell them."),
        "part_unknown": _("It speaks of “%(name)s”, which there is not."),
    }
