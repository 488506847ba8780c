"""Four eyes: kinds of requests that the policy wants granted by two (`two_officers`).

The first grants, and nothing happens but a step `propose` with what she would tell the person; the second, who is
another, grants what the first proposed, to the letter, or sends it back. A proposal stands until the request moves
otherwise. Refusing takes one: it can be asked for again.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from cdp.bootstrap import InForce, Platform
from cdp.errors import Refused
from cdp.services.requests.file import check_text
from cdp.services.requests.officer import Officer, require_other
from cdp.services.requests.records import Request, Taken, steps_taken
from cdp.services.requests.states import PROPOSE, SEND_BACK, Kind, State, Step, advance
from cdp.services.requests.work import UNSEEN, Seen, Work, working_on

_STANDS_THROUGH: Final = frozenset({Step.ASSIGN, Step.TAKE})
"""Steps that leave a proposal as it is: somebody else goes on with it."""


def takes_two(in_force: InForce, kind: Kind) -> bool:
    """Return whether the policy wants two officers to grant requests of a kind."""
    return kind in in_force.policy.two_officers


def proposed(steps: Sequence[Taken]) -> Taken | None:
    """Return the grant that waits for a second officer, if one does."""
    for each in reversed(steps):
        if each.step == PROPOSE:
            return each
        if each.step not in _STANDS_THROUGH:
            return None
    return None


def second_of(work: Work, officer: Officer) -> Taken | None:
    """Return what another officer has proposed, for this one to grant; None where nobody has yet.

    Raises:
        Refused: `own_act`.
    """
    found = proposed(steps_taken(work.change.conn, work.request, work.key))
    if found is not None and found.actor == officer.principal.name:
        raise Refused("own_act", "nobody decides on what she did herself", path="request", hint="ask another officer")
    return found


def propose_grant(work: Work, *, officer: Officer, answer: str) -> Request:
    """Write down that an officer would grant it, and what she would tell the person."""
    if work.request.state is State.RECEIVED:
        course = advance(work.request.course, Step.TAKE, at=work.now)
        work.request = replace(work.request, course=course, taken_by=officer.principal.name)
    return work.mark(PROPOSE, principal=officer.principal, reason=answer, letter=work.seen.letter)


def send_back(platform: Platform, request_id: str, *, officer: Officer, reason: str, seen: Seen = UNSEEN) -> Request:
    """Not grant what another officer has proposed, and say why: to her, not to the person.

    Raises:
        NotFound: `unknown_request`.
        Refused: `nothing_proposed`, `request_reason_needed`, `own_request`, `stale_request`.
    """
    check_text(reason, needed=False, path="reason")
    if not reason.strip():
        raise Refused("request_reason_needed", "sending it back takes a reason", path="reason")
    with working_on(platform, request_id, principal=officer.principal, seen=seen) as work:
        require_other(work.change.conn, work.request, officer)
        if proposed(steps_taken(work.change.conn, work.request, work.key)) is None:
            raise Refused("nothing_proposed", "no grant of it waits for a second officer", path="request")
        return work.mark(SEND_BACK, principal=officer.principal, reason=reason)
