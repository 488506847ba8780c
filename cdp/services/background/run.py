"""The process of a job: `python -m cdp.services.background.run JOB`. What it says is kept with the job."""

import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from audit.entries import Principal
from cdp.bootstrap import Platform, open_platform
from cdp.config import load_settings
from cdp.errors import CdpError
from cdp.services.background.jobs import Job, Kind, end_job, find_job, tell
from cdp.services.background.words import Words
from cdp.services.latency.measure import measure_latency
from cdp.services.verify_log import verify_log

TRIALS: Final = 500
BEAT: Final = timedelta(seconds=1)
Progress = Callable[[int, int], None]


def main() -> None:
    """Do one job."""
    with open_platform(load_settings()) as platform:
        job = find_job(platform, sys.argv[1])
        if job is not None:
            do(platform, job)


def do(platform: Platform, job: Job) -> None:
    """Do a job, and keep what is said of it."""
    last = datetime.now(UTC) - BEAT

    def progress(done: int, total: int) -> None:
        nonlocal last
        now = datetime.now(UTC)
        if now - last >= BEAT:
            tell(platform, job.job_id, done=done, total=total, now=now)
            last = now

    try:
        words = _WORK[Kind(job.kind)](platform, job, progress)
    except CdpError as error:
        words = Words.of_error(error)
    end_job(platform, job.job_id, words, now=datetime.now(UTC))


def _verify(platform: Platform, _job: Job, progress: Progress) -> Words:
    verified = verify_log(platform, progress)
    return Words(verified.steps, verified.findings, facts={"entries": verified.entries, "root": verified.root_hex})


def _measure(platform: Platform, job: Job, progress: Progress) -> Words:
    measured = measure_latency(platform, trials=TRIALS, principal=Principal(job.asked_by), report=progress)
    return Words(facts=measured.facts())


_WORK: Final[dict[Kind, Callable[[Platform, Job, Progress], Words]]] = {Kind.VERIFY: _verify, Kind.LATENCY: _measure}

if __name__ == "__main__":
    main()
