"""Granting a request: decided and told in one transaction, then done by the handler of its kind."""

from sqlalchemy import select

from audit.entries import Entry, Principal
from cdp.bootstrap import Platform
from cdp.errors import NotFound, Refused
from cdp.services.requests.file import ACT, check_text
from cdp.services.requests.handlers import HANDLERS
from cdp.services.requests.identity import require_same
from cdp.services.requests.officer import Officer, require_other
from cdp.services.requests.records import Request, key_of, request_of
from cdp.services.requests.second import propose_grant, second_of, takes_two
from cdp.services.requests.states import Kind, State, Step, advance as require_step
from cdp.services.requests.tell import TEMPLATES
from cdp.services.requests.work import UNSEEN, Seen, working_on
from cdp.store.asking import REQUEST


def approve(
    platform: Platform, request_id: str, *, officer: Officer, answer: str = "", seen: Seen = UNSEEN
) -> Request:  # fmt: skip
    """Grant a request, and do what its kind asks for; `answer` is what she is told.

    Of a kind that takes two officers, the first grant is kept for the second, and the request goes on being taken;
    what she is told then is what the first one wrote.

    Raises:
        NotFound: `unknown_request`.
        Refused: `request_state`, `own_request`, `own_act`, `identity_changed`, `stale_request`; `approve_by_field` for
            a correction; `request_reason_needed`, where the answer is all there is.
        Unavailable: as the handler; the request stays granted, and `resume_granted` goes on.
    """
    check_text(answer, needed=False, path="answer")
    with working_on(platform, request_id, principal=officer.principal, seen=seen) as work:
        kind, conn = work.request.kind, work.change.conn
        require_other(conn, work.request, officer)
        first = second_of(work, officer) if takes_two(work.in_force, kind) else None
        if first is not None:
            answer, work.seen = first.reason, Seen(letter=first.letter)
        if kind is Kind.CORRECTION:
            hint = "`cdp correction approve` decides field by field"
            raise Refused("approve_by_field", "a correction is decided field by field", path="request", hint=hint)
        if kind in (Kind.QUESTION, Kind.HUMAN_REVIEW) and not answer.strip():
            message = "this is granted by an answer, which she is told"
            raise Refused("request_reason_needed", message, path="answer", hint="say it with `--answer`")
        require_same(conn, platform.vault, work.request)
        if takes_two(work.in_force, kind) and first is None:
            require_step(work.request.course, Step.APPROVE, at=work.now)
            return propose_grant(work, officer=officer, answer=answer)
        done = work.advance(Step.APPROVE, principal=officer.principal, reason=answer, template=TEMPLATES[Step.APPROVE])
    handler = HANDLERS.get(kind)
    if handler is not None:
        handler(platform, done, officer.principal)
    return done


def resume_granted(platform: Platform, *, principal: Principal) -> int:
    """Go on with granted erasures that were cut off: a request that is done and still there. Return how many."""
    if not platform.door.waits(REQUEST, REQUEST.c.kind == str(Kind.ERASURE), REQUEST.c.state == str(State.DONE)):
        return 0
    in_force, found = platform.in_force(), []
    mine = select(REQUEST).where(REQUEST.c.kind == str(Kind.ERASURE), REQUEST.c.state == str(State.DONE))
    with platform.door.record(Entry("change", ACT, principal, in_force.versions, {"step": "resume_granted"})) as change:
        for row in change.conn.execute(mine):
            try:
                found.append(request_of(row, key_of(platform, row.customer_id)))
            except NotFound:  # her key has gone: her erasure is under way
                continue
    for request in found:
        HANDLERS[request.kind](platform, request, principal)
    return len(found)
