"""The reads of the last days under a draft, against what is in force now or what was when they were made.

1. that somebody replays is on the log before anything is looked at
2. the log is folded into kinds of reads, from its end back
3. each kind is decided twice
4. rows that come or go are counted in the store, through the door
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import inf
from typing import Final, Literal

from sqlalchemy import select

from audit.entries import Entry, Principal, timestamp
from cdp.bootstrap import InForce, Platform
from cdp.errors import BadInput
from cdp.services.apps.known import App, list_apps
from cdp.services.replay.rows import Counting, differing
from cdp.services.replay.verdict import Held, Line, lines_of
from cdp.services.replay.walk import Walked, walk
from cdp.store.platform import CATALOGUE_VERSION, POLICY_VERSION
from views.check import check_policy
from views.policy import Policy

MOST_DAYS: Final = 366
Against = Literal["now", "then"]


@dataclass(frozen=True, slots=True)
class Replayed:
    """The verdict.

    Attributes:
        since: from when on the log was looked at.
        looked: how many entries that were.
        reads: how many of them were reads, answered or refused.
        reached: the time of the oldest entry that was looked at, if there was more than is looked at; else empty.
        lines: what would have been different, by view and reader; the others are left out.
    """

    since: str
    against: Against
    looked: int
    reads: int
    reached: str
    lines: tuple[Line, ...]

    @property
    def widens(self) -> bool:
        """Whether any reader would have had more."""
        return any(line.widens for line in self.lines)


def replay(
    platform: Platform, policy: Policy, *, days: float, principal: Principal, against: Against = "now",
    seconds: float = inf,
) -> Replayed:  # fmt: skip
    """Replay the reads of the last days under a policy.

    Args:
        seconds: how long the log is looked through; what is older than `reached` then is in no number.

    Raises:
        Several: the policy does not fit the catalogue in force.
        BadInput: `bad_days`.
        Unavailable: the database or the log cannot serve.
    """
    if not 0 < days <= MOST_DAYS:
        raise BadInput("bad_days", f"a replay looks back 1 to {MOST_DAYS} days", path="days")
    in_force = platform.in_force(fresh=True)
    check_policy(in_force.catalogue, policy)
    facts = {"draft": policy.digest, "hours": round(days * 24), "against": against}
    number = platform.door.note(Entry("disclosure", "replay", principal, in_force.versions, {**facts, "step": "look"}))
    since, apps = timestamp(datetime.now(UTC) - timedelta(days=days)), list_apps(platform)
    purposes = {_name(app): app.purpose for app in apps}
    walked = walk(platform, since=since, end=number, purposes=purposes, seconds=seconds)
    lines = lines_of(
        walked.kinds.items(), then=_then(platform, walked), against=Held(in_force.catalogue, in_force.policy)
        if against == "now" else None, draft=Held(in_force.catalogue, policy),
        readable={_name(app): frozenset(app.views) for app in apps},
    )  # fmt: skip
    _count_rows(platform, in_force, lines, principal, facts)
    reads = sum(tally.reads for tally in walked.kinds.values())
    changed = tuple(line for line in lines if line.changes)
    return Replayed(since, against, walked.looked, reads, walked.reached if walked.cut else "", changed)


def _count_rows(
    platform: Platform, in_force: InForce, lines: list[Line], principal: Principal, facts: dict[str, object]
) -> None:
    pairs = differing(lines)
    if not pairs:
        return
    counting = Counting(in_force.catalogue, pairs, in_force.versions, facts)
    rows = [row for chunk in platform.door.disclose(counting, principal) for row in chunk]
    counted = dict(zip(pairs, rows, strict=True))
    for line in lines:
        found = [counted[pair] for pair in line.pairs if pair in counted]
        line.more = max((more for more, _ in found), default=0)
        line.fewer = max((fewer for _, fewer in found), default=0)


def _then(platform: Platform, walked: Walked) -> Mapping[tuple[str, str], Held]:
    """Return what reads were decided by, by the digests that their entries name."""
    digests = {(kind.catalogue, kind.policy) for kind in walked.kinds}
    c, p = CATALOGUE_VERSION.c, POLICY_VERSION.c
    catalogues = {row[0]: row[1] for row in platform.door.lookup(select(c.digest, c.version))}
    policies = {row[0]: row[1] for row in platform.door.lookup(select(p.digest, p.version))}
    return {
        (catalogue, policy): Held(platform.catalogue(catalogues[catalogue]), platform.policy(policies[policy]))
        for catalogue, policy in digests
        if catalogue in catalogues and policy in policies
    }


def _name(app: App) -> str:
    return app.principal.name
