"""What is kept of a proposal, and the lists of them. The table is about nobody.

INVARIANT: `digest` is over all that decides: the kind, the version that it was drafted over, and each byte of the text.
Whoever decides brings the digest of what was shown, and nothing else is decided.
"""

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Connection, Select, Update, select, update

from cdp.bootstrap import Platform
from cdp.errors import NotFound, Refused
from cdp.store.proposing import PROPOSAL
from cdp.store.versions import lock_force
from cdp.vault.vault import Vault

C: Final = PROPOSAL.c
PAGE: Final = 25


class State(StrEnum):
    """How far a proposal is."""

    DRAFT = "draft"
    WAITING = "waiting"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"
    REFUSED = "refused"


OPEN: Final = (State.DRAFT, State.WAITING)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A draft over a version.

    Attributes:
        base: the version in force that it was drafted over.
        author: the principal whose it is; nobody else changes it, and nobody else's word is the second one.
        decided_by: who published or refused it, or took it back.
        version: the version that it became.
        why: in the author's words.
        answer: in the words of who refused it.
    """

    number: int
    kind: str
    base: int
    text: str
    digest: str
    state: State
    author: str
    created_at: str
    changed_at: str
    decided_by: str | None
    version: int | None
    why: str
    answer: str

    @property
    def is_open(self) -> bool:
        """Whether something may still become of it."""
        return self.state in OPEN


def digest_of(kind: str, base: int, text: str) -> str:
    """Return the digest of what is decided about."""
    return hashlib.sha256(f"{kind}\0{base}\0{text}".encode()).hexdigest()


def find_proposal(platform: Platform, kind: str, number: int) -> Proposal:
    """Return a proposal.

    Raises:
        NotFound: `unknown_proposal`.
    """
    rows = platform.door.lookup(_query().where(C.kind == kind, C.number == number))
    if not rows:
        raise NotFound("unknown_proposal", "there is no such proposal", path="proposal")
    return _proposal(platform.vault, rows[0])


def list_proposals(
    platform: Platform, kind: str, states: tuple[State, ...] = tuple(State), *, below: int | None = None
) -> list[Proposal]:
    """Return at most `PAGE` proposals in some states, the newest first, from below a number on."""
    wanted = _query().where(C.kind == kind, C.state.in_(states)).order_by(C.number.desc()).limit(PAGE)
    if below is not None:
        wanted = wanted.where(C.number < below)
    return [_proposal(platform.vault, row) for row in platform.door.lookup(wanted)]


def proposals_of_versions(platform: Platform, kind: str, versions: list[int]) -> dict[int, Proposal]:
    """Return, for those of some versions that were proposed, the proposal that each was."""
    rows = platform.door.lookup(_query().where(C.kind == kind, C.version.in_(versions)))
    found = (_proposal(platform.vault, row) for row in rows)
    return {each.version: each for each in found if each.version is not None}


def locked_proposal(conn: Connection, vault: Vault, kind: str, number: int, *, seen: str) -> Proposal:
    """Return an open proposal that is still as it was shown, and hold it until the transaction ends.

    What is in force is locked before it, as a publication does: two locks taken in one order cannot deadlock.

    Raises:
        NotFound: `unknown_proposal`.
        Refused: `proposal_state`, `proposal_moved`.
    """
    lock_force(conn)
    row = conn.execute(_query().where(C.kind == kind, C.number == number).with_for_update()).one_or_none()
    if row is None:
        raise NotFound("unknown_proposal", "there is no such proposal", path="proposal")
    found = _proposal(vault, row)
    if not found.is_open:
        raise Refused("proposal_state", f"the proposal is {found.state} already", path="proposal")
    if found.digest != seen:
        hint = "look at it again, and decide about what stands there now"
        raise Refused("proposal_moved", "the proposal is not what was shown any more", path="seen", hint=hint)
    return found


def changing(number: int, **values: Any) -> Update:
    """Return the statement that changes a proposal."""
    return update(PROPOSAL).where(C.number == number).values(values)


def sealed(vault: Vault, number: int, column: str, text: str) -> bytes:
    """Return what an officer wrote, sealed for its column."""
    return vault.seal_note(f"proposal/{number}/{column}", text)


def _query() -> Select[Any]:
    return select(
        C.number, C.kind, C.base, C.text, C.digest, C.state, C.author, C.created_at, C.changed_at, C.decided_by,
        C.version, C.why, C.answer,
    )  # fmt: skip


def _proposal(vault: Vault, row: Any) -> Proposal:
    number, kind, base, text, digest, state, *said, why, answer = row
    words = (
        vault.unseal_note(f"proposal/{number}/{column}", bytes(blob)) if blob else ""
        for column, blob in (("why", why), ("answer", answer))
    )
    return Proposal(number, kind, base, text, digest, State(state), *said, *words)
