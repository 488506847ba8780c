"""The addresses of the log's pages."""

from starlette.routing import BaseRoute, Route

from cdp.console.guard import staffed
from cdp.console.log import entry, person, search, unusual, verify
from cdp.services.staff.permissions import Permission


def routes() -> list[BaseRoute]:
    """Return the routes; whom somebody asks about needs the other permission besides."""
    look, ask = Permission.LOG_READ, Permission.CUSTOMERS_READ
    return [
        Route("/console/log", staffed(search.show, needs=look), methods=["GET"]),
        Route("/console/log/unusual", staffed(unusual.show, needs=look), methods=["GET"]),
        Route("/console/log/verify", staffed(verify.show, needs=look), methods=["GET"]),
        Route("/console/log/verify", staffed(verify.begin, needs=look), methods=["POST"]),
        Route("/console/log/verify/state", staffed(verify.state, needs=look), methods=["GET"]),
        Route("/console/log/person", staffed(person.ask, needs=ask), methods=["GET"]),
        Route("/console/log/person", staffed(person.find, needs=ask), methods=["POST"]),
        Route("/console/log/person/{customer}", staffed(person.show, needs=ask), methods=["GET"]),
        Route("/console/log/{number}", staffed(entry.show, needs=look), methods=["GET"]),
    ]
