"""Beginning a draft, and saving it. A draft may be faulty: nothing that somebody typed is lost.

What keeps two officers from undoing each other's work: a draft is its author's alone, and knows the version that it was
drafted over. Saving brings the digest of what was opened, so that two windows do not undo each other either.
"""

from typing import Any

from sqlalchemy import func, insert, select

from audit.entries import Entry, Principal, timestamp
from cdp.bootstrap import Platform
from cdp.errors import BadInput, Refused
from cdp.services.proposals.kinds import Document, checked_text, checked_words
from cdp.services.proposals.records import (
    C,
    Proposal,
    State,
    changing,
    digest_of,
    find_proposal,
    locked_proposal,
    sealed,
)
from cdp.store.proposing import PROPOSAL
from cdp.store.versions import lock_force

ACT = "propose"


def begin_draft(
    platform: Platform, document: Document, text: str, *, base: int, why: str, principal: Principal
) -> Proposal:
    """Begin a draft over a version.

    Raises:
        BadInput: `proposal_too_long`, `unknown_version`.
    """
    text, why = checked_text(text), checked_words(why, "why")
    _require_version(platform, document, base)
    digest, kind, at = digest_of(document.kind, base, text), document.kind, timestamp()
    with platform.door.record(entry_of(principal, kind, "draft")) as change:
        lock_force(change.conn)  # numbers are given one after the other
        number = int(change.conn.execute(select(func.max(C.number))).scalar_one() or 0) + 1
        values = {
            "number": number, "kind": kind, "base": base, "text": text, "digest": digest, "state": State.DRAFT,
            "author": principal.name, "created_at": at, "changed_at": at,
            "why": sealed(platform.vault, number, "why", why), "answer": b"",
        }  # fmt: skip
        change.conn.execute(insert(PROPOSAL).values(values))
        change.facts |= {"proposal": number, "base": base, "digest": digest}
    return find_proposal(platform, kind, number)


def save_draft(
    platform: Platform, document: Document, number: int, text: str, *, base: int, why: str, seen: str,
    principal: Principal,
) -> Proposal:  # fmt: skip
    """Save a draft anew; only its author does, and only while nobody was asked.

    Args:
        base: the version that it is over now: an older one, or the one in force once she has seen what is new there.
        seen: the digest of the draft as it was opened.

    Raises:
        NotFound: `unknown_proposal`.
        Refused: `not_yours`, `proposal_state`, `proposal_moved`.
        BadInput: `proposal_too_long`, `unknown_version`.
    """
    text, why = checked_text(text), checked_words(why, "why")
    _require_version(platform, document, base)
    with platform.door.record(entry_of(principal, document.kind, "save")) as change:
        found = locked_proposal(change.conn, platform.vault, document.kind, number, seen=seen)
        require_author(found, principal)
        if found.state is not State.DRAFT:
            hint = "withdraw it, and begin another draft with its text"
            raise Refused("proposal_state", "somebody was asked about it already", path="proposal", hint=hint)
        digest = digest_of(document.kind, base, text)
        values: dict[str, Any] = {"base": base, "text": text, "digest": digest, "changed_at": timestamp()}
        values["why"] = sealed(platform.vault, number, "why", why)
        change.conn.execute(changing(number, **values))
        change.facts |= {"proposal": number, "base": base, "digest": digest}
    return find_proposal(platform, document.kind, number)


def entry_of(principal: Principal, kind: str, step: str) -> Entry:
    """Return the entry of a step; nothing that is in force decides it."""
    return Entry("change", ACT, principal, None, {"kind": kind, "step": step})


def require_author(proposal: Proposal, principal: Principal) -> None:
    """Do nothing if a proposal is somebody's own.

    Raises:
        Refused: `not_yours`.
    """
    if proposal.author != principal.name:
        hint = "begin a draft of your own with its text"
        raise Refused("not_yours", "only its author changes a draft", path="proposal", hint=hint)


def _require_version(platform: Platform, document: Document, base: int) -> None:
    if not 1 <= base <= document.version(platform.in_force(fresh=True)):
        raise BadInput("unknown_version", "there is no such version", path="base")
