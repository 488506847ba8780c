"""`/openapi.json` (OpenAPI 3.1), and `/docs`: the same as a page that loads nothing and runs nothing.

The framework's own page runs scripts of a content network, whose owners would read along. Ours is made here.
"""

from html import escape
from typing import Any, Final

import orjson
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from cdp.api.credentials import app_of, query_of
from cdp.api.description import describe
from cdp.api.parts import platform_of
from cdp.services.apps.read import views_of

_CSP: Final = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'"
_STYLE: Final = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "h2{margin:2rem 0 .2rem}code{font-family:ui-monospace,monospace}td,th{text-align:left;padding:.1rem 1rem .1rem 0;"
    "vertical-align:top}"
)


def routes() -> list[BaseRoute]:
    """Return the two routes."""
    return [Route("/openapi.json", _openapi, methods=["GET"]), Route("/docs", _docs, methods=["GET"])]


async def _openapi(request: Request) -> Response:
    return Response(orjson.dumps(await run_in_threadpool(_described, request)), media_type="application/json")


async def _docs(request: Request) -> Response:
    return HTMLResponse(_page(await run_in_threadpool(_described, request)), headers={"content-security-policy": _CSP})


def _described(request: Request) -> dict[str, Any]:
    """Return the description for who asks; a token that does not hold is refused, as everywhere."""
    app, platform = request.app, platform_of(request)
    if "authorization" not in request.headers:
        return describe(app)
    caller = app_of(request.scope, query_of(request.scope))
    return describe(app, platform.in_force(), views_of(platform, caller))


def _page(schema: dict[str, Any]) -> str:
    info = schema["info"]
    head = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(info["title"])}</title>'
        f"<style>{_STYLE}</style></head><body><h1>{escape(info['title'])}</h1>"
        f"<p>{escape(info.get('description', ''))}</p>"
        '<p>For programs: <a href="/openapi.json">/openapi.json</a></p>'
    )
    parts = [head]
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            parts.append(_operation(path, method, operation))
    return "".join([*parts, "</body></html>"])


def _operation(path: str, method: str, operation: dict[str, Any]) -> str:
    parameters = "".join(
        f"<tr><td><code>{escape(each['name'])}</code></td><td>{escape(each['in'])}</td>"
        f"<td>{escape(each.get('description', ''))}</td></tr>"
        for each in operation.get("parameters", ())
    )
    answers = "".join(
        f"<tr><td>{escape(status)}</td><td colspan=2>{escape(each['description'])}</td></tr>"
        for status, each in operation["responses"].items()
    )
    return (
        f"<section><h2><code>{method.upper()} {escape(path)}</code></h2><p>{escape(operation.get('summary', ''))}</p>"
        f"<p>{escape(operation.get('description', ''))}</p><table>{parameters}{answers}</table></section>"
    )
