"""Reminding whoever decides: a week before a request is due, and every day when it is late. Run it every day.

The mail to the officer's address (`CDP_OFFICER`) names numbers, kinds and days, and nobody. What was sent is noted only
when the mail took it: with a mail server that is down, the next run sends it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Final

from sqlalchemy import select, update

from audit.entries import Entry, Principal, timestamp
from cdp.bootstrap import Platform
from cdp.errors import BadInput
from cdp.services.mail import deliver_mail
from cdp.services.requests.records import course_of
from cdp.services.requests.states import OPEN, Course
from cdp.store.asking import REQUEST
from cdp.store.lookup import find_ordinals

SOON: Final = timedelta(days=7)
ACT: Final = "remind"
_R: Final = REQUEST.c


@dataclass(frozen=True, slots=True)
class Reminder:
    """A request of which the officer is reminded: what is due when, and whether that is over."""

    customer_id: str
    request_id: str
    kind: str
    due_at: datetime
    late: bool
    mark: str


def due_for_reminder(course: Course, marked: str, now: datetime) -> str:
    """Return the mark of the reminder that is to be sent now, or nothing: one before, and one for each day late."""
    if course.state not in OPEN or course.stands:
        return ""
    if course.late(now):
        mark = f"late {now.date().isoformat()}"
    else:
        mark = f"soon {course.due_at.date().isoformat()}" if now >= course.due_at - SOON else ""
    return "" if mark == marked else mark


def remind(platform: Platform, *, principal: Principal, now: datetime | None = None) -> list[Reminder]:
    """Send one mail about all that is due soon or late, if there is any; return what it was about.

    Raises:
        BadInput: `no_officer`, when nobody is named to be reminded.
        Unavailable: `mail_unavailable`; nothing is noted then.
    """
    if not platform.settings.officer:
        hint = "set CDP_OFFICER to the address of whoever decides about requests"
        raise BadInput("no_officer", "nobody is named who could be reminded", path="CDP_OFFICER", hint=hint)
    at = now or datetime.now(UTC)
    found = _found(platform, principal, at)
    if found:
        deliver_mail(platform.settings, platform.settings.officer, _letter(platform, found))
        _note(platform, principal, found)
    return found


def _found(platform: Platform, principal: Principal, now: datetime) -> list[Reminder]:
    in_force, found = platform.in_force(), []
    wanted = select(REQUEST).where(
        _R.state.in_([str(each) for each in OPEN]), _R.due_at <= timestamp(now + SOON)
    )  # fmt: skip
    with platform.door.record(Entry("disclosure", ACT, principal, in_force.versions)) as change:
        for row in change.conn.execute(wanted.order_by(_R.due_at, _R.request_id)):
            course = course_of(row)
            mark = due_for_reminder(course, row.reminded, now)
            if mark:
                late = course.late(now)
                found.append(Reminder(row.customer_id, row.request_id, row.kind, course.due_at, late, mark))
        ids = sorted({each.customer_id for each in found})
        change.subjects += find_ordinals(change.conn, in_force.catalogue, ids)
    return found


def _note(platform: Platform, principal: Principal, found: Sequence[Reminder]) -> None:
    in_force = platform.in_force()
    with platform.door.record(Entry("change", ACT, principal, in_force.versions)) as change:
        for each in found:
            mine = update(REQUEST).where(_R.customer_id == each.customer_id, _R.request_id == each.request_id)
            change.conn.execute(mine.values(reminded=each.mark))
        ids = sorted({each.customer_id for each in found})
        change.subjects += find_ordinals(change.conn, in_force.catalogue, ids)
        change.facts["requests"] = len(found)


def _letter(platform: Platform, found: Sequence[Reminder]) -> EmailMessage:
    late = sum(each.late for each in found)
    letter = EmailMessage()
    letter["Subject"] = f"Requests: {late} late, {len(found) - late} due within a week"
    letter["Auto-Submitted"] = "auto-generated"
    lines = [
        f"{'LATE' if each.late else 'due '}  {each.due_at:%Y-%m-%d}  {each.kind:<13} {each.request_id}"
        for each in found
    ]
    more = "`cdp request show REQUEST` has the rest."
    letter.set_content("\n".join([*lines, "", more, platform.settings.origin, ""]))
    return letter
