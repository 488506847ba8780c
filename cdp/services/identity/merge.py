"""Merging two customers on purpose, and taking it back."""

import re
from dataclasses import dataclass
from typing import Final

from sqlalchemy import and_, or_, select

from audit.entries import Entry, Principal
from cdp.bootstrap import Platform
from cdp.errors import BadInput, Refused
from cdp.services.customers import find_customer
from cdp.services.identity import merging
from cdp.services.identity.decide import deciding, require_others
from cdp.services.identity.merging import Merged
from cdp.store.lookup import find_ordinals
from cdp.store.people import MERGE

ON_WORD = "staff"
"""The cause of a merge that somebody decided."""

PAGE: Final = 50
_M: Final = MERGE.c
_AFTER: Final = re.compile(r"([0-9T:.+-]{1,40})~([0-9a-f-]{36})")


@dataclass(frozen=True, slots=True)
class Standing:
    """A merge that stands, with who decided it and when."""

    merge_id: str
    survivor: str
    absorbed: str
    cause: str
    actor: str
    merged_at: str


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
    with deciding(platform, entry) as change:
        first, second = (
            find_customer(change.conn, in_force, platform.vault, name).customer_id for name in (survivor, absorbed)
        )
        done = merging.merge(
            change, in_force, platform.vault, first, second, principal=principal, cause=ON_WORD
        )  # fmt: skip
        change.facts["merge"] = done.merge_id
    return done


def unmerge_customers(
    platform: Platform, merge_id: str, *, principal: Principal, reason: str = "", own: str | None = None
) -> Merged:  # fmt: skip
    """Take a merge back.

    Args:
        own: the customer that the officer is herself, if she is one.

    Raises:
        NotFound: `unknown_merge`.
        Refused: `merge_nested`, `own_act`.
    """
    in_force = platform.in_force(fresh=True)
    with deciding(platform, Entry("change", "unmerge", principal, in_force.versions, reason=reason)) as change:
        done = merging.unmerge(change, in_force, platform.vault, merge_id)
        require_others(change.conn, [done.survivor, done.absorbed], own)
        change.facts["merge"] = done.merge_id
    return done


def list_merges(
    platform: Platform, *, principal: Principal, after: str = "", limit: int = PAGE
) -> tuple[list[Standing], str]:  # fmt: skip
    """Return merges that stand, the newest first, a page at a time; and where the next page begins, or empty.

    Raises:
        BadInput: `bad_cursor`.
    """
    in_force, begin = platform.in_force(), _AFTER.fullmatch(after)
    if after and begin is None:
        raise BadInput("bad_cursor", "there is no page that begins so", path="after")
    wanted = select(_M.merge_id, _M.customer_id, _M.absorbed, _M.cause, _M.actor, _M.merged_at)
    wanted = wanted.where(_M.undone_at.is_(None)).limit(limit + 1)
    wanted = wanted.order_by(_M.undone_at.desc(), _M.merged_at.desc(), _M.merge_id.desc())
    if begin is not None:
        at, merge_id = begin.groups()
        wanted = wanted.where(or_(_M.merged_at < at, and_(_M.merged_at == at, _M.merge_id < merge_id)))
    with platform.door.record(Entry("disclosure", "read_merges", principal, in_force.versions)) as change:
        found = [Standing(*row) for row in change.conn.execute(wanted)]
        shown = found[:limit]
        change.subjects += find_ordinals(change.conn, in_force.catalogue, sorted({each.survivor for each in shown}))
    return shown, f"{shown[-1].merged_at}~{shown[-1].merge_id}" if len(found) > limit else ""


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
