"""`cdp serve`: the HTTP interface, by uvicorn; with several workers, as many processes under this one."""

import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from cdp.cli.usage import Command

if TYPE_CHECKING:
    from cdp.config import Settings

APPLICATION: Final = "cdp.asgi:from_settings"
CONNECTION: Final = "cdp.api.traffic.wire:Wire"
KEEP_ALIVE_SECONDS: Final = 75
"""Longer than the proxies in use keep a connection, so that it is they who end it."""
MORE_SECONDS: Final = 5
"""How long what was broken after the grace time may take to end."""
WORKER_SECONDS: Final = 60
"""How long a worker may take to begin, or to say that it lives: a busy machine is no reason to kill one."""

_LOGGING: Final[dict[str, Any]] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"lines": {"()": "cdp.api.traffic.records.Lines"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "lines", "stream": "ext://sys.stderr"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "uvicorn": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
        "uvicorn.access": {"handlers": [], "level": "CRITICAL", "propagate": False},  # it writes whole paths
    },
}


@click.command("serve", cls=Command)
@click.option("--host", default="127.0.0.1", show_default=True, metavar="ADDRESS", help="Where to listen.")
@click.option("--port", type=click.IntRange(min=0, max=65535), default=8000, show_default=True, metavar="N",
              help="Port to listen at; 0 for a free one.")  # fmt: skip
@click.option(
    "--workers", type=click.IntRange(min=1, max=256), default=1, show_default=True, metavar="N",
    help="How many processes answer. One per processor is a good beginning.",
)  # fmt: skip
def serve(*, host: str, port: int, workers: int) -> None:
    """Serve the views over HTTP.

    The documentation is at `/docs`, for programs at `/openapi.json`. Programs sign in with what `cdp app add` prints.
    Told to stop, it answers what it has begun, and after CDP_GRACE_SECONDS breaks off what is not done by then.
    """
    from cdp.cli.session import opened

    with opened() as platform:  # what is wrong is said before anything listens
        settings = platform.settings
    listen(settings, host=host, port=port, workers=workers)


def listen(settings: "Settings", *, host: str, port: int, workers: int) -> None:
    """Serve what the settings of the environment name until told to stop."""
    import uvicorn

    if workers > 1:
        _share_numbers(settings.home)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # being told to stop is no fault
    uvicorn.run(
        APPLICATION,
        factory=True,
        host=host,
        port=port,
        workers=workers,
        loop="uvloop",
        http=CONNECTION,
        ws="none",
        access_log=False,
        log_config=_LOGGING,
        server_header=False,
        proxy_headers=bool(settings.proxies),
        forwarded_allow_ips=settings.proxies or None,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_worker_healthcheck=WORKER_SECONDS,
        timeout_graceful_shutdown=round(settings.grace_seconds) + MORE_SECONDS,
    )


def _share_numbers(home: Path) -> None:
    """Give the workers an empty folder for their numbers, so that any of them can add up those of all."""
    folder = home.absolute() / "metrics"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for left in folder.glob("*.db"):
        left.unlink()
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
