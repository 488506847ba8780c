"""Asking for a second person, withdrawing, refusing, publishing.

1. what is decided about is what was shown: its digest comes back with the form
2. it is drafted over what is in force; else it would undo in silence what came between
3. it is judged anew, against what is in force now
4. what widens was asked about, and is published by somebody else than its author; everything else its author publishes
5. publication, the proposal's end and the entry are one transaction, over exactly what it was judged against

INVARIANT: nobody is the second person for what is his own, whatever his role.
"""

from audit.door import Change
from audit.entries import Principal, timestamp
from cdp.bootstrap import InForce, Platform
from cdp.errors import BadInput, Refused
from cdp.services.proposals.drafting import entry_of, require_author
from cdp.services.proposals.kinds import Document, Judged, checked_words
from cdp.services.proposals.records import Proposal, State, changing, find_proposal, locked_proposal, sealed


def ask_second(
    platform: Platform, document: Document, number: int, *, seen: str, principal: Principal
) -> Proposal:  # fmt: skip
    """Ask for a second person; from here on the text stands still.

    Raises:
        NotFound: `unknown_proposal`.
        Refused: `not_yours`, `proposal_state`, `proposal_moved`, `stale_base`, `nothing_new`.
        BadInput, Several: as `Document.judge`.
    """
    found, in_force = find_proposal(platform, document.kind, number), platform.in_force(fresh=True)
    require_author(found, principal)
    _judged(platform, document, in_force, found)
    with platform.door.record(entry_of(principal, document.kind, "ask")) as change:
        asked = locked_proposal(change.conn, platform.vault, document.kind, number, seen=seen)
        if asked.state is not State.DRAFT:
            raise Refused("proposal_state", "somebody was asked about it already", path="proposal")
        _end(change, asked, State.WAITING, at=timestamp())
    return find_proposal(platform, document.kind, number)


def withdraw(platform: Platform, document: Document, number: int, *, seen: str, principal: Principal) -> None:
    """Take one's own proposal back.

    Raises:
        NotFound: `unknown_proposal`.
        Refused: `not_yours`, `proposal_state`, `proposal_moved`.
    """
    with platform.door.record(entry_of(principal, document.kind, "withdraw")) as change:
        found = locked_proposal(change.conn, platform.vault, document.kind, number, seen=seen)
        require_author(found, principal)
        _end(change, found, State.WITHDRAWN, at=timestamp(), decided_by=principal.name)


def refuse(
    platform: Platform, document: Document, number: int, *, seen: str, answer: str, principal: Principal
) -> None:
    """Say no to somebody else's proposal, and why.

    Raises:
        NotFound: `unknown_proposal`.
        BadInput: `answer_needed`, `proposal_too_long`.
        Refused: `own_act`, `proposal_state`, `proposal_moved`.
    """
    answer = checked_words(answer, "answer")
    if not answer:
        raise BadInput("answer_needed", "a refusal says why", path="answer")
    with platform.door.record(entry_of(principal, document.kind, "refuse")) as change:
        found = locked_proposal(change.conn, platform.vault, document.kind, number, seen=seen)
        _require_second(found, principal)
        blob = sealed(platform.vault, number, "answer", answer)
        _end(change, found, State.REFUSED, at=timestamp(), decided_by=principal.name, answer=blob)


def publish_proposal(
    platform: Platform, document: Document, number: int, *, seen: str, principal: Principal
) -> Proposal:
    """Bring a proposal into force: by its author where it widens nothing, else by somebody else who was asked.

    Raises:
        NotFound: `unknown_proposal`.
        Refused: `second_needed`, `own_act`, `not_yours`, `proposal_state`, `proposal_moved`, `stale_base`,
            `nothing_new`.
        BadInput, Several: as `Document.judge`.
        Unavailable: `superseded`: something else came into force meanwhile.
    """
    found, in_force = find_proposal(platform, document.kind, number), platform.in_force(fresh=True)
    if not found.is_open:
        raise Refused("proposal_state", f"the proposal is {found.state} already", path="proposal")
    own = found.author == principal.name
    if not own:
        _require_second(found, principal)
    if _judged(platform, document, in_force, found).widens and own:
        hint = "ask for a second officer, who looks at it and publishes it"
        raise Refused("second_needed", "somebody would see more: another person has to agree", path="text", hint=hint)

    def settle(change: Change, version: int) -> None:
        held = locked_proposal(change.conn, platform.vault, document.kind, number, seen=seen)
        if held.digest != found.digest or held.state is not found.state:
            raise Refused("proposal_moved", "the proposal is not what was shown any more", path="seen")
        change.facts["proposed_by"] = found.author
        _end(change, held, State.PUBLISHED, at=timestamp(), decided_by=principal.name, version=version)

    document.publish(platform, in_force, found.text, principal=principal, why=found.why, settle=settle)
    return find_proposal(platform, document.kind, number)


def needs_second(judged: Judged, proposal: Proposal, principal: Principal) -> bool:
    """Return whether somebody else than this principal has to publish it."""
    return judged.widens and proposal.author == principal.name


def is_stale(document: Document, in_force: InForce, proposal: Proposal) -> bool:
    """Return whether something came into force since it was drafted."""
    return proposal.base != document.version(in_force)


def _judged(platform: Platform, document: Document, in_force: InForce, proposal: Proposal) -> Judged:
    if is_stale(document, in_force, proposal):
        hint = "look at what is new there, and draft it anew over the version in force"
        raise Refused("stale_base", "another version came into force since it was drafted", path="base", hint=hint)
    judged = document.judge(platform, in_force, proposal.text)
    if judged.same:
        raise Refused("nothing_new", "this is in force already", path="text")
    return judged


def _require_second(proposal: Proposal, principal: Principal) -> None:
    if proposal.author == principal.name:
        raise Refused("own_act", "nobody decides on what she did herself", hint="ask another officer")
    if proposal.state is not State.WAITING:
        hint = "its author asks when it is done"
        raise Refused("not_asked", "nobody was asked about this draft yet", path="proposal", hint=hint)


def _end(change: Change, proposal: Proposal, state: State, *, at: str, **values: object) -> None:
    change.conn.execute(changing(proposal.number, state=state, changed_at=at, **values))
    change.facts |= {"proposal": proposal.number, "base": proposal.base, "digest": proposal.digest}
