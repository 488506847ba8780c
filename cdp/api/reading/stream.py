"""Sending an answer: whole, or piece by piece, with the reader setting the pace.

A piece is made in a worker thread, handed to the server, and only when the server has room again is the next one asked
for: memory stays that of one chunk, and the log never names a chunk long before it left. When the reader goes, nothing
more is read. When an answer breaks, it is left unfinished: `cdp.api.guard`.
"""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from starlette.types import Receive, Scope, Send

from cdp.api.reading.begin import Begun
from cdp.api.reading.together import THREADS


def workers(connections: int) -> ThreadPoolExecutor:
    """Return the threads in which one application reads: fewer than connections, so that none waits for one.

    A fifth of the connections is left to people's rights (`cdp.api.traffic.opening`), and some to small reads
    (`cdp.api.reading.together`).
    """
    return ThreadPoolExecutor(max(1, connections - max(1, connections // 5) - THREADS), thread_name_prefix="read")


async def send_begun(begun: Begun, scope: Scope, receive: Receive, send: Send) -> None:
    """Send what was begun, to its end."""
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in begun.headers.items()]
    if begun.pieces is None:
        length = () if scope["method"] == "HEAD" else ((b"content-length", str(len(begun.body)).encode()),)
        await send({"type": "http.response.start", "status": begun.status, "headers": [*headers, *length]})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else begun.body})
        return
    await send({"type": "http.response.start", "status": begun.status, "headers": headers})
    gone = asyncio.ensure_future(_gone(receive))
    try:
        await _send_pieces(begun.pieces, scope, send, gone)
    finally:
        gone.cancel()


async def _send_pieces(pieces: Iterator[bytes], scope: Scope, send: Send, gone: "asyncio.Future[None]") -> None:
    loop, pool = asyncio.get_running_loop(), scope["app"].state.readers
    while not gone.done():
        piece = await loop.run_in_executor(pool, next, pieces, None)
        if piece is None:
            await send({"type": "http.response.body", "body": b""})
            return
        if piece:
            await send({"type": "http.response.body", "body": piece, "more_body": True})


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
