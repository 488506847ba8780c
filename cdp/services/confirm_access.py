"""Confirming who may see what, again and again: each app and each of staff, by an officer, and not by whom it is about.

An access counts from when it was given or last confirmed. After `CDP_ACCESS_DAYS` it waits for somebody to confirm it;
with `CDP_ACCESS_ENFORCED` it is refused until then. INVARIANT: nobody confirms what she has herself, or has given.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal

from sqlalchemy import Column, ColumnElement, FromClause, Select, Update, func, or_, select, update

from audit.entries import Entry, Principal, timestamp
from cdp.bootstrap import Platform
from cdp.errors import NotFound, Refused
from cdp.services.access_term import due_at, term_begins
from cdp.services.apps.known import COLUMNS, app_of, views_in
from cdp.services.staff.accounts import account_of, accounts_query
from cdp.store.platform import APP
from cdp.store.staff import STAFF

MOST: Final = 50

Kind = Literal["app", "staff"]


@dataclass(frozen=True, slots=True)
class Access:
    """What an app or somebody of staff may see, and since when somebody stands for that.

    Attributes:
        key: what names it for ever; names of apps are given anew.
        given_by: who gave it.
        settled_at: when it was last confirmed, or given.
        due_at: when it has to be confirmed next.
        views: those of the policy that it reads.
    """

    kind: Kind
    key: str
    name: str
    role: str
    given_by: str
    settled_at: str
    due_at: str
    confirmed_by: str | None
    views: tuple[str, ...]

    @property
    def principal(self) -> str:
        """Whom the log names."""
        return f"{self.kind}:{self.name}"

    def is_due(self, now: datetime) -> bool:
        """Return whether it waits to be confirmed."""
        return self.due_at <= timestamp(now)

    def is_own(self, actor: str) -> bool:
        """Return whether it is an actor's own, or given by her; who runs the machine may do all that there is."""
        return actor == self.principal or (actor == self.given_by and actor.startswith("staff:"))


def accesses(platform: Platform, *, after: tuple[str, str] | None = None, most: int = MOST) -> list[Access]:
    """Return the accesses of apps and staff that may act, those that wait longest first.

    Args:
        after: `settled_at` and `key` of the last one that was seen.
    """
    lookup, policy, settings = platform.door.lookup, platform.in_force().policy, platform.settings
    found = []
    for app in map(app_of, lookup(_page(select(*COLUMNS).where(*_acting(timestamp())), APP.c.client_id, after, most))):
        views = tuple(view.name for view in views_in(policy, app))
        given = (app.client_id, app.name, app.role, app.created_by, app.settled_at)
        found.append(Access("app", *given, due_at(settings, app.settled_at), app.confirmed_by, views))
    enabled = accounts_query().where(STAFF.c.disabled_at.is_(None))
    for person in map(account_of, lookup(_page(enabled, STAFF.c.staff, after, most))):
        views = tuple(name for name, view in policy.views.items() if person.role in view.roles)
        given = (person.staff, person.name, person.role, person.created_by, person.settled_at)
        found.append(Access("staff", *given, due_at(settings, person.settled_at), person.confirmed_by, views))
    return sorted(found, key=lambda each: (each.settled_at, each.key))[:most]


def count_due(platform: Platform) -> int:
    """Return how many accesses wait to be confirmed."""
    now = datetime.now(UTC)
    before = timestamp(term_begins(platform.settings, now))
    apps = platform.door.count(APP, *_acting(timestamp(now)), _since(APP) <= before)
    return apps + platform.door.count(STAFF, STAFF.c.disabled_at.is_(None), _since(STAFF) <= before)


def confirm(platform: Platform, kind: Kind, name: str, *, principal: Principal, seen: str = "") -> Access:
    """Confirm that an app or somebody of staff still needs what it may see; the entry says what that is.

    Args:
        seen: the digest of the policy by which the officer saw what it is; empty for the one in force.

    Raises:
        NotFound: `unknown_app`, `unknown_staff`.
        Refused: `own_access`; `access_changed`: what it may see has changed since she looked.
    """
    in_force, now = platform.in_force(fresh=True), timestamp()
    found = _named(platform, kind, name)
    if found.is_own(principal.name):
        raise Refused("own_access", "nobody confirms what she has herself, or has given", hint="ask another officer")
    if seen and seen != in_force.policy.digest:
        raise Refused("access_changed", "the policy has changed since this page was shown", hint="look at it again")
    facts = {"of": found.principal, "key": found.key, "as": found.role, "views": list(found.views)}
    with platform.door.record(Entry("change", "access_confirmed", principal, in_force.versions, facts)) as change:
        mine = _mine(kind, found).values(confirmed_at=now, confirmed_by=principal.name)
        if change.conn.execute(mine).rowcount != 1:
            raise _unknown(kind)
    return found


def _named(platform: Platform, kind: Kind, name: str) -> Access:
    after = None
    while page := accesses(platform, after=after, most=1_000):
        for each in page:
            if each.kind == kind and name in (each.name, each.key):
                return each
        after = page[-1].settled_at, page[-1].key
    raise _unknown(kind)


def _mine(kind: Kind, access: Access) -> Update:
    if kind == "app":
        return update(APP).where(APP.c.client_id == access.key, APP.c.revoked_at.is_(None))
    return update(STAFF).where(STAFF.c.staff == access.key, STAFF.c.disabled_at.is_(None))


def _unknown(kind: Kind) -> NotFound:
    if kind == "app":
        return NotFound("unknown_app", "there is no such app", path="app", hint="`cdp app list` lists them")
    return NotFound("unknown_staff", "there is no such account", path="name", hint="`cdp staff list` has them")


def _page(wanted: Select[Any], key: Column[str], after: tuple[str, str] | None, most: int) -> Select[Any]:
    since = _since(key.table)
    if after:
        wanted = wanted.where(or_(since > after[0], (since == after[0]) & (key > after[1])))
    return wanted.order_by(since, key).limit(most)


def _acting(now: str) -> tuple[ColumnElement[bool], ...]:
    return APP.c.revoked_at.is_(None), or_(APP.c.expires_at.is_(None), APP.c.expires_at > now)


def _since(table: FromClause) -> ColumnElement[str]:
    return func.coalesce(table.c.confirmed_at, table.c.created_at)
