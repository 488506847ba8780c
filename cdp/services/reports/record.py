"""The record of processing activities (GDPR Art. 30(1)): for each purpose its legal basis, data, recipients, periods.

Names and contact of the controller (Art. 30(1)(a)) are no part of this platform; whoever hands the record on puts them
in front. Categories are those of Fideslang that the catalogue gives to fields; a field without one counts by its tag.
"""

from collections import defaultdict
from collections.abc import Iterable

from sqlalchemy import select

from cdp.catalogue.field import Field
from cdp.services.reports.figures import Cell, Section, Source, Table
from cdp.services.reports.views import decisions_of
from cdp.store.origins import ANYBODY, PROVENANCE, PROVENANCE_PART, PROVENANCE_USE, PURPOSE, RECIPIENT
from cdp.terms import Sensitivity
from views.policy import View

_COLUMNS = ("purpose", "legal_basis", "people", "data", "special", "roles", "recipients", "retention_periods", "views")
_CATEGORIES = ("category", "special", "purposes", "recipients")


def record(source: Source) -> Section:
    """Return the section."""
    policy = source.in_force.policy
    return Section(
        "record",
        (
            Table("processing", _COLUMNS, [_row(source, name) for name in policy.purposes]),
            Table("categories", _CATEGORIES, _categories(source)),
            Table("declared", ("set", "origin", "statement", "legal_basis", "purposes", "recipients", "retention"),
                  _declared(source)),
            Table("measures", ("measure", "measured"), list(source.measures)),
        ),
    )  # fmt: skip


def _row(source: Source, name: str) -> tuple[Cell, ...]:
    purpose = source.in_force.policy.purposes[name]
    views = [each for each in source.in_force.policy.views.values() if each.purpose == name]
    shown = [(view.entity, each) for view in views for each in _shown(source, view)]
    return (
        name, str(purpose.legal_basis), "customers",
        tuple(dict.fromkeys(f"{entity}.{each.name}" for entity, each in shown)),
        any(each.sensitivity is Sensitivity.SENSITIVE for _, each in shown),
        _words(role for view in views for role in view.roles),
        _words(view.recipient for view in views if view.recipient), _words(each.retention or "" for _, each in shown),
        tuple(view.name for view in views),
    )  # fmt: skip


def _categories(source: Source) -> list[tuple[Cell, ...]]:
    """Return each category of data: what it is processed for, and to whom it goes."""
    found = defaultdict[str, list[tuple[View, Field]]](list)
    for view in source.in_force.policy.views.values():
        for each in _shown(source, view):
            found[each.category or str(each.sensitivity)].append((view, each))
    return [
        (
            name, any(each.sensitivity is Sensitivity.SENSITIVE for _, each in uses),
            _words(view.purpose for view, _ in uses), _words(view.recipient or "" for view, _ in uses),
        )
        for name, uses in sorted(found.items())
    ]  # fmt: skip


def _shown(source: Source, view: View) -> list[Field]:
    fields = source.in_force.catalogue.entities[view.entity].fields
    return [fields[each.name] for each in decisions_of(source, view) if each.shape is not None]


def _words(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({each for each in names if each}))


def _declared(source: Source) -> list[tuple[Cell, ...]]:
    """Return the sets that were declared when rows were collected; those of several parts follow from them."""
    p, part, u = PROVENANCE.c, PROVENANCE_PART.c, PROVENANCE_USE.c
    single = select(part.provenance).where(part.part == part.provenance)
    sets = select(p.provenance, p.source, p.statement, p.legal_basis, p.retention).where(p.provenance.in_(single))
    uses = source.conn.execute(select(u.provenance, u.kind, u.name)).all()

    def named(number: int, kind: str) -> tuple[str, ...]:
        return _words(name for of, what, name in uses if (of, what) == (number, kind))

    rows: list[tuple[Cell, ...]] = []
    for number, origin, statement, basis, retention in source.conn.execute(sets.order_by(p.provenance)):
        recipients = named(number, RECIPIENT)
        rows.append((
            number, origin, statement or None, basis or None, named(number, PURPOSE),
            ("anybody",) if ANYBODY in recipients else recipients, retention or None,
        ))  # fmt: skip
    return rows
