"""Beginning a job: a process of its own does it, and a thread waits to say what that could not say itself."""

import os
import subprocess
import sys
import threading
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final

from audit.entries import Principal
from cdp.bootstrap import Platform
from cdp.config import Settings
from cdp.errors import CdpError
from cdp.services.background.jobs import Job, Kind, end_job, enter_job
from cdp.services.background.words import Words

_BROKE_OFF: Final = {"code": "job_broke_off", "message": "the process that did it broke off", "path": "", "hint": ""}


def start_job(platform: Platform, kind: Kind, *, principal: Principal) -> Job:
    """Begin a job, unless one of its kind is under way or was a moment ago; return the one that is meant.

    Raises:
        Unavailable: the database or the log cannot serve.
    """
    job, new = enter_job(platform, kind, principal=principal, now=datetime.now(UTC))
    if new:
        threading.Thread(target=_see_through, args=(platform, job), name=f"cdp-{job.job_id}", daemon=True).start()
    return job


def _see_through(platform: Platform, job: Job) -> None:
    """Run the process; if it ends without having said anything, say so for it."""
    command = [sys.executable, "-P", "-m", "cdp.services.background.run", job.job_id]
    subprocess.run(  # noqa: S603 -- our own interpreter and module
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env=environment_of(platform.settings), check=False,
    )  # fmt: skip
    with suppress(CdpError):  # this process may be closing; whoever looks sees that nothing was heard of it
        end_job(platform, job.job_id, Words(error=_BROKE_OFF), now=datetime.now(UTC))


def environment_of(settings: Settings) -> dict[str, str]:
    """Return the environment in which a process has these settings."""
    return {**os.environ, **{f"CDP_{name.upper()}": str(value) for name, value in settings}}
