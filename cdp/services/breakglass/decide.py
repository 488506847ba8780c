"""What a second person decides, and how it ends before its hour: granted, declined, withdrawn, ended."""

from datetime import datetime

from cdp.bootstrap import Platform
from cdp.errors import Refused
from cdp.services.breakglass.ask import check_words, views_for
from cdp.services.breakglass.delay import Delay, put_off
from cdp.services.breakglass.records import Grant
from cdp.services.breakglass.states import Step, advance
from cdp.services.breakglass.work import ANY, working_on
from cdp.services.requests.officer import Officer


def grant(
    platform: Platform, grant_id: str, *, officer: Officer, revision: int, delay: Delay | None = None,
    now: datetime | None = None,
) -> Grant:  # fmt: skip
    """Grant what was asked for: its time begins now. With a delay its customers are told later, from the beginning.

    Raises:
        NotFound: `unknown_grant`.
        Refused: `own_act`, `own_request`, `break_glass_state`, `break_glass_moved`; `not_permitted`, where the policy
            does not declare any more what was asked for.
        BadInput: as `delay.put_off`.
    """
    with working_on(platform, grant_id, Step.GRANT, officer=officer, revision=revision, now=now) as work:
        course = advance(work.grant.course, Step.GRANT, actor=officer.principal.name, now=work.now)
        if not set(work.grant.views) <= set(views_for(work.in_force.policy, work.grant.role)):
            hint = "have it asked for anew"
            raise Refused("not_permitted", "the policy does not declare this any more", path="views", hint=hint)
        work.change.facts["minutes"] = course.minutes
        if delay is not None:
            course = put_off(work, course, delay, officer=officer)
        return work.store(course)


def decline(
    platform: Platform, grant_id: str, *, officer: Officer, revision: int, words: str = "", now: datetime | None = None
) -> Grant:
    """Decline what was asked for, and say why.

    Raises:
        NotFound, Refused: as `grant`.
        BadInput: `text_needed`, `bad_text`.
    """
    check_words(words, path="words")
    with working_on(
        platform, grant_id, Step.DECLINE, officer=officer, revision=revision, now=now, reason=words
    ) as work:
        work.say(declined=words)
        return work.store(advance(work.grant.course, Step.DECLINE, actor=officer.principal.name, now=work.now))


def withdraw(
    platform: Platform, grant_id: str, *, officer: Officer, revision: int, now: datetime | None = None
) -> Grant:
    """Take back what one asked for oneself, before it is decided.

    Raises:
        NotFound, Refused: as `grant`; `not_yours`.
    """
    with working_on(platform, grant_id, Step.WITHDRAW, officer=officer, revision=revision, now=now) as work:
        return work.store(advance(work.grant.course, Step.WITHDRAW, actor=officer.principal.name, now=work.now))


def end(platform: Platform, grant_id: str, *, officer: Officer, now: datetime | None = None) -> Grant:
    """End a grant before its hour. Whoever may see it may end it, whatever happened since she opened the page.

    Raises:
        NotFound: `unknown_grant`.
        Refused: `break_glass_state`.
    """
    with working_on(platform, grant_id, Step.END, officer=officer, revision=ANY, now=now) as work:
        return work.store(advance(work.grant.course, Step.END, actor=officer.principal.name, now=work.now))
