"""The policy file: roles, purposes and views, as an organisation writes them.

Design section 4. The models here judge the file alone; `views.check` judges it against the catalogue.
"""

import hashlib
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import Field as Key, model_validator
from pydantic_core import PydanticCustomError

from cdp.catalogue.document import parse_document, read_text, validate
from cdp.catalogue.field import Name, Strict, Titled
from cdp.terms import CUSTOMER, Kind, Shape
from consent.regimes.chosen import Regimes
from consent.regimes.regime import RequestKind

WRITABLE: Final = frozenset({Kind.STANDARD, Kind.FULL, Kind.OPT_OUT})
"""Kinds through which may be written: a third party has no say in the store, and a release is no store."""


class LegalBasis(StrEnum):
    """The legal bases of GDPR Art. 6(1), by their W3C DPV names."""

    CONSENT = "consent"
    CONTRACT = "contract"
    LEGAL_OBLIGATION = "legal_obligation"
    VITAL_INTERESTS = "vital_interests"
    PUBLIC_TASK = "public_task"
    LEGITIMATE_INTEREST = "legitimate_interest"


class Purpose(Titled):
    """Why data is read: its legal basis and the opt-outs that stop it."""

    legal_basis: Annotated[LegalBasis, Key(strict=False)]
    subject_to: tuple[Name, ...] = Key(strict=False)
    allows_sensitive: bool = False

    @property
    def is_owed(self) -> bool:
        """Whether the law demands it: then it reads rows whatever they were collected for."""
        return self.legal_basis is LegalBasis.LEGAL_OBLIGATION


class View(Titled):
    """A view: its kind decides shapes, its purpose decides rows, its roles decide readers."""

    kind: Annotated[Kind, Key(strict=False)]
    entity: str = CUSTOMER
    purpose: str
    roles: tuple[str, ...] = Key(strict=False, min_length=1)
    fields: tuple[str, ...] | None = Key(default=None, strict=False)
    clear: tuple[str, ...] = Key(default=(), strict=False)
    shapes: dict[str, Literal["clear", "masked", "general", "hidden"]] = Key(default_factory=dict)
    needs: tuple[Literal["reason"], ...] = Key(default=(), strict=False)
    write: tuple[str, ...] = Key(default=(), strict=False)
    break_glass: tuple[str, ...] = Key(default=(), strict=False)
    recipient: Name | None = None
    k: int | None = Key(default=None, ge=2, le=1_000_000)
    diversity: int | None = Key(default=None, ge=1, le=1_000_000, alias="l")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        for key in ("roles", "fields", "clear", "write", "break_glass"):
            names = getattr(self, key) or ()
            if len(set(names)) != len(names):
                raise PydanticCustomError("cdp_duplicate_name", "`{key}` names something twice", {"key": key})
        fault = self._misfit()
        if fault:
            raise PydanticCustomError("cdp_bad_view", "{fault}", {"fault": fault})
        return self

    def _misfit(self) -> str:
        """Return what does not go with the kind."""
        fits = {
            "this kind must list its `fields`": self.kind not in (Kind.OPT_OUT, Kind.SELECTIVE) or bool(self.fields),
            "`fields` lists at least one field": self.fields is None or bool(self.fields),
            "`recipient` is for selective views, and they need it": (self.kind is Kind.SELECTIVE)
            == bool(self.recipient),
            "`k` is for anonymized views, and they need it": (self.kind is Kind.ANONYMIZED) == (self.k is not None),
            "`l` is for anonymized views": self.kind is Kind.ANONYMIZED or self.diversity is None,
            "`clear` is for standard views": self.kind is Kind.STANDARD or not self.clear,
            "`break_glass` is for full views": self.kind is Kind.FULL or not self.break_glass,
            "`write` is for views whose rows are the customers' own": self.kind in WRITABLE or not self.write,
        }
        return next((fault for fault, holds in fits.items() if not holds), "")

    def weaker(self, field: str) -> Shape | Literal["kind"] | None:
        """Return the shape that `shapes` asks for, None for hidden, or `"kind"` when it is silent."""
        asked = self.shapes.get(field)
        if asked is None:
            return "kind"
        return None if asked == "hidden" else Shape(asked)

    @property
    def scope(self) -> str:
        """Within what tokens join: one recipient and one purpose, never across two."""
        return f"{self.recipient}/{self.purpose}"


class Labels(Strict):
    """What people read in place of names of the policy that have no place of their own for it."""

    roles: dict[Name, Titled] = Key(default_factory=dict)
    recipients: dict[Name, Titled] = Key(default_factory=dict)


STATEMENT: Final = "statement"
TwoOfficers = Annotated[RequestKind, Key(strict=False)] | Literal["statement"]
"""What one officer decides and another has to agree to: kinds of requests, and publishing the statement."""


class Policy(Strict):
    """Who may read what, why, and in which kind of view."""

    roles: tuple[Name, ...] = Key(strict=False)
    purposes: dict[Name, Purpose]
    views: dict[Name, View]
    regime: Regimes = Regimes()
    labels: Labels = Labels()
    two_officers: tuple[TwoOfficers, ...] = Key(default=(), strict=False)

    @model_validator(mode="after")
    def _name_members(self) -> Self:
        if len(set(self.roles)) != len(self.roles):
            raise PydanticCustomError("cdp_duplicate_name", "`roles` names something twice")
        recipients = {view.recipient for view in self.views.values()}
        if not (set(self.labels.roles) <= set(self.roles) and set(self.labels.recipients) <= recipients):
            raise PydanticCustomError("cdp_bad_label", "`labels` names a role or a recipient that there is not")
        if RequestKind.CORRECTION in self.two_officers or len(set(self.two_officers)) != len(self.two_officers):
            message = "`two_officers` names each kind once, and no corrections: somebody proposes them already"
            raise PydanticCustomError("cdp_bad_two_officers", message)
        for members in (self.purposes, self.views):
            for name, member in members.items():
                member.stand_under(name)
        return self

    @cached_property
    def body(self) -> str:
        """The canonical text of this policy: what the database keeps and what the digest is of."""
        return self.model_dump_json(exclude_defaults=True, by_alias=True)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the canonical text, in hex."""
        return hashlib.sha256(self.body.encode()).hexdigest()

    def __hash__(self) -> int:
        return hash(self.digest)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, type(self)) and self.digest == other.digest


def load_policy(path: Path) -> Policy:
    """Read and validate `policy.yaml` by itself.

    Raises:
        NotFound: the file is missing.
        BadInput: it is malformed; `Several` lists every fault with file and line.
    """
    return validate(Policy, parse_document(read_text(path), path.name))
