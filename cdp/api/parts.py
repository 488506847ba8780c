"""What an endpoint stands on: the open platform of its application."""

from typing import Annotated, cast

from fastapi import Depends, Request

from cdp.bootstrap import Platform


def platform_of(request: Request) -> Platform:
    """Return the platform that the application serves."""
    return cast("Platform", request.app.state.platform)


Served = Annotated[Platform, Depends(platform_of)]
"""The platform, as a parameter of a FastAPI endpoint."""
