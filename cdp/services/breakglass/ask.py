"""Asking for it: over whom, for how long, and why; what may be asked for the policy says."""

import hashlib
import secrets
import uuid
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import Connection, select

from audit.door import Change
from audit.entries import Entry
from cdp.bootstrap import InForce, Platform
from cdp.errors import BadInput, NotFound, Refused
from cdp.services.breakglass.records import ACT, REASON, Grant, add, moment, put
from cdp.services.breakglass.states import Course
from cdp.services.breakglass.work import refusal, require_none_of
from cdp.services.customers import find_customer
from cdp.services.requests.file import check_text
from cdp.services.requests.officer import Officer
from cdp.services.staff.accounts import Account
from cdp.store.lookup import lock_customers
from cdp.store.opening import GRANT
from views.policy import Policy
from views.request import MAX_REASON

MOST_CUSTOMERS: Final = 5
"""Over so many at once; who needs more needs a view."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asks for.

    Attributes:
        customers: whom, each by id or identifier.
        form: names the form that it came by; the same form sent again asks for nothing new.
    """

    customers: Sequence[str]
    minutes: int
    reason: str
    form: str = ""


class _Before(Exception):
    """It was asked for by the same form before."""


def views_for(policy: Policy, role: str) -> tuple[str, ...]:
    """Return the views that a role may ask for. INVARIANT: those that say so, and no other."""
    return tuple(name for name, view in policy.views.items() if role in view.break_glass)


def ask(platform: Platform, account: Account, asked: Asked, *, officer: Officer, now: datetime | None = None) -> str:
    """Ask for break-glass; return the id of what was asked for.

    Raises:
        BadInput: `bad_duration`, `bad_customers`, `text_needed`, `bad_text`.
        NotFound: `unknown_customer`.
        Refused: `not_permitted`, where the policy declares none for this role; `own_request`.
    """
    in_force = platform.in_force(fresh=True)
    grant_id = str(uuid.uuid4())
    facts = {"step": "ask", "break_glass": grant_id, "minutes": asked.minutes}
    entry = Entry("change", ACT, account.principal, in_force.versions, facts, reason=asked.reason)
    try:
        _check(platform, in_force, account, asked)
        with suppress(_Before), platform.door.record(entry) as change:
            form = _form(platform, asked.form)
            before = _asked_before(change.conn, account, form)
            if before is not None:
                grant_id = before
                raise _Before
            people = _named(change, platform, in_force, asked.customers)
            require_none_of(change.conn, sorted(people), officer)
            course = Course(account.principal.name, moment(change.conn, now or datetime.now(UTC)), asked.minutes)
            views = views_for(in_force.policy, account.role)
            add(change.conn, Grant(grant_id, 1, account.staff, account.role, views, len(people), course), form=form)
            for customer_id, key in people.items():
                put(change.conn, grant_id, customer_id, {REASON: asked.reason}, key=key)
    except (Refused, NotFound) as error:
        platform.door.note(refusal(error, account.principal, in_force))
        raise
    return grant_id


def _named(change: Change, platform: Platform, in_force: InForce, names: Sequence[str]) -> dict[str, bytes]:
    """Return the customers who are named, locked, with their keys."""
    found = [find_customer(change.conn, in_force, platform.vault, name) for name in names]
    ids = sorted({each.customer_id for each in found})
    there, keys = lock_customers(change.conn, in_force.catalogue, ids), platform.vault.keys(ids)
    if len(there) != len(ids) or len(keys) != len(ids):  # one is being erased
        raise NotFound("unknown_customer", "there is no such customer", path="customer")
    change.subjects += sorted({each.ordinal for each in found})
    return {each: keys[each] for each in ids}


def _check(platform: Platform, in_force: InForce, account: Account, asked: Asked) -> None:
    if not views_for(in_force.policy, account.role):
        hint = "a full view of the policy names the role under `break_glass`"
        raise Refused("not_permitted", "the policy declares no break-glass for this role", path="role", hint=hint)
    most = platform.settings.break_glass_minutes
    if not 1 <= asked.minutes <= most:
        message = f"it lasts from one minute to {most}"
        raise BadInput("bad_duration", message, path="minutes", hint="CDP_BREAK_GLASS_MINUTES bounds it")
    if not 1 <= len(set(asked.customers)) <= MOST_CUSTOMERS:
        raise BadInput("bad_customers", f"it is over one customer, or up to {MOST_CUSTOMERS}", path="customer")
    check_words(asked.reason, path="reason")


def check_words(text: str, *, path: str) -> None:
    """Do nothing if these words may stand as a reason on the log.

    Raises:
        BadInput: `text_needed`, `bad_text`.
    """
    check_text(text, needed=True, path=path)
    if len(text) > MAX_REASON:
        raise BadInput("bad_text", f"a reason has at most {MAX_REASON:,} characters", path=path)


def _asked_before(conn: Connection, account: Account, form: str) -> str | None:
    mine = select(GRANT.c.grant_id).where(GRANT.c.asked_by == account.principal.name, GRANT.c.form == form)
    return conn.execute(mine).scalar_one_or_none()


def _form(platform: Platform, form: str) -> str:
    """Return what is kept of the token of a form: a keyed digest."""
    secret = platform.vault.platform_key(ACT)
    return hashlib.blake2b((form or secrets.token_hex(16)).encode(), key=secret, digest_size=16).hexdigest()
