"""Renewing an app: a new secret, and a new day on which it is over. The old secret and its tokens are over at once."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import update

from audit.entries import Entry, Principal
from cdp.bootstrap import Platform
from cdp.errors import NotFound
from cdp.services.apps.known import named_app
from cdp.services.apps.register import Registered, digest_of, new_secret, until_of
from cdp.store.platform import APP


def renew_app(platform: Platform, app: str, *, principal: Principal, expires: datetime | None = None) -> Registered:
    """Give an app a new secret, by its name or its client id; without `expires` it is over no more.

    What it reads stays as it is, and so does whoever confirmed that: a new secret is no new look at it.

    Raises:
        NotFound: `unknown_app`.
        BadInput: `app_expired`.
    """
    found, secret, until = named_app(platform, app), new_secret(), until_of(expires)
    versions = platform.in_force(fresh=True).versions
    facts = {"app": found.client_id, "until": until}
    with platform.door.record(Entry("change", "app_renewed", principal, versions, facts)) as change:
        mine = update(APP).where(APP.c.client_id == found.client_id, APP.c.revoked_at.is_(None))
        values = {"secret": digest_of(secret), "expires_at": until, "renewed": APP.c.renewed + 1}
        if change.conn.execute(mine.values(values)).rowcount != 1:
            raise NotFound("unknown_app", "there is no such app", path="app", hint="`cdp app list` lists them")
    return Registered(replace(found, expires_at=until, renewed=found.renewed + 1), secret)
