"""Registering an app: its views, the role and the purpose that they agree in, and a secret that is shown once."""

import hashlib
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import insert, select

from audit.entries import Entry, Principal, timestamp
from cdp.bootstrap import InForce, Platform
from cdp.catalogue.document import nearest
from cdp.errors import BadInput, NotFound, Refused
from cdp.services.apps.known import App
from cdp.services.provenance.declare import Declaration, declared, set_of
from cdp.store.platform import APP
from views.policy import View

NAME: Final = re.compile(r"[a-z][a-z0-9_-]{0,47}")
SECRET_PREFIX: Final = "cdp_secret_"  # noqa: S105 -- how a secret begins, so that scanners find one that leaked
ID_PREFIX: Final = "app_"
MAX_VIEWS: Final = 100


@dataclass(frozen=True, slots=True)
class Registered:
    """A new app and its secret, which is kept nowhere."""

    app: App
    secret: str


def digest_of(secret: str) -> bytes:
    """Return what is kept of a secret.

    SHA-256, without salt or stretching: a secret is 256 random bits, so that there is nothing to guess, and a request
    for a token costs no 64 MiB of memory (decision 24).
    """
    return hashlib.sha256(secret.encode()).digest()


def register_app(
    platform: Platform,
    name: str,
    views: Sequence[str],
    *,
    principal: Principal,
    role: str = "",
    expires: datetime | None = None,
    declaration: Declaration | None = None,
) -> Registered:
    """Register an app for views of one purpose, in a role that all of them are for.

    Args:
        role: which role, when the views have several in common.
        expires: until when the app may act.
        declaration: what it writes is collected for.

    Raises:
        BadInput: `bad_app_name`, `app_views_differ`, `app_role_unclear`, `app_expired`, `own_purpose_missing`; as
            `cdp.services.provenance.declare.declared`.
        NotFound: `unknown_view`.
        Refused: `app_exists`.
    """
    if not NAME.fullmatch(name):
        raise BadInput("bad_app_name", "an app is named in lower-case letters, digits, `-` and `_`", path="name")
    now, until = timestamp(), until_of(expires)
    in_force = platform.in_force(fresh=True)
    chosen = _views(in_force, views)
    app = App(
        ID_PREFIX + secrets.token_hex(12), name, _role(chosen, role), chosen[0].purpose,
        tuple(view.name for view in chosen), now, principal.name, until, None,
        provenance=_provenance(platform, in_force, declaration, chosen[0].purpose, principal),
    )  # fmt: skip
    secret = new_secret()
    facts: dict[str, Any] = {
        "app": app.client_id,
        "name": name,
        "views": list(app.views),
        "purpose": app.purpose,
        "as": app.role,
    }
    if app.provenance is not None:
        facts["provenance"] = app.provenance
    with platform.door.record(Entry("change", "app_added", principal, in_force.versions, facts)) as change:
        taken = select(APP.c.client_id).where(APP.c.name == name, APP.c.revoked_at.is_(None))
        if change.conn.execute(taken).first():
            hint = f"revoke it first: `cdp app revoke {name}`"
            raise Refused("app_exists", "there is an app of this name", path="name", hint=hint)
        row = {column.name: getattr(app, column.name) for column in APP.c if column.name not in ("secret", "views")}
        change.conn.execute(insert(APP).values(**row, views=",".join(app.views), secret=digest_of(secret)))
    return Registered(app, secret)


def until_of(expires: datetime | None) -> str | None:
    """Return until when an app may act, as it is written.

    Raises:
        BadInput: `app_expired`.
    """
    until = timestamp(expires) if expires else None
    if until is not None and until <= timestamp():
        raise BadInput("app_expired", "the app would be over before it began", path="expires")
    return until


def new_secret() -> str:
    """Return a new secret of an app."""
    return SECRET_PREFIX + secrets.token_urlsafe(32)


def _provenance(
    platform: Platform, in_force: InForce, said: Declaration | None, purpose: str, principal: Principal
) -> int | None:
    """Return the set of what an app declares: it has to be able to read what it writes, or no write goes through."""
    if said is None:
        return None
    wanted = declared(in_force, said)
    if purpose not in wanted.purposes and not in_force.policy.purposes[purpose].is_owed:
        hint = f"declare `{purpose}`, too"
        raise BadInput("own_purpose_missing", "an app collects for its own purpose at least", path="purpose", hint=hint)
    return set_of(platform, wanted, principal=principal)


def _views(in_force: InForce, names: Sequence[str]) -> list[View]:
    known = in_force.policy.views
    for name in names:
        if name not in known:
            raise NotFound("unknown_view", "there is no such view", path="view", hint=nearest(name, known))
    chosen = [known[name] for name in dict.fromkeys(names)]
    purposes = sorted({view.purpose for view in chosen})
    if len(purposes) != 1 or len(chosen) > MAX_VIEWS:
        hint = f"register an app for each of {', '.join(purposes)}" if purposes else "name a view"
        raise BadInput("app_views_differ", "an app reads views of one purpose", path="view", hint=hint)
    return chosen


def _role(views: Sequence[View], asked: str) -> str:
    shared = [role for role in views[0].roles if all(role in view.roles for view in views)]
    if asked in shared:
        return asked
    if len(shared) == 1 and not asked:
        return shared[0]
    hint = f"name one of {', '.join(shared)}" if shared else "register an app for each role"
    raise BadInput("app_role_unclear", "an app acts in one role, which all its views are for", path="role", hint=hint)
