"""Who can reach data: through each view, which apps and which staff, by the role that they act in.

Who may use the command line of the machine can act in any role; that is governed by the machine, and not listed here.
"""

from sqlalchemy import select

from cdp.services.reports.figures import Cell, Section, Source, Table
from cdp.services.staff.permissions import ROLES
from cdp.store.platform import APP
from cdp.store.staff import STAFF
from cdp.terms import OWN_ROLE


def reach(source: Source) -> Section:
    """Return the section."""
    apps = _apps(source)
    a, s = APP.c, STAFF.c
    known = select(s.name, s.role, s.created_at, s.disabled_at, s.welcomed_at, s.signed_in_at, s.confirmed_at)
    people = [
        (name, role, made, "over" if disabled else "in_use" if welcomed else "invited", role in ROLES, *since)
        for name, role, made, disabled, welcomed, *since in source.conn.execute(known.order_by(s.name))
    ]
    acting = [(name, role) for name, role, _, state, *_ in people if state != "over"]
    reached = [row for view in source.in_force.policy.views for row in _reached(source, view, apps, acting)]
    registered = source.conn.execute(
        select(a.name, a.role, a.purpose, a.views, a.created_at, a.created_by, a.expires_at, a.revoked_at,
               a.used_at, a.confirmed_at)
        .order_by(a.name, a.created_at)
    )  # fmt: skip
    counts = {view: sum(row[0] == view and row[1] in ("app", "staff") for row in reached)
              for view in source.in_force.policy.views}  # fmt: skip
    return Section(
        "reach",
        (
            Table("reach_counts", ("view", "readers"), list(counts.items()), chart="readers"),
            Table("reach", ("view", "reader_kind", "reader", "role"), reached),
            Table("staff", ("account", "role", "added", "state", "in_console", "last_sign_in", "confirmed"), people),
            Table(
                "apps",
                ("app", "role", "purpose", "views", "added", "added_by", "until", "state", "last_used", "confirmed"),
                [
                    (name, role, purpose, tuple(views.split(",")), made, by, until,
                     _state(until, revoked, source.now), *since)
                    for name, role, purpose, views, made, by, until, revoked, *since in registered
                ],
            ),
        ),
    )  # fmt: skip


def _state(until: str | None, revoked: str | None, now: str) -> str:
    return "over" if revoked is not None or (until is not None and until <= now) else "in_use"


def _apps(source: Source) -> list[tuple[str, str, str, list[str]]]:
    """Return the apps that may act now: name, role, purpose, views."""
    a = APP.c
    rows = source.conn.execute(select(a.name, a.role, a.purpose, a.views, a.expires_at, a.revoked_at).order_by(a.name))
    return [
        (name, role, purpose, views.split(","))
        for name, role, purpose, views, until, revoked in rows
        if _state(until, revoked, source.now) == "in_use"
    ]


def _reached(
    source: Source, name: str, apps: list[tuple[str, str, str, list[str]]], staff: list[tuple[str, str]]
) -> list[tuple[Cell, ...]]:  # fmt: skip
    view = source.in_force.policy.views[name]
    rows: list[tuple[Cell, ...]] = [(name, "app", app, role) for app, role, purpose, views in apps
            if name in views and role in view.roles and purpose == view.purpose]  # fmt: skip
    rows += [(name, "staff", person, role) for person, role in staff if role in view.roles]
    if OWN_ROLE in view.roles:
        rows.append((name, "herself", None, OWN_ROLE))
    taken = {row[3] for row in rows}
    rows += [(name, "nobody_yet", None, role) for role in view.roles if role not in taken]
    return rows + [(name, "break_glass", None, role) for role in view.break_glass]
