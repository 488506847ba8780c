"""Looking at grants: lists, which are about nobody; one grant with its customers, which is a disclosure; what waits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, and_, or_

from audit.entries import Entry, Principal, timestamp
from cdp.bootstrap import Platform
from cdp.services.breakglass.records import ACT, Grant, Over, grant_of, grants_query, load, people_of, unknown_grant
from cdp.services.breakglass.states import ASK_HOLDS, NOT_JUSTIFIED
from cdp.services.breakglass.work import ordinals_of
from cdp.store.opening import GRANT

PAGE: Final = 50
_G: Final = GRANT.c


@dataclass(frozen=True)
class Seen:
    """A grant with the customers that it is over; those who were erased since are not among them."""

    grant: Grant
    people: Sequence[Over]


UNJUSTIFIED_FOR: Final = timedelta(days=90)
"""So long one that was found not justified stands on the first page."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many wait: for a second person, and for their review; and how many were found not justified of late."""

    asked: int
    to_review: int
    unjustified: int


def asked_for(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Return what is true of a grant that waits for a second person."""
    return _G.decision.is_(None), _G.asked_at > timestamp(now - ASK_HOLDS)


def to_review(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Return what is true of a grant that waits for its review: it was used, and is over."""
    over = or_(_G.ended_at.is_not(None), _G.expires_at <= timestamp(now))
    return _G.reviewed_at.is_(None), _G.used_at.is_not(None), over


def running(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Return what is true of a grant that somebody may read by now."""
    return _G.decision == "grant", _G.ended_at.is_(None), _G.expires_at > timestamp(now)


def unjustified(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Return what is true of a grant whose review found, not long ago, that it was not justified."""
    return _G.verdict == NOT_JUSTIFIED, _G.reviewed_at > timestamp(now - UNJUSTIFIED_FOR)


SHOWN: Final = {"asked": asked_for, "running": running, "review": to_review, "unjustified": unjustified}


def waiting(platform: Platform, now: datetime) -> Waiting:
    """Count what waits."""
    count = platform.door.count
    return Waiting(*(count(GRANT, *which(now)) for which in (asked_for, to_review, unjustified)))


def list_grants(
    platform: Platform, *, shown: str = "", after: str = "", limit: int = PAGE, now: datetime | None = None
) -> list[Grant]:
    """Return grants, the newest first; they name no customer and say no reason.

    Args:
        shown: a name in `SHOWN`; all of them if it is empty.
        after: the grant after which to go on.

    Raises:
        NotFound: `unknown_grant`, for `after`.
    """
    wanted = grants_query().order_by(_G.asked_at.desc(), _G.grant_id.desc()).limit(limit)
    if shown:
        wanted = wanted.where(*SHOWN[shown](now or datetime.now(UTC)))
    if after:
        rows = platform.door.lookup(grants_query().with_only_columns(_G.asked_at).where(_G.grant_id == after))
        if not rows:
            raise unknown_grant()
        before = or_(_G.asked_at < rows[0][0], and_(_G.asked_at == rows[0][0], _G.grant_id < after))
        wanted = wanted.where(before)
    names = [column.name for column in GRANT.columns]
    return [grant_of(_Named(dict(zip(names, row, strict=True)))) for row in platform.door.lookup(wanted)]


def find_grant(platform: Platform, grant_id: str) -> Grant:
    """Return a grant, without whom it is over and why.

    Raises:
        NotFound: `unknown_grant`.
    """
    names = [column.name for column in GRANT.columns]
    for row in platform.door.lookup(grants_query().where(_G.grant_id == grant_id)):
        return grant_of(_Named(dict(zip(names, row, strict=True))))
    raise unknown_grant()


def read_grant(platform: Platform, grant_id: str, *, principal: Principal) -> Seen:
    """Return a grant with whom it is over and what was said; the look is on the log.

    Raises:
        NotFound: `unknown_grant`.
    """
    in_force = platform.in_force(fresh=True)
    facts = {"step": "look", "break_glass": grant_id}
    find_grant(platform, grant_id)  # what is no grant leaves no name of one on the log
    with platform.door.record(Entry("disclosure", ACT, principal, in_force.versions, facts)) as change:
        grant, people = load(change.conn, grant_id, locked=False), people_of(change.conn, platform.vault, grant_id)
        change.subjects += ordinals_of(change.conn, in_force, [each.customer_id for each in people])
    return Seen(grant, people)


class _Named:
    """A row of a lookup by its columns' names."""

    def __init__(self, values: dict[str, object]) -> None:
        self.__dict__.update(values)
