"""Telling the customer later: for a legal reason that somebody but the asker records, until a day, never for ever."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from audit.entries import timestamp
from cdp.bootstrap import Platform
from cdp.services.breakglass.ask import check_words
from cdp.services.breakglass.records import LEGAL_REASON, Grant
from cdp.services.breakglass.states import Course, Step, advance, delay as delayed
from cdp.services.breakglass.tell import tell_used
from cdp.services.breakglass.work import Work, working_on
from cdp.services.requests.officer import Officer


@dataclass(frozen=True, slots=True)
class Delay:
    """Until when its customers are not told, and which law wants it so."""

    until: datetime
    legal_reason: str


def put_off(work: Work, course: Course, delay: Delay, *, officer: Officer) -> Course:
    """Return a course with a delay, and keep what was said for it.

    Raises:
        BadInput: `bad_delay`, `text_needed`, `bad_text`.
        Refused: `own_act`, `break_glass_state`, `break_glass_told`.
    """
    check_words(delay.legal_reason, path="legal_reason")
    most = timedelta(days=work.platform.settings.break_glass_delay_days)
    later = delayed(course, delay.until, actor=officer.principal.name, now=work.now, most=most)
    work.say(**{LEGAL_REASON: delay.legal_reason})
    work.change.facts["until"] = timestamp(delay.until)
    return later


def tell_later(
    platform: Platform, grant_id: str, delay: Delay, *, officer: Officer, revision: int, now: datetime | None = None
) -> Grant:
    """Record a delay, or another end of one that lasts.

    Raises:
        NotFound: `unknown_grant`.
        Refused, BadInput: as `put_off`; `break_glass_moved`.
    """
    check_words(delay.legal_reason, path="legal_reason")
    with working_on(
        platform, grant_id, Step.DELAY, officer=officer, revision=revision, now=now, reason=delay.legal_reason
    ) as work:
        return work.store(put_off(work, work.grant.course, delay, officer=officer))


def tell_now(
    platform: Platform, grant_id: str, *, officer: Officer, revision: int, now: datetime | None = None
) -> Grant:
    """End a delay: who was read is told at once.

    Raises:
        NotFound: `unknown_grant`.
        Refused: `own_act`, `own_request`, `break_glass_state`, `break_glass_moved`.
    """
    with working_on(platform, grant_id, Step.TELL_NOW, officer=officer, revision=revision, now=now) as work:
        grant = work.store(advance(work.grant.course, Step.TELL_NOW, actor=officer.principal.name, now=work.now))
        for each in work.people:
            if each.used_at is not None:
                tell_used(work.change.conn, platform, work.in_force, grant, each, now=work.now)
        return grant
