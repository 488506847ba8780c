"""`/.well-known/gpc.json`: that Global Privacy Control is honoured here (W3C draft, "GPC Support Resource")."""

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from consent.signals.well_known import gpc_resource

_DAY = "public, max-age=86400"


def routes() -> list[BaseRoute]:
    """Return the route."""
    return [Route("/.well-known/gpc.json", _gpc, methods=["GET"])]


async def _gpc(_request: Request) -> Response:
    return Response(orjson.dumps(gpc_resource()), media_type="application/json", headers={"cache-control": _DAY})
