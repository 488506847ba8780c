"""Every version of the policy: who, when, and why, where it was proposed."""

from dataclasses import dataclass

from sqlalchemy import select

from cdp.bootstrap import Platform
from cdp.errors import NotFound
from cdp.services.proposals.policies import PolicyDocument
from cdp.services.proposals.records import PAGE, Proposal, proposals_of_versions
from cdp.store.platform import POLICY_VERSION


@dataclass(frozen=True, slots=True)
class Version:
    """A version: who brought it into force and when; `proposal` is what it was before, unless it came from a file."""

    number: int
    author: str
    at: str
    proposal: Proposal | None


def policy_versions(platform: Platform, *, below: int | None = None) -> list[Version]:
    """Return at most `PAGE` versions, the newest first, from below a number on."""
    c = POLICY_VERSION.c
    wanted = select(c.version, c.author, c.created_at).order_by(c.version.desc()).limit(PAGE)
    rows = platform.door.lookup(wanted if below is None else wanted.where(c.version < below))
    proposed = proposals_of_versions(platform, PolicyDocument.kind, [row[0] for row in rows])
    return [Version(number, author, at, proposed.get(number)) for number, author, at in rows]


def find_version(platform: Platform, number: int) -> Version:
    """Return a version.

    Raises:
        NotFound: `not_found`.
    """
    found = policy_versions(platform, below=number + 1)
    if not found or found[0].number != number:
        raise NotFound("not_found", "there is no such version", path="version")
    return found[0]
