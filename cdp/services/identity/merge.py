"""Merging two customers on purpose, and taking it back."""

from audit.entries import Entry, Principal
from cdp.bootstrap import Platform
from cdp.errors import Refused
from cdp.services.customers import find_customer
from cdp.services.identity import merging
from cdp.services.identity.merging import Merged

ON_WORD = "staff"
"""The cause of a merge that somebody decided."""


def merge_customers(
    platform: Platform, survivor: str, absorbed: str, *, principal: Principal, reason: str
) -> Merged:  # fmt: skip
    """Make the second customer a part of the first; each is named by id or identifier.

    Raises:
        Refused: `reason_needed`, `merge_same`, `merge_capped`.
        NotFound: `unknown_customer`.
    """
    if not reason.strip():
        raise Refused("reason_needed", "a merge needs a reason", path="reason", hint="say it with `--reason`")
    in_force = platform.in_force(fresh=True)
    entry = Entry("change", "merge", principal, in_force.versions, {"cause": ON_WORD}, reason=reason)
    with platform.door.record(entry) as change:
        first, second = (
            find_customer(change.conn, in_force, platform.vault, name).customer_id for name in (survivor, absorbed)
        )
        done = merging.merge(
            change, in_force, platform.vault, first, second, principal=principal, cause=ON_WORD
        )  # fmt: skip
        change.facts["merge"] = done.merge_id
    return done


def unmerge_customers(platform: Platform, merge_id: str, *, principal: Principal, reason: str = "") -> Merged:
    """Take a merge back.

    Raises:
        NotFound: `unknown_merge`.
        Refused: `merge_nested`.
    """
    in_force = platform.in_force(fresh=True)
    with platform.door.record(Entry("change", "unmerge", principal, in_force.versions, reason=reason)) as change:
        done = merging.unmerge(change, in_force, platform.vault, merge_id)
        change.facts["merge"] = done.merge_id
    return done


def merges_of(platform: Platform, customer: str, *, principal: Principal) -> list[Merged]:
    """Return the merges of a customer that stand.

    Raises:
        NotFound: `unknown_customer`.
    """
    in_force = platform.in_force(fresh=True)
    with platform.door.record(Entry("disclosure", "read_merges", principal, in_force.versions)) as change:
        found = find_customer(change.conn, in_force, platform.vault, customer)
        change.subjects.append(found.ordinal)
        return merging.standing(change.conn, found.customer_id)
