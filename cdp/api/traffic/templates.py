"""Which template a request's path was matched by: what may be said of a path without saying the path."""

from typing import Any, Final

from fastapi import FastAPI
from starlette.routing import Route
from starlette.types import Scope

UNMATCHED: Final = "unmatched"


class Templates:
    """The templates of an application.

    The framework says in the scope which of its own routes matched; of a plain route it says only the endpoint.
    """

    def __init__(self, app: FastAPI) -> None:
        self._plain: dict[Any, list[Route]] = {}
        for route in app.router.routes:
            if isinstance(route, Route):
                self._plain.setdefault(route.endpoint, []).append(route)

    def of(self, scope: Scope) -> str:
        """Return the template, the same for every path that it takes."""
        context = scope.get("fastapi", {}).get("effective_route_context")
        if context is not None:
            return str(context.path_format)
        routes = self._plain.get(scope.get("endpoint"), [])
        if len(routes) == 1:
            return str(routes[0].path)
        matching = (route for route in routes if route.path_regex.match(scope["path"]))
        return next((str(route.path) for route in matching), UNMATCHED)
