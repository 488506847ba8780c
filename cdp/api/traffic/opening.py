"""From the settings and an open platform to what the gate works with."""

from collections.abc import Iterator
from contextlib import contextmanager

from anyio import CapacityLimiter
from anyio.to_thread import current_default_thread_limiter

from cdp.api.traffic.gate import Bounds, Traffic
from cdp.api.traffic.limits import Limits
from cdp.api.traffic.metrics import Metrics
from cdp.api.traffic.readiness import Readiness
from cdp.api.traffic.records import Records
from cdp.api.traffic.stopping import Stopping
from cdp.api.traffic.tracing import Tracing
from cdp.bootstrap import Platform
from cdp.services.idempotency import Doing


def traffic_of(platform: Platform) -> Traffic:
    """Open everything; the caller closes it."""
    settings = platform.settings
    rights = max(1, settings.pool // 5)
    return Traffic(
        limits=Limits.open(settings, platform.vault.platform_key("limits")),
        metrics=Metrics(),
        records=Records(requests=settings.request_log),
        tracing=Tracing.open(settings.tracing),
        stopping=Stopping(settings.grace_seconds),
        readiness=Readiness(platform),
        rights_threads=CapacityLimiter(rights),
        doing=Doing(),
        bounds=Bounds(
            places=settings.places,
            rights_places=max(2, settings.places // 5),
            seconds=settings.request_seconds,
            stall_seconds=settings.stall_seconds,
        ),
    )


@contextmanager
def serving(platform: Platform) -> Iterator[Traffic]:
    """Have everything open meanwhile; called on the event loop.

    A thread that works needs a connection to the database. Some of those are left to the lane of people's rights, so
    that a refusal does not wait for one behind readers.
    """
    traffic = traffic_of(platform)
    threads = current_default_thread_limiter()
    threads.total_tokens = max(1, platform.settings.pool - traffic.rights_threads.total_tokens)
    try:
        with traffic.stopping.hearing():
            yield traffic
    finally:
        traffic.close()
