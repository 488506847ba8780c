"""How far long work is, in words and for the script of a page."""

from datetime import UTC, datetime

from cdp.bootstrap import Platform
from cdp.errors import NotFound
from cdp.pages.language import translations, written_number
from cdp.services.background.jobs import Job, Kind, newest_job


def state_of(platform: Platform, kind: Kind, language: str) -> dict[str, object]:
    """Return what the script of a page asks for.

    Raises:
        NotFound: `not_found`.
    """
    job = newest_job(platform, kind)
    if job is None:
        raise NotFound("not_found", "there is no such thing here")
    over = not job.runs(datetime.now(UTC))
    return {"done": job.done, "of": max(job.total, 1), "text": said_of(job, language), "over": over}


def said_of(job: Job, language: str) -> str:
    """Return how far a job is, in words."""
    _ = translations(language).gettext
    if not job.total:
        return _("It begins in a moment.")
    done, total = written_number(job.done, language), written_number(job.total, language)
    if job.kind == Kind.LATENCY:
        return _("%(done)s of %(total)s refusals so far") % {"done": done, "total": total}
    return _("%(done)s of %(total)s entries so far") % {"done": done, "total": total}
