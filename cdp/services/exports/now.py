"""An export from the first step to the last, for somebody who waits for it at the command line."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from audit.entries import Principal
from cdp.bootstrap import Platform
from cdp.errors import NotFound, Refused, Unavailable
from cdp.services.exports.build import build
from cdp.services.exports.contents import Render
from cdp.services.exports.fetch import fetch_export
from cdp.services.exports.jobs import UNDER_WAY, Job, State, ask_export, find_job, holder_of, take_job

LOOK_SECONDS: Final = 0.5


def export_now(
    platform: Platform, customer: str, write: Callable[[bytes], object], *,
    principal: Principal, language: str, reason: str, render: Render,
) -> Job:  # fmt: skip
    """Make an export of a customer and write it.

    Raises:
        NotFound: `unknown_customer`.
        Refused: `reason_needed`.
        Unavailable: `export_failed`; the database, the keys or the log cannot serve.
    """
    if not reason.strip():
        raise Refused("reason_needed", "an export needs a reason", path="reason", hint="say it with `--reason`")
    now = datetime.now(UTC)
    job = ask_export(platform, customer, principal=principal, language=language, now=now, reason=reason)
    job = _made(platform, job, render)
    whose = holder_of(platform, job)
    if job.state is not State.READY or whose is None:
        hint = f"the code is `{job.code}`" if job.code else "try again"
        raise Unavailable("export_failed", "the export could not be made", path="export", hint=hint)
    for piece in fetch_export(platform, whose, principal=principal, now=datetime.now(UTC)).pieces:
        write(piece)
    return job


def _made(platform: Platform, job: Job, render: Render) -> Job:
    """Make it here, or wait for the worker that has taken it."""
    while job.state in UNDER_WAY:
        taken = take_job(platform, now=datetime.now(UTC), only=job.export_id)
        if taken is not None:
            build(platform, taken, render)
        else:
            time.sleep(LOOK_SECONDS)
        found = find_job(platform, job.export_id)
        if found is None:
            raise NotFound("unknown_export", "there is no export to fetch", path="export", hint="ask for a new one")
        job = found
    return job
