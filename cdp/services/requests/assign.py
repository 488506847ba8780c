"""Who goes on with a request: given to an officer, or laid back for anybody."""

from dataclasses import replace

from cdp.bootstrap import Platform
from cdp.errors import Refused
from cdp.services.requests.officer import Officer, require_other
from cdp.services.requests.records import Request
from cdp.services.requests.states import State, Step, advance
from cdp.services.requests.work import UNSEEN, Seen, working_on


def assign(
    platform: Platform, request_id: str, given: Officer | None, *, officer: Officer, seen: Seen = UNSEEN
) -> Request:
    """Give a request to an officer, or to nobody, for anybody to go on with. What was received is taken then.

    Raises:
        NotFound: `unknown_request`.
        Refused: `request_state`, `own_request`: whom it is given to may not decide about it; `stale_request`.
    """
    with working_on(platform, request_id, principal=officer.principal, seen=seen) as work:
        if given is not None:
            require_other(work.change.conn, work.request, given)
        elif work.request.taken_by is None or work.request.state not in (State.TAKEN, State.PAUSED):
            raise Refused("request_state", "nobody goes on with it", path="request", hint="give it to somebody")
        course = advance(work.request.course, Step.ASSIGN, at=work.now)
        taken_by = given.principal.name if given else None
        work.request = replace(work.request, course=course, taken_by=taken_by)
        return work.mark(Step.ASSIGN, principal=officer.principal, reason=taken_by or "")
