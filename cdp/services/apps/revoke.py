"""Revoking an app. Its tokens are looked up with each request, so they are over with it at once."""

from sqlalchemy import update

from audit.entries import Entry, Principal, timestamp
from cdp.bootstrap import Platform
from cdp.services.apps.known import named_app
from cdp.store.platform import APP


def revoke_app(platform: Platform, app: str, *, principal: Principal) -> str:
    """Revoke an app by its name or its client id; return its client id.

    Raises:
        NotFound: `unknown_app`, also when it is revoked already.
    """
    client_id = named_app(platform, app).client_id
    versions = platform.in_force(fresh=True).versions
    with platform.door.record(Entry("change", "app_revoked", principal, versions, {"app": client_id})) as change:
        over = update(APP).where(APP.c.client_id == client_id, APP.c.revoked_at.is_(None))
        change.conn.execute(over.values(revoked_at=timestamp()))
    return client_id
