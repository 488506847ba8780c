"""`cdp serve`: the HTTP interface, by uvicorn."""

import click

from cdp.cli.usage import Command

APPLICATION = "cdp.asgi:from_settings"


@click.command("serve", cls=Command)
@click.option("--host", default="127.0.0.1", show_default=True, metavar="ADDRESS", help="Where to listen.")
@click.option("--port", type=click.IntRange(min=0, max=65535), default=8000, show_default=True, metavar="N")
def serve(*, host: str, port: int) -> None:
    """Serve the views over HTTP.

    The documentation is at `/docs`, for programs at `/openapi.json`. Programs sign in with what `cdp app add` prints.
    """
    import uvicorn

    from cdp.cli.session import opened

    with opened():  # what is wrong is said before anything listens
        pass
    uvicorn.run(APPLICATION, factory=True, host=host, port=port, access_log=False, server_header=False, ws="none")
