"""Reports that were asked for, and those that are kept: made beside the console, listed, handed out, deleted in time.

    waiting → running → ready
                 ↓
              failed

One whose worker went silent is taken up by the next; an older one writes nothing more. Where a server makes it, the
entry of the log names the one who asked.
"""

import logging
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, and_, delete, insert, or_, select, update

from audit.entries import Entry, Principal, timestamp
from cdp.bootstrap import Platform
from cdp.errors import CdpError, NotFound, place_of
from cdp.services.reports.figures import Period
from cdp.services.reports.pack import Files, Render, issue_report, made_at, zipped
from cdp.services.reports.sections import chosen
from cdp.store.reporting import REPORT, REPORT_FILE

LOGGER: Final = logging.getLogger("cdp.reports")
WAITING, RUNNING, READY, FAILED = "waiting", "running", "ready", "failed"
UNDER_WAY: Final = (WAITING, RUNNING)
SILENT: Final = timedelta(minutes=10)
"""A worker of whom nothing was heard for so long is taken for dead."""

ATTEMPTS: Final = 3
MOST: Final = 50
ITSELF: Final = Principal("system:reports")
C: Final = REPORT.c


@dataclass(frozen=True, slots=True)
class Kept:
    """A report that was asked for.

    Attributes:
        done: how many sections are counted.
        size: of the archive, in bytes, when it is ready.
        code: of the error, for one that failed.
    """

    report: str
    state: str
    sections: tuple[str, ...]
    language: str
    since: str
    until: str
    asked_at: str
    asked_by: str
    asked_as: str
    beat_at: str
    attempt: int
    done: int
    size: int
    made_at: str | None
    code: str

    @property
    def period(self) -> Period:
        """Of which days it is."""
        return Period(self.since, self.until)


def ask_report(
    platform: Platform, *, principal: Principal, language: str, sections: Sequence[str], period: Period
) -> Kept:
    """Ask for a report; a server makes it.

    Raises:
        BadInput: `unknown_section`.
    """
    asked = _new(WAITING, principal, language, chosen(sections), period)
    facts = {"report": asked.report, "sections": list(asked.sections), **period.said()}
    versions = platform.in_force().versions
    with platform.door.record(Entry("change", "report_asked", principal, versions, facts)) as change:
        _insert(change.conn, asked)
    return asked


def keep_report(
    platform: Platform, files: Files, *, principal: Principal, language: str, sections: Sequence[str], period: Period
) -> Kept:
    """Keep a report that was made on the spot, as the command line does."""
    archive, at = zipped(files, made_at(files)), made_at(files)
    made = _new(READY, principal, language, chosen(sections), period, size=len(archive), made_at=at)
    facts = {"report": made.report, "sections": list(made.sections), **period.said()}
    versions = platform.in_force().versions
    with platform.door.record(Entry("change", "report_kept", principal, versions, facts)) as change:
        _insert(change.conn, made)
        change.conn.execute(insert(REPORT_FILE).values(report=made.report, archive=archive))
    return made


def carry_out(platform: Platform, render: Render, *, now: datetime) -> int:
    """Make what waits; return how many came to an end."""
    done = 0
    while (job := _take(platform, now)) is not None:
        done += _make(platform, job, render)
    return done


def list_reports(platform: Platform, *, before: str | None = None, most: int = MOST) -> list[Kept]:
    """Return reports, those asked for last first.

    Args:
        before: only those asked for before this time.
    """
    wanted = select(REPORT).order_by(C.asked_at.desc(), C.report).limit(most)
    return [_of(row) for row in platform.door.lookup(wanted if before is None else wanted.where(C.asked_at < before))]


def find_report(platform: Platform, report: str) -> Kept:
    """Return one of them.

    Raises:
        NotFound: `unknown_report`.
    """
    rows = platform.door.lookup(select(REPORT).where(C.report == report))
    if not rows:
        raise NotFound("unknown_report", "there is no such report", path="report", hint="`cdp report list` has them")
    return _of(rows[0])


def fetch_report(platform: Platform, report: str, *, principal: Principal) -> tuple[Kept, bytes]:
    """Return a report that is kept, with its archive; that it was fetched is on the log.

    Raises:
        NotFound: `unknown_report`, also while it is not ready.
    """
    found = find_report(platform, report)
    rows = platform.door.lookup(select(REPORT_FILE.c.archive).where(REPORT_FILE.c.report == report))
    if not rows:
        raise NotFound("unknown_report", "there is no such report yet", path="report", hint="look at it again later")
    facts = {"report": report, "sections": list(found.sections)}
    platform.door.note(Entry("disclosure", "report_fetched", principal, platform.in_force().versions, facts))
    return found, bytes(rows[0][0])


def is_due(platform: Platform, now: datetime) -> bool:
    """Return whether the last report with every section was made `CDP_REPORT_DAYS` ago, or none ever was."""
    since = timestamp(now - timedelta(days=platform.settings.report_days))
    whole = (C.state == READY, C.sections == ",".join(chosen(())), C.made_at > since)
    return not platform.door.lookup(select(C.report).where(*whole).limit(1))


def sweep(platform: Platform, *, now: datetime) -> int:
    """Delete what was made, or asked for, longer ago than reports are kept; return how many went."""
    over = (C.asked_at < timestamp(now - timedelta(days=platform.settings.report_keep_days)), C.state.not_in(UNDER_WAY))
    if not platform.door.lookup(select(C.report).where(*over).limit(1)):
        return 0
    versions = platform.in_force().versions
    with platform.door.record(Entry("change", "reports_deleted", ITSELF, versions)) as change:
        going = list(change.conn.execute(select(C.report).where(*over)).scalars())
        change.conn.execute(delete(REPORT_FILE).where(REPORT_FILE.c.report.in_(going)))
        change.conn.execute(delete(REPORT).where(C.report.in_(going)))
        change.facts["reports"] = len(going)
    return len(going)


def _make(platform: Platform, job: Kept, render: Render) -> int:
    mine = and_(C.report == job.report, C.attempt == job.attempt, C.state == RUNNING)

    def progress(done: int) -> None:
        platform.door.keep(update(REPORT).where(mine).values(done=done, beat_at=timestamp()))

    try:
        files = issue_report(
            platform, principal=Principal(job.asked_by, job.asked_as), language=job.language, render=render,
            sections=job.sections, period=job.period, progress=progress,
        )  # fmt: skip
        archive = zipped(files, made_at(files))
    except Exception as error:  # noqa: BLE001 -- whatever it is, somebody waits to be told; its text may hold values
        code = error.code if isinstance(error, CdpError) else "internal"
        LOGGER.error("a report failed: %s", code if code != "internal" else place_of(error))  # noqa: TRY400
        state = FAILED if job.attempt >= ATTEMPTS or code == "internal" else WAITING
        platform.door.keep(update(REPORT).where(mine).values(state=state, code=code, beat_at=timestamp()))
        return int(state == FAILED)
    ready = {"state": READY, "size": len(archive), "made_at": made_at(files), "done": len(job.sections), "code": ""}
    kept = insert(REPORT_FILE).values(report=job.report, archive=archive)
    return int(platform.door.keep(update(REPORT).where(mine).values(**ready, beat_at=timestamp()), kept))


def _take(platform: Platform, now: datetime) -> Kept | None:
    silent = and_(C.state == RUNNING, C.beat_at < timestamp(now - SILENT))
    for row in platform.door.lookup(
        select(REPORT).where(or_(C.state == WAITING, silent)).order_by(C.asked_at).limit(5)
    ):
        job = _of(row)
        mine = (C.report == job.report, C.attempt == job.attempt, C.state == job.state)
        taken = {"state": RUNNING, "attempt": job.attempt + 1, "done": 0, "beat_at": timestamp()}
        if platform.door.keep(update(REPORT).where(*mine).values(taken)):
            return find_report(platform, job.report)
    return None


def _new(
    state: str, principal: Principal, language: str, sections: tuple[str, ...], period: Period, **more: Any
) -> Kept:
    now, made = timestamp(), {"size": 0, "made_at": None, **more}
    done = len(sections) if state == READY else 0
    return Kept(
        uuid.uuid4().hex, state, sections, language, period.since, period.until, now, principal.name, principal.role,
        now, 0, done, made["size"], made["made_at"], "",
    )  # fmt: skip


def _insert(conn: Connection, made: Kept) -> None:
    values = {each.name: getattr(made, each.name) for each in fields(Kept)}
    conn.execute(insert(REPORT).values(**{**values, "sections": ",".join(made.sections)}))


def _of(row: tuple[Any, ...]) -> Kept:
    values = dict(zip((column.name for column in REPORT.c), row, strict=True))
    return Kept(**{**values, "sections": tuple(values["sections"].split(","))})
