"""Disclosures: to which recipients what may leave, what did, and whom corrections are to be told."""

from sqlalchemy import func, select

from cdp.services.reports.acts import Act, together
from cdp.services.reports.figures import Section, Source, Table
from cdp.services.reports.views import decisions_of
from cdp.store.asking import NOTICE
from cdp.store.platform import RELEASE


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
            Table("notices", ("recipient", "notices"), [(name, int(count)) for name, count in notices]),
            Table("releases", ("release", "view", "k", "l", "rows", "made"), [tuple(row) for row in releases]),
        ),
    )  # fmt: skip
