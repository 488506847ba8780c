"""Every address of the console, and the permission that it needs."""

from starlette.routing import BaseRoute, Route

from cdp.console import sign_in, staff, today, welcome
from cdp.console.guard import public, staffed
from cdp.services.staff.permissions import Permission


def routes() -> list[BaseRoute]:
    """Return the routes."""
    return [
        Route("/console/sign-in", public(sign_in.show), methods=["GET"]),
        Route("/console/sign-in", public(sign_in.use), methods=["POST"]),
        Route("/console/welcome", public(welcome.show), methods=["GET"]),
        Route("/console/welcome", public(welcome.use), methods=["POST"]),
        Route("/console/sign-out", staffed(sign_in.leave, needs=Permission.ACCOUNT), methods=["POST"]),
        Route("/console", staffed(today.show, needs=Permission.TODAY), methods=["GET"]),
        Route("/console/staff", staffed(staff.show, needs=Permission.STAFF_READ), methods=["GET"]),
    ]
