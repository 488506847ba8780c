"""Every address of the portal, and what it takes to see it."""

from starlette.routing import BaseRoute, Route

from cdp.portal import pages, sign_in
from cdp.portal.parts import in_words, signed_in


def routes() -> list[BaseRoute]:
    """Return the routes."""
    return [
        Route("/portal", signed_in(pages.home), methods=["GET"]),
        Route("/portal/sign-in", in_words(sign_in.show), methods=["GET"]),
        Route("/portal/sign-in", in_words(sign_in.ask), methods=["POST"]),
        Route("/portal/link", in_words(sign_in.confirm), methods=["GET"]),
        Route("/portal/link", in_words(sign_in.use), methods=["POST"]),
        Route("/portal/sign-out", signed_in(sign_in.leave), methods=["POST"]),
        Route("/portal/data", signed_in(pages.data), methods=["GET"]),
        Route("/portal/choices", signed_in(pages.choices), methods=["GET"]),
        Route("/portal/choices", signed_in(pages.choose), methods=["POST"]),
        Route("/portal/accesses", signed_in(pages.accesses), methods=["GET"]),
    ]
