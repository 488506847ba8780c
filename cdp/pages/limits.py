"""How often one address may try to get in."""

from starlette.requests import Request


def count_address(request: Request) -> None:
    """Take one from what an address may ask in a minute.

    Raises:
        Refused: `too_many_requests`.
    """
    request.app.state.traffic.limits.address(request.scope)


def count_attempt(request: Request, name: str) -> None:
    """Take one from how often somebody may try to sign in to the console by a name, and from an address.

    Raises:
        Refused: `too_many_requests`.
    """
    request.app.state.traffic.limits.attempt(request.scope, name)
