"""The outermost layer of the application: request id, default headers, and the last fence for what nobody foresaw.

Plain ASGI, so that it costs next to nothing on a hot path and does not buffer a stream. Every answer has
`X-Request-Id`: the caller's own when it is a UUID, else a new one. What an answer does not say itself is said here:
`Cache-Control: no-store`, no sniffing of types, no referrer, and a policy under which a browser loads nothing.

INVARIANT: an error that nobody foresaw ends here; no server further out writes a traceback, which may hold values. An
answer that has begun and cannot be finished is left unfinished, so that the connection breaks and no reader takes it
for whole.
"""

import logging
import os
import re
import uuid
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cdp.api.problems import internal, problem_response
from cdp.errors import CdpError

LOGGER: Final = logging.getLogger("cdp.api")

REQUEST_ID: Final = "x-request-id"
_UUID: Final = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")

DEFAULTS: Final = (
    ("cache-control", "no-store"),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
)


class Guard:
    """The middleware."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._random = _Random()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = scope.setdefault("state", {})["request_id"] = _request_id(scope, self._random)
        begun = False

        async def sending(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                headers = MutableHeaders(scope=message)
                headers[REQUEST_ID] = request_id
                for name, value in DEFAULTS:
                    headers.setdefault(name, value)
            await send(message)

        try:
            await self.app(scope, receive, sending)
        except Exception as error:  # noqa: BLE001 -- the last fence: beyond it a server would print values
            known = _known(error)
            if begun and known is not None:
                LOGGER.warning("request %s broke off: %s", request_id, known.code)
            else:
                LOGGER.error("request %s: %s", request_id, internal(error).message)  # noqa: TRY400 -- a traceback holds values
            if not begun:
                await problem_response(error if isinstance(error, CdpError) else internal(error))(
                    scope, receive, sending
                )


def _known(error: Exception) -> CdpError | None:
    """Return the error of ours that an answer broke off with: the framework wraps one that comes too late to answer."""
    found = error if isinstance(error, CdpError) else error.__cause__
    return found if isinstance(found, CdpError) else None


class _Random:
    """Random bytes, many asked for at once: while the kernel is asked, another thread takes the interpreter."""

    def __init__(self) -> None:
        self._pool = b""

    def sixteen(self) -> bytes:
        """Return fresh ones."""
        self._pool = self._pool or os.urandom(16 * 256)
        taken, self._pool = self._pool[:16], self._pool[16:]
        return taken


def _request_id(scope: Scope, random: _Random) -> str:
    given = [value for name, value in scope["headers"] if name == REQUEST_ID.encode()]
    if len(given) == 1 and _UUID.fullmatch(given[0]):
        return str(given[0], "ascii")
    return str(uuid.UUID(bytes=random.sixteen(), version=4))
