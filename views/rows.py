"""Which rows a view may have at all: those that nobody refused, and that were collected for its purpose.

Design section 4: the purpose decides rows. Both are conditions of the statement that reads the
rows, so that whatever was acknowledged before it holds (invariant 3), a set that was changed as much as a refusal.
"""

from typing import Any, Final

from sqlalchemy import and_, bindparam, case, false, select
from sqlalchemy.sql.expression import ColumnElement

from cdp.catalogue.model import Entity
from cdp.catalogue.places import flag_column
from cdp.store.columns import TEXT
from cdp.store.origins import ANYBODY, PROVENANCE_USE, PURPOSE, RECIPIENT, SET_COLUMN
from cdp.store.tables import Schema
from cdp.terms import Kind
from views.dialects import AmongFew
from views.policy import Purpose, View

KEEPS_REFUSED: Final = frozenset({Kind.SELECTIVE})
"""Kinds that withhold cells of who refused, and not rows."""


def allowed_rows(view: View, purpose: Purpose, entity: Entity, schema: Schema) -> list[ColumnElement[bool]]:
    """Return the conditions for a row to be there, for every kind of view."""
    refusals = () if view.kind in KEEPS_REFUSED else purpose.subject_to
    return [*(not_refused(schema, name) for name in refusals), *_collected_for(view, purpose, entity, schema)]


def not_refused(schema: Schema, opt_out: str) -> ColumnElement[bool]:
    """Return the one test of a flag: NULL, missing and odd values withhold."""
    return schema.customer.c[flag_column(opt_out)].is_(false())


def unless_refused(
    schema: Schema, unless: tuple[str, ...], plain: ColumnElement[Any], otherwise: ColumnElement[Any]
) -> ColumnElement[Any]:
    """Return `plain` where every one of the opt-outs is known not to be refused, else `otherwise`."""
    if not unless:
        return plain
    return case((and_(*(not_refused(schema, name) for name in unless)), plain), else_=otherwise)


def _collected_for(view: View, purpose: Purpose, entity: Entity, schema: Schema) -> list[ColumnElement[bool]]:
    """Return the conditions on the row's own set: that it allows the purpose and, if there is one, the recipient.

    INVARIANT: a row without a set, or with one that is not there, is for no purpose but a legal obligation: that is
    owed whatever was declared when the row was collected (GDPR Art. 6(1)(c)), and no recipient stands in its way.
    """
    if purpose.is_owed:
        return []
    uses: list[tuple[str, tuple[str, ...]]] = [(PURPOSE, (view.purpose,))]
    if view.recipient:
        uses.append((RECIPIENT, (view.recipient, ANYBODY)))
    row_set, c = schema.rows[entity.name].c[SET_COLUMN], PROVENANCE_USE.c
    return [
        AmongFew(
            row_set,
            select(c.provenance).where(
                c.kind == bindparam(None, kind, type_=TEXT),
                c.name.in_([bindparam(None, name, type_=TEXT) for name in names]),
            ),
        )
        for kind, names in uses
    ]
