"""The routes of `/views`: plain ones of Starlette, since a route of FastAPI costs more than the read itself."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import cast

import orjson
from starlette.requests import Request
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from cdp.api.credentials import app_of, query_of
from cdp.api.reading.asked import asked_of
from cdp.api.reading.begin import Begun, Ready, begin, explained, headers_of, placed
from cdp.api.reading.stream import send_begun
from cdp.api.reading.together import Together
from cdp.api.traffic.places import has_body
from cdp.bootstrap import Platform
from cdp.services.apps.read import views_of
from views.compile import view_columns

Begin = Callable[[Scope, bytes], Begun]


class Reading:
    """An endpoint: begin in a thread, then send. A class, so that Starlette hands over the bare request."""

    def __init__(self, begin_: Begin) -> None:
        self._begin = begin_

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        body = await Request(scope, receive).body() if has_body(scope) else b""
        loop = asyncio.get_running_loop()
        begun: Awaitable[Begun] = loop.run_in_executor(scope["app"].state.readers, partial(self._begin, scope, body))
        await send_begun(await begun, scope, receive, send)


class _View:
    """The endpoint of one view: what is small and comes at the same time is read together."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        body = await Request(scope, receive).body() if has_body(scope) else b""
        begun = await cast("Together", scope["app"].state.together).begin(scope, body)
        if isinstance(begun, Ready):
            begun = await asyncio.get_running_loop().run_in_executor(scope["app"].state.readers, begin, begun)
        await send_begun(begun, scope, receive, send)


def routes() -> list[BaseRoute]:
    """Return the three routes."""
    return [
        Route("/views", Reading(_list), methods=["GET"], name="views"),
        Route("/views/{view}", _View(), methods=["GET"], name="view"),
        Route("/views/{view}/explain", Reading(_explain), methods=["GET"], name="explain"),
    ]


def _list(scope: Scope, body: bytes) -> Begun:
    app = app_of(scope, query_of(scope), body)
    platform = cast("Platform", scope["app"].state.platform)
    in_force = platform.in_force()
    found = [
        {
            "name": view.name,
            "kind": view.kind,
            "entity": view.entity,
            "purpose": view.purpose,
            "needs": list(view.needs),
            "columns": [
                {"name": each.name, "type": each.type}
                for each in view_columns(in_force.catalogue, in_force.policy, view)
            ],
            "url": f"/views/{view.name}",
        }
        for view in views_of(platform, app)
    ]
    return Begun(200, {"content-type": "application/json"}, orjson.dumps(found))


def _explain(scope: Scope, body: bytes) -> Begun:
    view, query = scope["path_params"]["view"], query_of(scope)
    app = app_of(scope, query, body, view=view)
    platform = cast("Platform", scope["app"].state.platform)
    return explained(platform, app, placed(platform, app, asked_of(app, view, query, headers_of(scope))))
