"""`/healthz` (the process), `/readyz` (database, keys, log) and `/metrics`.

A stranger learns that it is ready or not, and nothing of what is amiss: that goes to the log.
"""

import orjson
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from cdp.api.traffic.gate import Traffic
from cdp.api.traffic.metrics import CONTENT_TYPE


def routes() -> list[BaseRoute]:
    """Return the three routes."""
    return [
        Route("/healthz", _healthz, methods=["GET"]),
        Route("/readyz", _readyz, methods=["GET"]),
        Route("/metrics", _metrics, methods=["GET"]),
    ]


async def _healthz(_request: Request) -> Response:
    return Response(b'{"status":"ok"}', media_type="application/json")


async def _readyz(request: Request) -> Response:
    traffic: Traffic = request.app.state.traffic
    fault = "stopping" if traffic.stopping.asked else await run_in_threadpool(traffic.readiness.fault)
    if fault:
        traffic.records.unready(fault)
    body = orjson.dumps({"status": "unready" if fault else "ready"})
    return Response(body, status_code=503 if fault else 200, media_type="application/json")


async def _metrics(request: Request) -> Response:
    traffic: Traffic = request.app.state.traffic
    return Response(await run_in_threadpool(traffic.metrics.text), headers={"content-type": CONTENT_TYPE})
