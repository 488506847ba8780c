"""Which apps there are. The table is about nobody: apps are programs, and their names are chosen as such."""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from audit.entries import Principal
from cdp.bootstrap import Platform
from cdp.errors import NotFound
from cdp.store.platform import APP
from views.policy import Policy, View


@dataclass(frozen=True, slots=True)
class App:
    """An app: one role, one purpose, and the views that it reads for it.

    Attributes:
        renewed: how often its secret was; a token of an earlier one holds no more.
        used_at: when it last asked for a token, to the minute; it is the same app before and after.
        provenance: the set of what it declares of what it writes; None where it declares nothing.
    """

    client_id: str
    name: str
    role: str
    purpose: str
    views: tuple[str, ...]
    created_at: str
    created_by: str
    expires_at: str | None
    revoked_at: str | None
    renewed: int = 0
    used_at: str | None = field(default=None, compare=False)
    confirmed_at: str | None = None
    confirmed_by: str | None = None
    provenance: int | None = None

    def holds(self, now: str) -> bool:
        """Whether the app may still act; times are compared as they are written."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)

    @property
    def settled_at(self) -> str:
        """When somebody last said that it needs what it reads: by registering it, or by confirming."""
        return self.confirmed_at or self.created_at

    @property
    def principal(self) -> Principal:
        """Whom the log names."""
        return Principal(f"app:{self.name}", self.role)


def views_in(policy: Policy, app: App) -> list[View]:
    """Return the views of a policy that an app may read: its own, where they are for its role and its purpose."""
    found = [policy.views[name] for name in app.views if name in policy.views]
    return [view for view in found if view.purpose == app.purpose and app.role in view.roles]


COLUMNS = tuple(column for column in APP.c if column.name != "secret")


def app_of(row: tuple[Any, ...]) -> App:
    """Return the app that a row of `COLUMNS` says."""
    values = dict(zip((column.name for column in COLUMNS), row, strict=True))
    values["views"] = tuple(values["views"].split(","))
    return App(**values)


def list_apps(platform: Platform) -> list[App]:
    """Return every app, the newest first; those that are over stay in the list."""
    rows = platform.door.lookup(select(*COLUMNS).order_by(APP.c.created_at.desc(), APP.c.client_id))
    return [app_of(row) for row in rows]


def named_app(platform: Platform, app: str) -> App:
    """Return an app that is not revoked by its name or its client id.

    Raises:
        NotFound: `unknown_app`.
    """
    mine = select(*COLUMNS).where((APP.c.name == app) | (APP.c.client_id == app), APP.c.revoked_at.is_(None))
    rows = platform.door.lookup(mine)
    if not rows:
        raise NotFound("unknown_app", "there is no such app", path="app", hint="`cdp app list` lists them")
    return app_of(rows[0])
