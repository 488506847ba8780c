"""The connection below the application: what uvicorn's own protocol lets a peer do without end is bounded here.

- A head (request line and header fields, RFC 9112) has at most 64 KiB, else 431; it arrives in time, or nobody waits.
- A body that goes on after its answer (which may have come before the end of it) is thrown away, and for so long only.
  Closing meanwhile would reset the connection, and take the answer out of the peer's hands.
- Who speaks HTTP/1.0 gets no chunked coding (`cdp.api.traffic.unframed`).
- Fields of a trailer stay out of those of the head (RFC 9110, section 6.5.1): whoever stands before us looked at these.
- What a reader does not take is not kept for ever: one who takes less than 64 KiB in `stall_seconds`, with that or more
  waiting for him, is let go, and what waits with him. It holds no place, no thread and no transaction meanwhile.
- What is no HTTP gets a problem like every other fault.
- Who has just connected when the process is told to stop is still answered: the request may be on its way.
"""

import socket
import struct
from asyncio import TimerHandle, Transport
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from cdp.api.guard import DEFAULTS
from cdp.api.problems import MEDIA_TYPE, problem_body
from cdp.api.traffic.gate import Bounds
from cdp.api.traffic.unframed import unframed
from cdp.errors import BadInput, CdpError

MAX_HEAD: Final = 64 * 1024
ENOUGH: Final = 64 * 1024
LOOKS: Final = 4
"""How often in the time that is allowed it is looked whether it is over."""

FIRST_SECONDS: Final = 2.0
"""How long a first request is waited for when the process is to stop."""

_AT_ONCE: Final = struct.pack("ii", 1, 0)

STATE: Final = "bounds"
"""Under which name the lifespan says the bounds."""


class Wire(HttpToolsProtocol):
    """One connection."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._bounds: Bounds = self.app_state.get(STATE) or Bounds()
        self._period = min(self._bounds.seconds, self._bounds.stall_seconds) / LOOKS
        self._in_head, self._is_first, self._chunk = True, False, 0
        self._is_last = self._is_stopping = False
        self._least = self._most = 0  # bytes of the head: it has between so and so many
        self._began: float | None = None
        self._left: tuple[int, float] | None = None
        self._timer: TimerHandle | None = None
        self._fault: CdpError | None = None

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        """Begin."""
        super().connection_made(transport)
        self._began = self.loop.time()
        self._timer = self.loop.call_later(self._period, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        if self._timer is not None:
            self._timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take in what came."""
        if not self._in_head:
            super().data_received(data)
            return
        self._chunk, self._is_first = len(data), False
        self._most += len(data)
        super().data_received(data)
        if self._goes_on():
            self._least += len(data)
            if self._least > MAX_HEAD and not self.transport.is_closing():
                self._refuse(_too_large())

    def _goes_on(self) -> bool:
        """Whether all that has just come was of a head, and that has not ended."""
        return self._in_head and not self._is_first

    def on_message_begin(self) -> None:
        """Begin with a head; some of what came now may be of the request before it."""
        self._began, self._is_first = self.loop.time(), True
        self._least, self._most = 0, self._chunk
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a field, if it is one of the head."""
        if self._in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Go on to the body."""
        if self._most > MAX_HEAD:  # perhaps: what came with it counts, too
            size = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
            if size > MAX_HEAD:
                self._fault = _too_large()
                raise ValueError
        self._in_head, self._began = False, None
        super().on_headers_complete()
        self._is_last = self._is_stopping or not self.cycle.keep_alive
        self.cycle.keep_alive = True  # until the body is there

    def on_message_complete(self) -> None:
        """Go on to the next head, or to the end."""
        self._in_head, self._began, self._least = True, None, 0
        if self._is_last:
            self.cycle.keep_alive = False
            if self.cycle.response_complete:
                self.transport.close()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Have an answer behind us; what is left of the body has so long from now on."""
        super().on_response_complete()
        if not self._in_head:
            self._began = self.loop.time()

    def shutdown(self) -> None:
        """Answer what is under way, or comes first, and no more."""
        cycle: Any = self.cycle  # None before the first request
        if cycle is None and not self._is_stopping:
            self._is_stopping = True
            self.loop.call_later(FIRST_SECONDS, self.shutdown)
        elif cycle is None or not self._is_stopping:  # else it ends with its answer
            super().shutdown()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        if cycle.scope["http_version"] == "1.0":
            app = unframed(app, cycle, self._drop)
        super()._start_asgi_task(cycle, app)

    def resume_writing(self) -> None:
        """Ask for more of the answer: enough was taken of what waited."""
        self._left = None
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:
        """Say that it is no request, in our own words."""
        del msg
        self._refuse(self._fault or BadInput("bad_request", "the request cannot be understood"))

    def _refuse(self, error: CdpError) -> None:
        if self._is_answering():  # what stands in between would be taken for a part of that
            self._drop()
            return
        status, body = problem_body(error)
        fields = {
            **dict(DEFAULTS), "content-type": MEDIA_TYPE, "content-length": str(len(body)), "connection": "close"
        }  # fmt: skip
        head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        self.transport.write(STATUS_LINE[status] + head.encode() + b"\r\n" + body)
        self.transport.close()

    def _look(self) -> None:
        """Let the peer go who keeps us waiting."""
        now = self.loop.time()
        if self._is_late(now) or self._is_stalled(now):
            self._drop()
            return
        self._timer = self.loop.call_later(self._period, self._look)

    def _drop(self) -> None:
        """End it at once, with what the kernel still has to send: it would go on sending for as long as he takes."""
        peer = self.transport.get_extra_info("socket")
        if peer is not None:
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
        self.transport.abort()

    def _is_answering(self) -> bool:
        cycle: Any = self.cycle  # None before the first request
        return cycle is not None and not cycle.response_complete

    def _is_late(self, now: float) -> bool:
        return self._began is not None and not self._is_answering() and now - self._began > self._bounds.seconds

    def _is_stalled(self, now: float) -> bool:
        size = self.transport.get_write_buffer_size()
        if not size:
            self._left = None
        elif self._left is None or not self._left[0] - ENOUGH < size <= self._left[0]:
            self._left = (size, now)
        return self._left is not None and now - self._left[1] > self._bounds.stall_seconds


def _too_large() -> CdpError:
    return BadInput("head_too_large", "the head of the request is too large", path="headers")
