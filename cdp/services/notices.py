"""Notices to past recipients: who is to be told of a correction, and who was."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import orjson
from sqlalchemy import select, update

from audit.entries import Entry, Principal, timestamp
from cdp.bootstrap import Platform
from cdp.errors import NotFound
from cdp.store.asking import NOTICE
from cdp.store.lookup import find_ordinals

ACT: Final = "recipient_notices"
_N: Final = NOTICE.c


@dataclass(frozen=True, slots=True)
class Notice:
    """That a recipient is to be told of something about a customer.

    Attributes:
        fields: which fields, as `entity.field`.
        entry: the entry of the log by which the recipient last got one of them.
    """

    notice_id: str
    customer_id: str
    request_id: str
    recipient: str
    cause: str
    fields: Sequence[str]
    entry: int
    created_at: str
    told_at: str | None
    told_by: str | None


def list_notices(
    platform: Platform,
    *,
    principal: Principal,
    recipient: str | None = None,
    everything: bool = False,
    limit: int = 500,
) -> list[Notice]:
    """Return notices, the oldest first; without `everything`, those of which nobody was told yet."""
    in_force = platform.in_force()
    wanted = select(NOTICE).order_by(_N.created_at, _N.notice_id).limit(limit)
    if recipient is not None:
        wanted = wanted.where(_N.recipient == recipient)
    if not everything:
        wanted = wanted.where(_N.told_at.is_(None))
    with platform.door.record(Entry("disclosure", ACT, principal, in_force.versions)) as change:
        rows = change.conn.execute(wanted).mappings().all()
        ids = sorted({row["customer_id"] for row in rows})
        change.subjects += find_ordinals(change.conn, in_force.catalogue, ids)
    return [Notice(**{**row, "fields": tuple(orjson.loads(row["fields"]))}) for row in rows]


def mark_told(platform: Platform, notice_ids: Sequence[str], *, principal: Principal) -> int:
    """Note that recipients were told; return how many notices that is. One that was noted before stays as it is.

    Raises:
        NotFound: `unknown_notice`; nothing is noted then.
    """
    in_force, done = platform.in_force(), 0
    with platform.door.record(Entry("change", ACT, principal, in_force.versions)) as change:
        for notice_id in notice_ids:
            row = change.conn.execute(select(_N.customer_id).where(_N.notice_id == notice_id)).one_or_none()
            if row is None:
                message = "there is no such notice"
                raise NotFound("unknown_notice", message, path="notice", hint="see `cdp recipient notices`")
            mine = update(NOTICE).where(_N.customer_id == row.customer_id, _N.notice_id == notice_id)
            told = change.conn.execute(
                mine.where(_N.told_at.is_(None)).values(told_at=timestamp(), told_by=principal.name)
            )  # fmt: skip
            done += told.rowcount
            change.subjects += find_ordinals(change.conn, in_force.catalogue, [row.customer_id])
        change.facts["notices"] = done
    return done
