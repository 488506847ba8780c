"""An account as an officer who decides about requests of customers, one of whom may be herself.

Attacks, "Authority": self-approval. Staff are often customers, too; who bears the address of the account as a verified
identifier is her, and nobody decides about a request of his own (`cdp.services.requests.officer`).
"""

from typing import Final

from audit.entries import Entry
from cdp.bootstrap import Platform
from cdp.errors import NotFound
from cdp.services.requests.officer import Officer
from cdp.services.staff.accounts import Account, address_of, list_accounts
from cdp.services.staff.permissions import Permission
from cdp.store.lookup import find_by_tokens, find_ordinals
from cdp.terms import CUSTOMER

KIND: Final = "email"


def as_officer(platform: Platform, account: Account) -> Officer:
    """Return who decides, with the customer that she is herself, if she is one."""
    token = platform.vault.blind.token(CUSTOMER, KIND, address_of(platform, account))
    if token is None:
        return Officer(account.principal)
    in_force = platform.in_force()
    with platform.door.record(Entry("disclosure", "own_customer", account.principal, in_force.versions)) as change:
        found = find_by_tokens(change.conn, CUSTOMER, KIND, [token.hex()]).get(token.hex())
        customer_id = found.customer_id if found else None
        change.subjects += find_ordinals(change.conn, in_force.catalogue, [customer_id] if customer_id else [])
    return Officer(account.principal, customer_id)


def deciding(platform: Platform) -> list[Account]:
    """Return the accounts that requests can be given to, by name."""
    return [
        each for each in list_accounts(platform)
        if each.disabled_at is None and each.may(Permission.REQUESTS_DECIDE)
    ]  # fmt: skip


def named_officer(platform: Platform, name: str) -> Officer:
    """Return the officer of a name that requests can be given to.

    Raises:
        NotFound: `unknown_staff`.
    """
    for each in deciding(platform):
        if each.name == name:
            return as_officer(platform, each)
    hint = "`cdp staff list` has the names; the role has to decide about requests"
    raise NotFound("unknown_staff", "there is no such account that decides about requests", path="name", hint=hint)
