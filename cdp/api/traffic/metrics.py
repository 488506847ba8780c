"""Numbers for Prometheus: how many requests, how long they took, what was turned away.

A registry of our own, so that nothing else of the process comes in. INVARIANT: labels are route templates, methods,
statuses, codes of errors and words of this module, and the names that checkpoints bear anyway, of witnesses; never a
path, a name of an app, a view or a customer.

Several workers: `cdp serve` names a folder in `PROMETHEUS_MULTIPROC_DIR`, each worker keeps its numbers there in a file
of its own, and whichever worker is asked adds them all up: counters and histograms over every worker there has been
since the start, gauges over those that live.
"""

import os
from pathlib import Path
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest, multiprocess

from cdp.api.traffic.log_numbers import LogNumbers

FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"
CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_SECONDS: Final = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)


class Metrics:
    """The numbers of one process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "cdp_http_requests", "Answered requests.", ["route", "method", "status"], registry=self.registry
        )
        self._seconds = Histogram(
            "cdp_http_request_seconds", "From a request's head to the last byte of its answer.", ["route"],
            buckets=_SECONDS, registry=self.registry,
        )  # fmt: skip
        self._sent = Counter("cdp_http_sent_bytes", "Bytes of answers' bodies.", ["route"], registry=self.registry)
        self._turned_away = Counter(
            "cdp_http_turned_away", "Requests turned away before they were served.", ["why"], registry=self.registry
        )
        self._broken = Counter(
            "cdp_http_broken", "Answers that ended before they were complete.", ["route"], registry=self.registry
        )
        self.log = LogNumbers(self.registry)
        self.canary_alarms = Gauge(
            "cdp_canary_alarms", "Alarms of canaries that nobody has seen to.", registry=self.registry,
            multiprocess_mode="livemax",
        )  # fmt: skip
        self.running = Gauge(
            "cdp_http_running", "Requests that are being answered.", ["lane"], registry=self.registry,
            multiprocess_mode="livesum",
        )  # fmt: skip

    def answered(self, route: str, method: str, status: int, *, seconds: float, sent: int) -> None:
        """Count a request."""
        self._requests.labels(route, method, str(status)).inc()
        self._seconds.labels(route).observe(seconds)
        self._sent.labels(route).inc(sent)

    def turned_away(self, why: str) -> None:
        """Count a request that was turned away; `why` is a code of an error."""
        self._turned_away.labels(why).inc()

    def broken(self, route: str) -> None:
        """Count an answer that was cut off."""
        self._broken.labels(route).inc()

    def text(self) -> bytes:
        """Return everything in Prometheus' text format, of all workers."""
        if FOLDER not in os.environ:
            return generate_latest(self.registry)
        forget_the_dead(Path(os.environ[FOLDER]))
        everyone = CollectorRegistry()
        multiprocess.MultiProcessCollector(everyone)  # type: ignore[no-untyped-call]
        return generate_latest(everyone)

    @staticmethod
    def leave() -> None:
        """Take this process's gauges out of the sum; its counters stay in it."""
        if FOLDER in os.environ:
            multiprocess.mark_process_dead(os.getpid())  # type: ignore[no-untyped-call]


def forget_the_dead(folder: Path) -> None:
    """Take the gauges out of the sum of those who were killed before they could do so."""
    for pid in {each.stem.rpartition("_")[2] for each in folder.glob("gauge_live*.db")}:
        if pid.isdigit() and not _lives(int(pid)):
            multiprocess.mark_process_dead(int(pid))  # type: ignore[no-untyped-call]


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except OSError:  # nobody has the number any more, or somebody else
        return False
    return True
