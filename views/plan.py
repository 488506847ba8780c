"""What `compile_view` returns: data, no I/O. The door runs it, the log names it, `explain` prints it.

A `Template` depends on the catalogue, the policy and the outline of the request and is cached; a `Plan` is a template
with this request's values.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.sql.expression import ColumnElement, FromClause

from cdp.store.statement import Statement
from cdp.terms import LATE_ROWS, Type
from views.conditions import format_outline
from views.decide import Decision
from views.dialects import MemberOf
from views.policy import View
from views.request import ViewRequest

KEY, SUBJECT, ROW, OWNER = "_key", "_subject", "_row", "_owner"
"""Hidden columns of every statement: order of rows, ordinal of the customer, id of the row, id of the customer."""

PARENT = "_parent"
"""Hidden as well, and there only when a row is asked for by the row that it belongs to."""

HIDDEN = (KEY, SUBJECT, ROW, OWNER)
SEGMENT_PREFIX, FALLBACK_PREFIX = "_segment_", "_refused_"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the answer.

    `decision` is None for ids and tokens. `segment` names the sealed segment the value is unsealed from, `key` its key
    there; `fallback` says that refused cells come from the statement instead.
    """

    name: str
    type: Type
    decision: Decision | None = None
    segment: str | None = None
    key: str = ""
    fallback: bool = False

    @property
    def hidden(self) -> bool:
        """Whether the plan makes it null for everyone; for conditions it then does not exist."""
        return self.decision is not None and self.decision.shape is None


@dataclass(frozen=True, slots=True)
class Parameter:
    """One bound value: its name, which comparison it comes from, and how its operands become it."""

    name: str
    comparison: int
    bind: Callable[[tuple[str, ...]], Any]


@dataclass(frozen=True, eq=False)
class Template:
    """A compiled view: statements without values.

    `rows` selects hidden and needed columns of the rows that match, in no order, and `places` says where each of them
    stands; `late` are the positions of the conditions that wait for unsealing; `needed` are the selected columns, then
    those that only late conditions or order need.
    """

    view: View
    request: ViewRequest
    columns: tuple[Column, ...]
    needed: tuple[Column, ...]
    segments: tuple[str, ...]
    rows: Select[Any]
    places: Mapping[str, int]
    source: FromClause
    policy_digest: str
    catalogue_digest: str
    order: tuple[ColumnElement[Any], ...] = ()
    late: tuple[int, ...] = ()
    late_order: bool = False
    parameters: tuple[Parameter, ...] = ()
    late_operands: tuple[Parameter, ...] = ()
    statements: dict[tuple[str, str], Statement] = field(default_factory=dict, repr=False)
    """What of it was written in an engine's SQL already; gone with the template, so that what is kept stays bounded."""

    @cached_property
    def chunk(self) -> Select[Any]:
        """The next rows after `:after` in the order of keys."""
        key = self.source.c[KEY]
        return self.rows.where(key > bindparam("after", type_=key.type)).order_by(key).limit(bindparam("take"))

    @cached_property
    def page(self) -> Select[Any]:
        """One window in the caller's order."""
        ordered = self.rows.order_by(*self.order, self.source.c[KEY])
        return ordered.limit(bindparam("take")).offset(bindparam("skip"))

    @cached_property
    def keys(self) -> Select[Any]:
        """The keys of one window in the caller's order."""
        ordered = self.rows.with_only_columns(self.source.c[KEY]).order_by(*self.order, self.source.c[KEY])
        return ordered.limit(bindparam("take")).offset(bindparam("skip"))

    @cached_property
    def by_keys(self) -> Select[Any]:
        """The rows of `:keys` that still match."""
        key = self.source.c[KEY]
        type_ = Type.TEXT if key.type.python_type is str else Type.INTEGER
        return self.rows.where(MemberOf(key, bindparam("keys"), type_))

    @cached_property
    def count(self) -> Select[Any]:
        """How many rows match."""
        return select(func.count()).select_from(self.rows.with_only_columns(self.source.c[KEY]).subquery())

    @cached_property
    def late_count(self) -> Select[Any]:
        """How many rows the other conditions leave, counted no further than the limit."""
        some = self.rows.with_only_columns(self.source.c[KEY]).limit(LATE_ROWS + 1).subquery()
        return select(func.count()).select_from(some)

    @cached_property
    def digest(self) -> str:
        """SHA-256 over everything that decides this plan, in hex."""
        parts = (self.policy_digest, self.catalogue_digest, repr(self.request))
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()


@dataclass(frozen=True, eq=False)
class Plan:
    """A template with one request's values, ready for the door."""

    template: Template
    request: ViewRequest
    values: Mapping[str, Any]

    @property
    def view(self) -> View:
        """The view that is read."""
        return self.template.view

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns of the answer, in its order."""
        return self.template.columns

    @property
    def conditions(self) -> tuple[str, ...]:
        """The shape of the conditions, without values: what the log may know."""
        return tuple(format_outline(condition) for condition in self.request.where)

    def explain(self) -> list[dict[str, str | None]]:
        """Return, for each column: name, type, shape, rule, reason, and what a refusal turns it into."""
        return [_explained(column) for column in self.columns]


def _explained(column: Column) -> dict[str, str | None]:
    decision = column.decision
    if decision is None:
        reason = "names the row for this reader"
        return {
            "column": column.name,
            "type": column.type,
            "shape": "clear",
            "rule": "id",
            "reason": reason,
            "unless": None,
            "otherwise": None,
        }
    return {
        "column": column.name,
        "type": column.type,
        "shape": decision.shape or "hidden",
        "rule": decision.rule,
        "reason": decision.reason,
        "unless": ", ".join(decision.unless) or None,
        "otherwise": (decision.otherwise or "hidden") if decision.unless else None,
    }
