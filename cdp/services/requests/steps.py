"""Steps that leave the request itself undecided, or end it without granting it: taken by an officer, or by herself.

Every step of an officer takes what she has seen: where the request has changed since, it is refused (`stale_request`).
"""

from audit.entries import HERSELF, Principal
from cdp.bootstrap import Platform
from cdp.errors import Refused
from cdp.services.requests.effects import Effects
from cdp.services.requests.file import check_text
from cdp.services.requests.identity import identity_of
from cdp.services.requests.officer import Officer, require_other
from cdp.services.requests.records import Request
from cdp.services.requests.states import Kind, Step
from cdp.services.requests.tell import TEMPLATES
from cdp.services.requests.work import UNSEEN, Seen, Work, working_on


def take(platform: Platform, request_id: str, *, officer: Officer, seen: Seen = UNSEEN) -> Request:
    """Go on with a request, in place of whoever did before.

    Raises:
        NotFound: `unknown_request`.
        Refused: `request_state`.
    """
    with working_on(platform, request_id, principal=officer.principal, seen=seen) as work:
        return work.advance(Step.TAKE, principal=officer.principal)


def pause(
    platform: Platform, request_id: str, *, officer: Officer, reason: str, seen: Seen = UNSEEN
) -> Request:  # fmt: skip
    """Wait until it is known who asks; where the law has it so, the clock stands meanwhile.

    Raises:
        NotFound: `unknown_request`.
        Refused: `request_state`, `request_reason_needed`.
        BadInput: `bad_text`.
    """
    check_text(reason, needed=False, path="reason")
    with working_on(platform, request_id, principal=officer.principal, seen=seen) as work:
        return work.advance(Step.PAUSE, principal=officer.principal, reason=reason, template=TEMPLATES[Step.PAUSE])


def resume(
    platform: Platform, request_id: str, *, officer: Officer, reason: str = "", seen: Seen = UNSEEN
) -> Request:  # fmt: skip
    """Go on: the officer has made sure who asks. What names her now is what is compared when it is granted.

    Raises:
        NotFound: `unknown_request`.
        Refused: `request_state`, `own_request`.
    """
    check_text(reason, needed=False, path="reason")
    with working_on(platform, request_id, principal=officer.principal, seen=seen) as work:
        require_other(work.change.conn, work.request, officer)
        known = identity_of(work.change.conn, platform.vault, work.request.customer_id)
        work.identify(known)
        return work.advance(Step.RESUME, principal=officer.principal, reason=reason, template=TEMPLATES[Step.RESUME])


def extend(
    platform: Platform, request_id: str, *, officer: Officer, reason: str, seen: Seen = UNSEEN
) -> Request:  # fmt: skip
    """Take the longer period that the law has, once; she is told why.

    Raises:
        NotFound: `unknown_request`.
        Refused: `request_state`, `request_reason_needed`, `no_extension`, `extension_too_late`, `own_request`.
    """
    return _decide(platform, request_id, Step.EXTEND, officer=officer, reason=reason, seen=seen)


def reject(
    platform: Platform, request_id: str, *, officer: Officer, reason: str, seen: Seen = UNSEEN
) -> Request:  # fmt: skip
    """Refuse a request; she is told why, and where she can complain.

    Raises:
        NotFound: `unknown_request`.
        Refused: `request_state`, `request_reason_needed`, `own_request`.
    """
    return _decide(platform, request_id, Step.REFUSE, officer=officer, reason=reason, seen=seen)


def _decide(platform: Platform, request_id: str, step: Step, *, officer: Officer, reason: str, seen: Seen) -> Request:
    check_text(reason, needed=False, path="reason")
    with working_on(platform, request_id, principal=officer.principal, seen=seen) as work:
        require_other(work.change.conn, work.request, officer)
        return work.advance(step, principal=officer.principal, reason=reason, template=TEMPLATES[step])


def withdraw(platform: Platform, customer_id: str, request_id: str) -> Request:
    """Take a request back: the person herself. What a restriction refused is allowed again.

    Raises:
        NotFound: `unknown_request`, for another's as well.
        Refused: `request_state`.
    """
    with working_on(platform, request_id, principal=HERSELF, customer_id=customer_id) as work:
        _allow_again(work)
        return work.advance(Step.WITHDRAW, principal=HERSELF, template="withdrawn")


def lift(platform: Platform, customer_id: str, request_id: str) -> Request:
    """End a restriction that was granted: the person herself.

    Raises:
        NotFound, Refused: as `withdraw`.
    """
    with working_on(platform, request_id, principal=HERSELF, customer_id=customer_id) as work:
        _allow_again(work)
        return work.advance(Step.LIFT, principal=HERSELF, template="lifted")


def end_on_word(
    platform: Platform, request_id: str, *, officer: Officer, word: str, seen: Seen = UNSEEN
) -> Request:  # fmt: skip
    """Withdraw a request, or lift a restriction, on the person's word that staff has recorded.

    Raises:
        NotFound: `unknown_request`.
        Refused: `word_needed`, `request_state`, `own_request`.
    """
    check_text(word, needed=False, path="word")
    if not word.strip():
        hint = 'give what she said and how: `--word "by phone, 3 March: no longer wants it"`'
        raise Refused("word_needed", "only her own word ends what she asked for", path="word", hint=hint)
    with working_on(platform, request_id, principal=officer.principal, seen=seen) as work:
        require_other(work.change.conn, work.request, officer)
        _allow_again(work, word=word, principal=officer.principal)
        granted = work.request.closed_at is not None
        step, template = (Step.LIFT, "lifted") if granted else (Step.WITHDRAW, "withdrawn")
        return work.advance(step, principal=officer.principal, reason=word, template=template)


def _allow_again(work: Work, *, principal: Principal = HERSELF, word: str = "") -> None:
    if work.request.kind is Kind.RESTRICTION:
        request = work.request
        effects = Effects(
            work.change.conn, work.in_force, request.customer_id, request.request_id, principal, work.platform.vault
        )
        effects.allow_again(request.said, word=word)
