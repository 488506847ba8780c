"""The addresses of what waits for a decision: requests, corrections, identity links."""

from typing import Final

from starlette.routing import BaseRoute, Route

from cdp.console import corrections, deciding, links, request, requests, safe
from cdp.console.guard import staffed
from cdp.services.staff.permissions import Permission

_READ, _DECIDE, _JOIN = Permission.REQUESTS_READ, Permission.REQUESTS_DECIDE, Permission.IDENTITY_DECIDE

ON_REQUESTS: Final = {
    "assign": request.give,
    "letter": deciding.preview,
    "decide": deciding.decide,
    "second": deciding.second,
    "end": deciding.end,
}
"""What is done with a request, by the end of its address."""

GRAVE: Final = frozenset({"decide", "second", "end"})
"""Of these, what cannot be taken back: a letter that was sent, somebody who was erased."""


def routes() -> list[BaseRoute]:
    """Return the routes."""
    at = "/console/requests"
    return [
        Route(at, staffed(requests.show, needs=_READ), methods=["GET"]),
        Route(at + "/{request}", staffed(request.show, needs=_READ), methods=["GET"]),
        Route(at + "/{request}/files/{file}", staffed(request.download, needs=_READ), methods=["GET"]),
        *(
            Route(f"{at}/{{request}}/{act}", staffed(done, needs=_DECIDE, fresh=act in GRAVE), methods=["POST"])
            for act, done in ON_REQUESTS.items()
        ),
        Route("/console/corrections", staffed(corrections.index, needs=_READ), methods=["GET"]),
        Route("/console/corrections/safe", staffed(safe.show, needs=_DECIDE), methods=["GET"]),
        Route("/console/corrections/safe", staffed(safe.approve, needs=_DECIDE), methods=["POST"]),
        Route("/console/corrections/{request}", staffed(corrections.show, needs=_READ), methods=["GET"]),
        Route("/console/corrections/{request}", staffed(corrections.decide, needs=_DECIDE), methods=["POST"]),
        Route("/console/links", staffed(links.index, needs=_READ), methods=["GET"]),
        Route("/console/links/joined", staffed(links.joined, needs=_READ), methods=["GET"]),
        Route("/console/links/joined/{merge}", staffed(links.undo, needs=_JOIN), methods=["POST"]),
        Route("/console/links/{link}", staffed(links.show, needs=_JOIN), methods=["GET"]),
        Route("/console/links/{link}", staffed(links.decide, needs=_JOIN), methods=["POST"]),
    ]
