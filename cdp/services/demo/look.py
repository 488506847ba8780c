"""One customer through several views: what each gives of her, in which shape, and why.

Design section 4. Every value is read through the door, in a role of the view; shapes and reasons are the plan's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from audit.entries import Principal
from audit.passage import Row
from cdp.bootstrap import Platform
from cdp.errors import Refused
from cdp.services.read import read_view
from cdp.services.read_known import Known, read_known
from cdp.terms import CUSTOMER, Kind, Shape, Value
from views.conditions import Comparison, Op
from views.plan import Column, Plan
from views.policy import View
from views.request import ViewRequest

VIEWS: Final = ("privacy_office", "care_desk", "insight", "newsletter", "clinic_share")
"""One of each kind; the full one first, since the others are held against it."""

FIELDS: Final = ("full_name", "email", "birth_date", "postcode", "income", "health", "loyalty")
REASON: Final = "demo: the same customer in every view"

UNLISTED: Final = "not among the fields of the view"


@dataclass(frozen=True)
class Cell:
    """One value as a view gives it: `shape` None means withheld, and `refused` names the refusals that changed it."""

    shape: Shape | None
    text: str = ""
    why: str = UNLISTED
    refused: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sight:
    """One customer in one view. Without a row there, `cells` is empty and `absent` says why.

    `alike` is how many rows of a release share what could tell her from others.
    """

    view: View
    cells: Mapping[str, Cell]
    absent: str = ""
    alike: int = 0


@dataclass(frozen=True)
class Look:
    """One customer in every view."""

    customer: str
    known: Known
    sights: tuple[Sight, ...]

    @property
    def name(self) -> str:
        """Her name, as the full view gives it."""
        return self.sights[0].cells["full_name"].text


def look_at(platform: Platform, customer: str, principal: Principal) -> Look:
    """Read one customer through every view.

    Raises:
        NotFound: `unknown_customer`.
        Refused: `demo_changed`, when the views or fields are no longer there.
    """
    known = read_known(platform, customer, principal)
    eyes = _Eyes(platform, known, principal)
    return Look(customer, known, tuple(eyes.see(name) for name in VIEWS))


class _Eyes:
    """Reads views one after the other and remembers each value in each shape, to tell shapes apart."""

    def __init__(self, platform: Platform, known: Known, principal: Principal) -> None:
        self._platform = platform
        self._known = known
        self._name = principal.name
        self._seen: dict[tuple[str, Shape], Value] = {}

    def see(self, name: str) -> Sight:
        """Read one view."""
        view, listed = self._view(name)
        plan, rows = self._read(view, listed, self._conditions(view))
        if not rows:
            return Sight(view, {}, absent=self._absence(view))
        if view.kind is Kind.ANONYMIZED:
            chosen = next((row for row in rows if self._fits(plan, row)), rows[0])
        else:
            [chosen] = rows
        cells = {column.name: self._cell(column, value) for column, value in zip(plan.columns, chosen, strict=True)}
        alike = len(rows) if view.kind is Kind.ANONYMIZED else 0
        return Sight(view, {field: cells.get(field, Cell(None)) for field in FIELDS}, alike=alike)

    def _view(self, name: str) -> tuple[View, tuple[str, ...]]:
        """Return a view and which of the shown fields it lists."""
        in_force = self._platform.in_force()
        view = in_force.policy.views.get(name)
        fields = in_force.catalogue.entities[CUSTOMER].fields
        if view is None or any(field not in fields for field in FIELDS):
            message = "the catalogue or the policy in force is no longer the one that the demo shows"
            hint = "give the demo another folder: `CDP_HOME=.cdp-again cdp demo`"
            raise Refused("demo_changed", message, path=f"views.{name}", hint=hint)
        listed = fields if view.fields is None else view.fields
        return view, tuple(field for field in FIELDS if field in listed)

    def _read(self, view: View, listed: tuple[str, ...], where: tuple[Comparison, ...]) -> tuple[Plan, list[Row]]:
        role, reason = view.roles[0], REASON if view.needs else ""
        request = ViewRequest(view.name, role, select=listed, where=where, reason=reason)
        answer = read_view(self._platform, request, principal=Principal(self._name, role))
        return answer.plan, [row for chunk in answer.chunks for row in chunk]

    def _conditions(self, view: View) -> tuple[Comparison, ...]:
        """Return what finds her in a view: her id, her pseudonym, or what she shares with others."""
        if view.kind is Kind.ANONYMIZED:
            fields = self._platform.in_force().catalogue.entities[CUSTOMER].fields
            shared = [name for name in view.fields or () if fields[name].quasi_identifier]
            return tuple(_equals(name, self._seen.get((name, Shape.GENERAL))) for name in shared)
        if view.kind is Kind.SELECTIVE:
            return (_equals("token", self._known.tokens.get(view.scope, "")),)
        return (_equals("customer_id", self._known.customer_id),)

    def _absence(self, view: View) -> str:
        if view.kind is Kind.ANONYMIZED:
            return f"fewer than {view.k} share what could tell her from others"
        stopped = self._platform.in_force().policy.purposes[view.purpose].subject_to
        return _refused(self._among(stopped))

    def _fits(self, plan: Plan, row: Row) -> bool:
        """Return whether a row of a release could be hers."""
        return all(
            column.decision is None
            or column.decision.shape is None
            or self._seen.get((column.name, column.decision.shape), value) == value
            for column, value in zip(plan.columns, row, strict=True)
        )

    def _cell(self, column: Column, value: Value) -> Cell:
        """Tell from a value which shape it is: the plan's for everyone, or what a refusal turned it into."""
        decision = column.decision
        if decision is None:
            return Cell(Shape.CLEAR, _text(value))
        shape = decision.shape
        refused = self._among(decision.unless)
        if refused and value != self._seen.get((column.name, Shape.CLEAR)):
            return Cell(decision.otherwise if value is not None else None, _text(value), _refused(refused), refused)
        if shape is not None:
            self._seen.setdefault((column.name, shape), value)
        return Cell(shape, _text(value), decision.reason)

    def _among(self, opt_outs: Sequence[str]) -> tuple[str, ...]:
        return tuple(name for name in opt_outs if name in self._known.refused)


def phrase(opt_outs: Sequence[str]) -> str:
    """Write opt-outs as people say them.

    >>> phrase(["direct_marketing", "sensitive_data"]), phrase([])
    ('direct marketing and sensitive data', 'nothing')
    """
    words = [name.replace("_", " ") for name in opt_outs] or ["nothing"]
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _refused(opt_outs: Sequence[str]) -> str:
    return f"refused {phrase(opt_outs)}"


def _equals(column: str, value: Value) -> Comparison:
    return Comparison(column, Op.IS, ("null",)) if value is None else Comparison(column, Op.EQ, (str(value),))


def _text(value: Value) -> str:
    return "" if value is None else str(value)
