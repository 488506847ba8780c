"""What customers refused: how it stands now, and what was refused and allowed month by month."""

from sqlalchemy import func, select

from cdp.catalogue.places import flag_column
from cdp.services.reports.figures import Section, Source, Table, guarded, somebody
from cdp.store.platform import CONSENT_EVENT
from consent.choices import PROFILE


def opt_outs(source: Source) -> Section:
    """Return the section."""
    names, customer = source.in_force.catalogue.opt_outs, source.schema.customer
    real = somebody(source, customer)
    standing = [
        (name, guarded(_count(source, select(func.count()).where(customer.c[flag_column(name)], real))))
        for name in names
    ]
    c = CONSENT_EVENT.c
    month = func.substr(c.received_at, 1, 7).label("month")
    here = (c.choice != PROFILE, somebody(source, CONSENT_EVENT), *source.period.within(c.received_at))
    acts = select(month, c.choice, c.state, c.source, c.customer_id).where(*here).distinct().subquery("acts")
    keys = (acts.c.month, acts.c.choice, acts.c.state, acts.c.source)
    counted = source.conn.execute(select(*keys, func.count()).group_by(*keys).order_by(*keys))
    shown = [(when, choice, state, by, guarded(int(count))) for when, choice, state, by, count in counted]
    return Section(
        "opt_outs",
        (
            Table("standing", ("opt_out", "customers"), standing, chart="customers"),
            Table("choices", ("month", "choice", "choice_state", "source", "customers"),
                  [row for row in shown if row[-1] is not None]),
        ),
    )  # fmt: skip


def _count(source: Source, statement: "object") -> int:
    return int(source.conn.execute(statement).scalar_one())  # type: ignore[call-overload]
