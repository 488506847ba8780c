"""The web application: `create_app(platform)`, and `from_settings` for `uvicorn --factory cdp.asgi:from_settings`.

How an edge is attached: its module has either an `APIRouter` (say `router`, made with `prefix` and `tags`), or a
function that returns plain Starlette routes for paths where a microsecond matters. Add it to `ROUTERS` or to
`ROUTES`, and nothing else. An endpoint takes the platform as a parameter `platform: cdp.api.parts.Served` (or from
`cdp.api.parts.platform_of(request)`) and the app that asks as `app: cdp.api.credentials.Acting`, raises `CdpError`s
and never an `HTTPException`, and sets a cache header only if it wants another one than `no-store`. A new class of
errors needs a row in `cdp.statuses`, a new route one in `tests/api/test_matrix.py`.

Endpoints that read or write are plain functions (`def`): the framework runs them in a thread, and the event loop stays
free.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from importlib.metadata import version
from typing import Any, Final

from fastapi import APIRouter, FastAPI
from starlette.middleware import Middleware
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.routing import BaseRoute

from cdp.api import ingest, log, oauth, problems, reference, regulations, rows, well_known
from cdp.api.guard import Guard
from cdp.api.reading import routes as reading, stream
from cdp.api.reading.together import Together
from cdp.api.traffic import health
from cdp.api.traffic.gate import Gate, Traffic
from cdp.api.traffic.opening import serving, traffic_of
from cdp.api.traffic.wire import STATE
from cdp.bootstrap import Platform, open_platform
from cdp.collecting import collect_rarely
from cdp.config import load_settings
from cdp.console import parts as console_parts, routes as console
from cdp.ingest.spool import Intake
from cdp.ingest.worker import working
from cdp.pages import assets
from cdp.portal import parts as portal_parts, routes as portal
from cdp.portal.chores import Chores
from cdp.services.apps.tokens import Tokens
from cdp.services.cursors import KEY as CURSORS, Cursors
from cdp.services.oidc.provider import providers
from cdp.services.regulations.keys import Regulators

ROUTERS: Final[Sequence[APIRouter]] = (log.router, oauth.router, rows.router)
"""Routers of FastAPI; they are in `/openapi.json` by themselves."""

ROUTES: Final[Sequence[Callable[[], list[BaseRoute]]]] = (
    reading.routes, reference.routes, health.routes, ingest.routes, regulations.routes, well_known.routes,
    assets.routes, portal.routes, console.routes,
)  # fmt: skip
"""Functions that return plain routes of Starlette."""

PAGES: Final = {"portal": portal_parts.speak, "privacy": portal_parts.speak, "console": console_parts.speak}
"""Who says to people what is wrong, by the first part of a path."""

MAX_BODY: Final = 5 * 1024 * 1024
"""The largest body that is taken; a batch of events may have four MiB."""

_DESCRIPTION: Final = "Customer data, read only through views. What leaves is decided by one policy and is on the log."

_SILENT: Final[Any] = dict.fromkeys(("tracing", "metrics", "logs", "operation_spans", "auto_configure"), False)
"""The framework would trace by itself as soon as a provider is set, and put paths and queries into its spans."""


def create_app(platform: Platform) -> FastAPI:
    """Return the application over a platform that is open, and that the caller closes."""
    app = _application(None)
    _serve(app, platform, traffic_of(platform))
    return app


def from_settings() -> FastAPI:
    """Return the application that opens the platform named by the settings when it starts, and closes it at the end."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[Mapping[str, Any]]:
        with open_platform(load_settings()) as platform, serving(platform) as traffic:
            platform.in_force()
            _serve(app, platform, traffic)
            collect_rarely()
            with (
                platform.keeper.running(tell=traffic.metrics.log.signing),
                working(platform, app.state.intake.arrived),
                app.state.chores.running(),
            ):
                yield {STATE: traffic.bounds}

    return _application(lifespan)


def _serve(app: FastAPI, platform: Platform, traffic: Traffic) -> None:
    app.state.platform, app.state.traffic = platform, traffic
    app.state.chores = Chores(platform, tell=traffic.metrics.canary_alarms.set)
    app.state.tokens = Tokens(platform)
    app.state.cursors = Cursors(platform.vault.platform_key(CURSORS))
    app.state.readers, app.state.together = stream.workers(platform.settings.pool), Together()
    app.state.intake = Intake(platform)
    app.state.regulators = Regulators(platform)
    app.state.providers = providers(platform.settings)


def _application(lifespan: Callable[[FastAPI], AbstractAsyncContextManager[Mapping[str, Any]]] | None) -> FastAPI:
    app = FastAPI(
        title="Customer data platform",
        description=_DESCRIPTION,
        version=version("customer-data-platform"),
        openapi_url=None,  # ours is in `cdp.api.reference`
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,  # a redirect repeats the address, and whatever stands in it
        telemetry=_SILENT,
        # Not the framework's own argument for it, which lies outside of them: its answer had no header fields of ours.
        middleware=[
            Middleware(Guard),
            Middleware(Gate),
            Middleware(RequestBodyLimitMiddleware, max_body_size=MAX_BODY),
        ],
        lifespan=lifespan,
    )
    problems.install(app, pages=PAGES)
    for routes in ROUTES:  # first: a request is held against one route after the other
        app.router.routes.extend(routes())
    for router in ROUTERS:
        app.include_router(router)
    return app
