"""Long answers for who speaks HTTP/1.0, and does not know the chunked coding (RFC 9112, section 6.1).

Such an answer ends with its connection. One that broke off must not look like that: its connection is reset.
"""

from collections.abc import Callable
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send


def unframed(app: ASGIApp, cycle: Any, drop: Callable[[], None]) -> ASGIApp:
    """Return an application whose answers without a length go out as they are.

    Args:
        cycle: the server's own state of this request and its answer.
        drop: resets the connection.
    """

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        endless = False

        async def sending(message: Message) -> None:
            nonlocal endless
            if message["type"] == "http.response.start":
                endless = all(name != b"content-length" for name, _ in message["headers"])
                cycle.chunked_encoding = False if endless else None
            elif endless:
                cycle.expected_content_length = len(message.get("body", b""))  # whatever comes is all that is awaited
            await send(message)

        try:
            await app(scope, receive, sending)
        finally:
            if cycle.response_started and not cycle.response_complete:
                drop()

    return answer
