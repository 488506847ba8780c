"""The file `statement.yaml`: a privacy statement in six clauses, in layers, in the languages of the pages.

Each clause has one paragraph (`short`) and the whole (`full`), and names what it is about: fields that are collected,
the purposes and how much each sees, opt-outs, recipients. Words are for people; names are what `views.statement.lint`
holds the policy to.
"""

import hashlib
from functools import cached_property
from pathlib import Path
from typing import Annotated, Final, Self

from pydantic import Field as Key, model_validator
from pydantic_core import PydanticCustomError

from cdp.catalogue.document import parse_document, read_text, validate
from cdp.catalogue.field import Language, Line, Name, Strict
from cdp.terms import LANGUAGES
from views.policy import LegalBasis

CLAUSES: Final = ("collecting", "using", "control", "access", "security", "enforcement")
"""The clauses, in the order in which they are read."""

Text = Annotated[str, Key(pattern=r"^[^\x00-\x09\x0b-\x1f\x7f]+$", max_length=8_000)]
Texts = dict[Language, Text]
Part = Annotated[str, Key(pattern=r"^[a-z][a-z0-9_]{0,47}\.(\*|[a-z][a-z0-9_]{0,47})$")]
"""A field as `customer.email`, or all of an entity as `order.*`."""

Version = Annotated[str, Key(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,47}$")]


class Clause(Strict):
    """One clause in words."""

    short: Texts
    full: Texts

    @model_validator(mode="after")
    def _in_every_language(self) -> Self:
        for texts in (self.short, self.full):
            if missing := [language for language in LANGUAGES if language not in texts]:
                message = "a clause is in every language; there is none in {language}"
                raise PydanticCustomError("cdp_missing_language", message, {"language": missing[0]})
        return self


class Collecting(Clause):
    """What is collected."""

    data: tuple[Part, ...] = Key(strict=False)


class Use(Strict):
    """How much a purpose may see, of whatever view: what in full, and what only masked or roughly.

    A field that says nothing about a person needs no promise.
    """

    in_full: tuple[Part, ...] = Key(default=(), strict=False)
    reduced: tuple[Part, ...] = Key(default=(), strict=False)
    legal_basis: Annotated[LegalBasis, Key(strict=False)] | None = None


class Using(Clause):
    """What it is used for."""

    purposes: dict[Name, Use]


class Control(Clause):
    """What she can refuse."""

    opt_outs: tuple[Name, ...] = Key(strict=False)


class Access(Clause):
    """Who is given any of it, outside of the organisation, too."""

    recipients: tuple[Name, ...] = Key(default=(), strict=False)


class Statement(Strict):
    """A privacy statement."""

    version: Version
    title: dict[Language, Line]
    summary: Texts
    collecting: Collecting
    using: Using
    control: Control
    access: Access
    security: Clause
    enforcement: Clause

    @model_validator(mode="after")
    def _in_every_language(self) -> Self:
        for texts in (self.title, self.summary):
            if missing := [language for language in LANGUAGES if language not in texts]:
                message = "title and summary are in every language; there is none in {language}"
                raise PydanticCustomError("cdp_missing_language", message, {"language": missing[0]})
        return self

    @property
    def clauses(self) -> dict[str, Clause]:
        """The clauses by name, in the order in which they are read."""
        return {name: getattr(self, name) for name in CLAUSES}

    @cached_property
    def body(self) -> str:
        """The canonical text: what the database keeps and what the digest is of."""
        return self.model_dump_json(exclude_defaults=True)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the canonical text, in hex."""
        return hashlib.sha256(self.body.encode()).hexdigest()

    def __hash__(self) -> int:
        return hash(self.digest)


def load_statement(path: Path) -> Statement:
    """Read and validate `statement.yaml` by itself.

    Raises:
        NotFound: the file is missing.
        BadInput: it is malformed; `Several` lists every fault with file and line.
    """
    return validate(Statement, parse_document(read_text(path), path.name))
