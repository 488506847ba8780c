"""What waits, and whether all is well: the numbers of the console's first page. They are about nobody."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import func, select

from audit.cosignature import cosigned
from audit.entries import parse_entry, timestamp
from audit.note import NoteError
from audit.stored_checkpoint import newest_query
from cdp.bootstrap import Platform
from cdp.services.breakglass.look import waiting as waiting_grants
from cdp.services.canaries.alarms import count_open, standing
from cdp.services.confirm_access import count_due
from cdp.services.corrections.records import PROPOSED
from cdp.services.identity.links import PENDING
from cdp.services.latency.proof import Proof, last_proof
from cdp.services.proposals.records import State
from cdp.services.recipients.compare import known_recipients
from cdp.services.requests.states import OPEN
from cdp.services.watching.rising import Rise, refusals
from cdp.store.arriving import QUARANTINE, UNDECLARED
from cdp.store.asking import CORRECTION, REQUEST
from cdp.store.people import ERASURE, LINK
from cdp.store.platform import LOG_CHECKPOINT, LOG_ENTRY
from cdp.store.proposing import PROPOSAL

OLD: Final = timedelta(minutes=5)
"""So long an entry may wait for a signature before something is wrong: one is made every second."""


@dataclass(frozen=True, slots=True)
class LogHealth:
    """How the log stands: how many entries, how many signed for and when, and how many witnesses cosigned that.

    `unsigned_since` is when the oldest entry was written that nobody has signed for yet.
    """

    entries: int
    signed: int
    signed_at: str | None
    unsigned_since: str | None
    witnesses: int
    cosigned: int
    fault: str

    def is_well(self, now: datetime) -> bool:
        """Return whether what is on the log is signed for, or was written a moment ago."""
        if self.fault:
            return False
        return self.unsigned_since is None or now - datetime.fromisoformat(self.unsigned_since) < OLD


@dataclass(frozen=True, slots=True)
class Today:
    """What waits."""

    at: datetime
    log: LogHealth
    requests: int
    requests_late: int
    corrections: int
    links: int
    undeclared: int
    proposals: int
    catalogue_proposals: int
    quarantined: int
    erasures: int
    break_glass_asked: int
    break_glass_to_review: int
    break_glass_unjustified: int
    accesses: int
    recipients: int
    alarms: int
    canaries: int
    looked_at: str | None
    latency: Proof | None
    refused: tuple[Rise, ...]

    @property
    def rose(self) -> list[Rise]:
        """What was refused in the last week much more often than in the one before."""
        return [each for each in self.refused if each.rose]

    @property
    def waiting(self) -> int:
        """Return how much waits for a person."""
        glass = self.break_glass_asked + self.break_glass_to_review
        decided = self.requests + self.corrections + self.links + self.undeclared
        return decided + glass + self.accesses + self.recipients + self.proposals + self.catalogue_proposals

    @property
    def is_well(self) -> bool:
        """Return whether nothing is wrong."""
        return self.log.is_well(self.at) and not (self.requests_late or self.erasures or self.alarms)


def today(platform: Platform) -> Today:
    """Count what waits."""
    now, count, request = datetime.now(UTC), platform.door.count, REQUEST.c
    glass = waiting_grants(platform, now)
    waiting = request.state.in_([str(each) for each in OPEN])
    return Today(
        at=now,
        log=_log(platform),
        requests=count(REQUEST, waiting),
        requests_late=count(REQUEST, waiting, request.due_at != "", request.due_at < timestamp(now)),
        corrections=count(CORRECTION, CORRECTION.c.state == PROPOSED),
        links=count(LINK, LINK.c.state == PENDING),
        undeclared=count(UNDECLARED),
        proposals=count(PROPOSAL, PROPOSAL.c.kind == "policy", PROPOSAL.c.state == State.WAITING),
        catalogue_proposals=count(PROPOSAL, PROPOSAL.c.kind == "catalogue", PROPOSAL.c.state == State.WAITING),
        quarantined=count(QUARANTINE),
        erasures=count(ERASURE, ERASURE.c.finished_at.is_(None)),
        break_glass_asked=glass.asked,
        break_glass_to_review=glass.to_review,
        break_glass_unjustified=glass.unjustified,
        accesses=count_due(platform),
        alarms=count_open(platform),
        canaries=standing(platform)[0],
        looked_at=standing(platform)[1],
        recipients=sum(each.is_amiss for each in known_recipients(platform).values()),
        latency=last_proof(platform),
        refused=tuple(refusals(platform, now=now)),
    )


def _log(platform: Platform) -> LogHealth:
    lookup, state = platform.door.lookup, platform.keeper.state
    ((last,),) = lookup(select(func.max(LOG_ENTRY.c.number)))
    ((size, at),) = lookup(select(func.max(LOG_CHECKPOINT.c.size), func.max(LOG_CHECKPOINT.c.signed_at)))
    entries = 0 if last is None else int(last) + 1
    unsigned = lookup(select(LOG_ENTRY.c.entry).where(LOG_ENTRY.c.number == (size or 0)))
    since = str(parse_entry(bytes(unsigned[0][0]))["at"]) if unsigned else None
    return LogHealth(entries, size or 0, at, since, len(platform.keeper.witnesses), _cosigned(platform), state.fault)


def _cosigned(platform: Platform) -> int:
    """Return how many of the witnesses cosigned the newest checkpoint; one that does not hold counts for nothing."""
    rows = platform.door.lookup(newest_query()) if platform.keeper.witnesses else []
    try:
        return len(cosigned(bytes(rows[0][0]), platform.keeper.witnesses)) if rows else 0
    except NoteError:
        return 0
