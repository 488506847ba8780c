"""Ways into the demo that is being served: a link for one of the invented people, and an app with its secret."""

import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from audit.entries import Entry, Principal, timestamp
from cdp.bootstrap import Platform
from cdp.errors import NotFound
from cdp.services.apps.register import Registered, register_app
from cdp.services.apps.revoke import revoke_app
from cdp.services.customers import find_customer
from cdp.services.demo.people import SHOWN
from cdp.services.sign_in.holders import seal_holder, secret_hash
from cdp.services.sign_in.links import ANY_BROWSER
from cdp.store.bulk import insert_rows
from cdp.store.sign_in import SIGN_IN_LINK

APP: Final = "demo-newsletter"
VIEW: Final = "newsletter"
LASTS: Final = timedelta(hours=12)


@dataclass(frozen=True)
class SignIns:
    """The secret of the link, whose it is, and the app."""

    link: str
    address: str
    app: Registered


def sign_ins(platform: Platform, *, principal: Principal) -> SignIns:
    """Make both, in place of those that an earlier demo had."""
    with suppress(NotFound):
        revoke_app(platform, APP, principal=principal)
    return SignIns(_link(platform, principal), SHOWN[0], register_app(platform, APP, [VIEW], principal=principal))


def _link(platform: Platform, principal: Principal) -> str:
    secret, now = secrets.token_urlsafe(32), datetime.now(UTC)
    in_force = platform.in_force(fresh=True)
    with platform.door.record(Entry("change", "ask_sign_in", principal, in_force.versions)) as change:
        found = find_customer(change.conn, in_force, platform.vault, f"email:{SHOWN[0]}")
        row = secret_hash(secret)
        holder = seal_holder(platform.vault, row, found.customer_id)
        times = [timestamp(now), timestamp(now + LASTS), None]
        insert_rows(change.conn, SIGN_IN_LINK, [[row, ANY_BROWSER, holder, "demo", *times]])
        change.subjects.append(found.ordinal)
    return secret
