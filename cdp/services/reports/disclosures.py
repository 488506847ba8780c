"""Disclosures: to which recipients what may leave, what did, and whom corrections are to be told."""

from datetime import datetime

from sqlalchemy import func, select

from cdp.services.recipients.compare import recipients_of
from cdp.services.recipients.known import read_agreements
from cdp.services.reports.acts import Act, together
from cdp.services.reports.figures import Cell, Section, Source, Table
from cdp.services.reports.views import decisions_of
from cdp.store.asking import NOTICE
from cdp.store.platform import RELEASE


def _agreements(source: Source) -> list[tuple[Cell, ...]]:
    """Return each agreement; a recipient of the policy without one has a line, too. What is beyond it, names say."""
    day = datetime.fromisoformat(source.now).date()
    rows: list[tuple[Cell, ...]] = []
    for each in recipients_of(source.in_force, read_agreements(source.conn), day).values():
        beyond = (*each.beyond, *each.purposes_beyond) if each.views else ()
        rows += [
            (each.name, str(one.standing(day)), one.since, one.until, one.purposes, one.fields, one.contact, beyond)
            for one in each.agreements
        ]
        if not each.agreements:
            rows.append((each.name, "not_agreed", None, None, (), (), None, beyond))
    return rows


def disclosures(source: Source) -> Section:
    """Return the section."""
    views = [each for each in source.in_force.policy.views.values() if each.recipient]

    def disclosed(act: Act) -> tuple[str, ...] | None:
        return (act.recipient, act.view, act.purpose) if act.recipient and act.what == "disclosure" else None

    made = together(source.acts, disclosed)
    n, r = NOTICE.c, RELEASE.c
    notices = source.conn.execute(select(n.recipient, func.count()).group_by(n.recipient).order_by(n.recipient))
    releases = source.conn.execute(
        select(r.release, r.view, r.k, r.diversity, r.size, r.created_at).order_by(r.release)
    )
    return Section(
        "disclosures",
        (
            Table(
                "disclosed",
                ("recipient", "view", "purpose", "granted", "rows", "last"),
                [(*key, tally.acts, tally.rows, tally.last) for key, tally in made.items()],
                chart="rows",
            ),
            Table(
                "may_leave",
                ("recipient", "view", "purpose", "names"),
                [
                    (view.recipient, view.name, view.purpose,
                     tuple(each.name for each in decisions_of(source, view) if each.shape is not None))
                    for view in views
                ],
            ),
            Table(
                "agreements",
                ("recipient", "standing", "since", "until", "purposes", "names", "contact", "beyond"),
                _agreements(source),
            ),
            Table("notices", ("recipient", "notices"), [(name, int(count)) for name, count in notices]),
            Table("releases", ("release", "view", "k", "l", "rows", "made"), [tuple(row) for row in releases]),
        ),
    )  # fmt: skip
