"""From the settings and an open platform to what the gate works with."""

from collections.abc import Iterator
from contextlib import contextmanager

from cdp.api.traffic.gate import Bounds, Traffic
from cdp.api.traffic.limits import Limits
from cdp.api.traffic.metrics import Metrics
from cdp.api.traffic.readiness import Readiness
from cdp.api.traffic.records import Records
from cdp.api.traffic.stopping import Stopping
from cdp.api.traffic.tracing import Tracing
from cdp.bootstrap import Platform


def traffic_of(platform: Platform) -> Traffic:
    """Open everything; the caller closes it."""
    settings = platform.settings
    return Traffic(
        limits=Limits.open(settings, platform.vault.platform_key("limits")),
        metrics=Metrics(),
        records=Records(requests=settings.request_log),
        tracing=Tracing.open(settings.tracing),
        stopping=Stopping(settings.grace_seconds),
        readiness=Readiness(platform),
        bounds=Bounds(
            places=settings.places,
            rights_places=max(2, settings.places // 5),
            seconds=settings.request_seconds,
            stall_seconds=settings.stall_seconds,
        ),
    )


@contextmanager
def serving(platform: Platform) -> Iterator[Traffic]:
    """Have everything open meanwhile."""
    traffic = traffic_of(platform)
    try:
        yield traffic
    finally:
        traffic.close()
