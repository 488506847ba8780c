"""The application behind a real server, in a thread of this process."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn


@contextmanager
def served(app: Any, **others: Any) -> Iterator[str]:
    """Serve an application on a free port of the loopback, and yield its URL."""
    settings = {"log_config": None, "access_log": False, "lifespan": "off", "ws": "none", **others}
    config = uvicorn.Config(app, port=0, **settings)
    server = uvicorn.Server(config)
    ready = threading.Event()
    startup = server.startup

    async def starting(sockets: Any = None) -> None:
        await startup(sockets)
        ready.set()

    server.startup = starting  # type: ignore[method-assign]
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    assert ready.wait(30)
    try:
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(30)
