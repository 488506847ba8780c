"""Accesses that were granted and refused, as the log has them: over time, by view, by whom, and why refused."""

from sqlalchemy import func, select

from audit.pieces import Tally
from cdp.services.reports.acts import Act, together
from cdp.services.reports.figures import Cell, Section, Source, Table
from cdp.store.platform import LOG_DROPPED, LOG_ENTRY


def accesses(source: Source) -> Section:
    """Return the section."""
    acts = source.acts
    months = together(acts, lambda act: (act.month, act.what))
    refused = together(acts, lambda act: (act.act, act.code, act.view) if act.what == "refusal" else None)
    return Section(
        "accesses",
        (
            Table(
                "by_month",
                ("month", "granted", "changes", "refused"),
                [
                    (month, *(months.get((month, what), Tally()).acts for what in ("disclosure", "change", "refusal")))
                    for month in sorted({month for month, _ in months})
                ],
                chart="granted",
            ),
            Table("by_view", ("view", "granted", "rows", "refused", "last"), _by_view(source), chart="granted"),
            Table("by_reader", ("reader", "role", "granted", "changes", "refused", "rows", "last"), _by_reader(source)),
            Table(
                "refusals",
                ("act", "code", "view", "refused", "last"),
                [(*(part or None for part in key), tally.acts, tally.last) for key, tally in refused.items()],
            ),
            Table("log_kept", ("entries", "first_entry", "last_entry", "tiles_dropped"), [_kept(source)]),
        ),
    )


def _by_view(source: Source) -> list[tuple[Cell, ...]]:
    def reads(act: Act) -> tuple[str, ...] | None:
        return (act.view,) if act.view and act.what == "disclosure" else None

    granted = together(source.acts, reads)
    refused = together(source.acts, lambda act: (act.view,) if act.view and act.what == "refusal" else None)
    rows: list[tuple[Cell, ...]] = []
    for (view,) in sorted({*granted, *refused}):
        had, not_had = granted.get((view,), Tally()), refused.get((view,), Tally())
        rows.append((view, had.acts, had.rows, not_had.acts, max(had.last, not_had.last)))
    return rows


def _by_reader(source: Source) -> list[tuple[Cell, ...]]:
    found = together(source.acts, lambda act: (act.principal, act.role, act.what))
    rows: list[tuple[Cell, ...]] = []
    for principal, role in sorted({key[:2] for key in found}):
        kinds = [found.get((principal, role, what), Tally()) for what in ("disclosure", "change", "refusal")]
        rows.append(
            (principal, role or None, *(each.acts for each in kinds), kinds[0].rows, max(each.last for each in kinds))
        )
    return rows


def _kept(source: Source) -> tuple[Cell, ...]:
    number = LOG_ENTRY.c.number
    counted = select(func.count(), func.min(number), func.max(number)).select_from(LOG_ENTRY)
    entries, first, last = source.conn.execute(counted).one()
    dropped = source.conn.execute(select(func.count()).select_from(LOG_DROPPED)).scalar_one()
    return int(entries), first, last, int(dropped)
