"""Taking all of it along: asking for an export, seeing how far it is, fetching it once."""

from datetime import UTC, datetime, timedelta
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from audit.entries import HERSELF
from cdp.errors import NotFound
from cdp.pages.language import language_of, translations, written_number
from cdp.pages.template import HEADERS
from cdp.portal.parts import form_of, own_page, platform_of, to
from cdp.services.exports.fetch import fetch_export
from cdp.services.exports.jobs import UNDER_WAY, Job, State, ask_export, newest_job
from cdp.services.sign_in.keeping import Session

PAGE: Final = "/portal/export"


async def show(request: Request, session: Session) -> Response:
    """Show what an export is, and how far hers is."""
    job = await run_in_threadpool(newest_job, platform_of(request), session.customer_id)
    said = _said(job, language_of(request)) if job else ""
    return own_page(request, session, "export.html", job=job, under_way=UNDER_WAY, over=_is_over(job), said=said)


async def ask(request: Request, session: Session) -> Response:
    """Ask for one."""
    await form_of(request, session.secret, names=())
    await run_in_threadpool(
        ask_export, platform_of(request), session.customer_id, principal=HERSELF, language=language_of(request),
        now=datetime.now(UTC),
    )  # fmt: skip
    request.app.state.chores.wake()
    return to(PAGE)


async def state(request: Request, session: Session) -> Response:
    """Say how far it is, for the script of the page; it leaves no entry, and says nothing about her."""
    job = await run_in_threadpool(newest_job, platform_of(request), session.customer_id)
    if job is None:
        raise NotFound("unknown_export", "there is no export to fetch", path="export")
    said: dict[str, object] = {"done": job.files, "of": max(job.of_files, 1), "text": _said(job, language_of(request))}
    said["over"] = job.state not in UNDER_WAY
    return JSONResponse(said, headers=dict(HEADERS))


async def fetch(request: Request, session: Session) -> Response:
    """Hand it out; from then on it is gone."""
    await form_of(request, session.secret, names=())
    try:
        leaving = await run_in_threadpool(
            fetch_export, platform_of(request), session.customer_id, principal=HERSELF, now=datetime.now(UTC)
        )
    except NotFound:
        return to(PAGE)
    name = f"my-data-{leaving.job.asked_at[:10]}.zip"
    headers = {"content-disposition": f'attachment; filename="{name}"', "content-length": str(leaving.job.size)}
    return StreamingResponse(leaving.pieces, media_type="application/zip", headers={**HEADERS, **headers})


def _said(job: Job, language: str) -> str:
    """Return how far it is, in words."""
    _ = translations(language).gettext
    if not job.files:
        return _("It begins in a moment.")
    numbers = {"files": job.files, "all": job.of_files, "rows": job.rows_done}
    written = {name: written_number(number, language) for name, number in numbers.items()}
    return _("%(files)s of %(all)s files, %(rows)s records so far") % written


def _is_over(job: Job | None) -> bool:
    """Whether one that was ready has waited too long; it goes with the next look of a server."""
    late = timedelta(0)
    return job is not None and job.state is State.READY and datetime.fromisoformat(job.until) - datetime.now(UTC) < late
