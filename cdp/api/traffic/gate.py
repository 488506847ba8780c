"""The outermost layer of the app: who comes in, how much of it, how long, and what is written down of it.

A plain ASGI layer, since it is on the way of every request. For each:

1. its lane: people's rights (opt-outs, erasures, their own pages) have places of their own, so that no load of readers
   keeps a person from refusing; so have requests for tokens; probes are always let in;
2. its body, which must arrive within so many seconds (408); its size is bounded by the framework, which says so in
   plain text, and we as a problem (413);
3. a place in the lane, else 503 with `Retry-After`; of the main lane, one app has a share (`cdp.api.traffic.limits`);
4. its answer, which must begin within so many seconds (503); a reader that takes nothing for so long is let go;
5. at the end one line in the log, the numbers, and the span, all from the same facts.

It lies within `cdp.api.guard`, which gives every answer its header fields and is the last fence.
"""

import asyncio
import time
from dataclasses import dataclass
from typing import Any, Final

from anyio import CapacityLimiter
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cdp.api.problems import TOO_LARGE, problem_response
from cdp.api.traffic.limits import RIGHTS, Limits, Spent, enter
from cdp.api.traffic.metrics import METHODS, Metrics
from cdp.api.traffic.places import MAIN, SIGN_IN, Place, Places, has_body, lane_of
from cdp.api.traffic.readiness import Readiness
from cdp.api.traffic.records import Records
from cdp.api.traffic.stopping import Stopping
from cdp.api.traffic.templates import Templates
from cdp.api.traffic.tracing import Tracing
from cdp.errors import BadInput, CdpError, Unavailable
from cdp.services.idempotency import Doing

UNAVAILABLE: Final = 503
GONE: Final = 499
"""What is written down of a request whose sender went before it had an answer, as nginx does."""
TOO_LARGE_STATUS: Final = 413


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one worker takes at once, and how long anything may take."""

    places: int = 100
    rights_places: int = 20
    seconds: float = 30
    stall_seconds: float = 60


@dataclass(frozen=True)
class Traffic:
    """What the layer works with."""

    limits: Limits
    metrics: Metrics
    records: Records
    tracing: Tracing
    stopping: Stopping
    readiness: Readiness
    rights_threads: CapacityLimiter
    doing: Doing
    bounds: Bounds

    def close(self) -> None:
        """Let go of everything."""
        self.limits.close()
        self.tracing.close()
        self.metrics.leave()


def method_of(scope: Scope) -> str:
    """Return the method of a request; a word that is none is the caller's own text."""
    method: str = scope["method"]
    return method if method in METHODS else "other"


class Gate:
    """The layer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._places = Places()
        self._templates: Templates | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        traffic: Traffic | None = getattr(scope["app"].state, "traffic", None) if scope["type"] == "http" else None
        if traffic is None:
            await self._app(scope, receive, send)
            return
        lane = lane_of(scope["path"])
        bounds = traffic.bounds
        most = {MAIN: bounds.places, RIGHTS: bounds.rights_places, SIGN_IN: bounds.rights_places}.get(lane)
        place = None if most is None else self._places.of(lane, most, scope)
        passage = _Passage(scope, receive, send, traffic, lane, place=place)
        with traffic.tracing.request() as span:
            gauge = traffic.metrics.running.labels(lane)
            gauge.inc()
            try:
                await self._pass(passage)
            finally:
                gauge.dec()
                passage.leave()
                self._templates = self._templates or Templates(scope["app"])
                span.update(passage.write_down(self._templates.of(scope)))

    async def _pass(self, passage: "_Passage") -> None:
        try:
            passage.come()
        except Unavailable as error:
            await passage.turn_away(error)
            return
        try:
            async with asyncio.timeout(passage.traffic.bounds.seconds) as passage.clock:
                await self._app(passage.scope, passage.receive, passage.send)
        except TimeoutError:
            await passage.turn_away(passage.too_slow())
        except ClientDisconnect:
            passage.gone()


class _Passage:
    """One request on its way."""

    def __init__(
        self, scope: Scope, receive: Receive, send: Send, traffic: Traffic, lane: str, *, place: Place | None
    ) -> None:  # fmt: skip
        self.scope, self.traffic, self._place = scope, traffic, place
        self.clock: asyncio.Timeout | None = None
        self._spent: Spent = enter(scope, lane)
        self._receive, self._send = receive, send
        self._began = time.perf_counter()
        self._status, self._sent = 0, 0
        self._whole, self._waiting, self._said_anew = False, False, False

    def come(self) -> None:
        """Take a place, or stand before the door until the body is there.

        Raises:
            Unavailable: `busy`.
        """
        if self._place is not None:
            self._place.wait() if has_body(self.scope) else self._place.enter()

    async def receive(self) -> Message:
        """Take in a part of the body; with the last of it comes a place.

        Raises:
            Unavailable: `busy`.
        """
        self._waiting = True
        message = await self._receive()
        self._waiting = False
        if message["type"] == "http.request" and not message.get("more_body", False):
            self._go_in()
        return message

    async def send(self, message: Message) -> None:
        """Hand on a part of the answer."""
        if self._said_anew:
            return
        if _is_plain_refusal(message):
            await problem_response(TOO_LARGE)(self.scope, self.receive, self.send)
            self._said_anew = True
            return
        if message["type"] == "http.response.start":
            self._status = message["status"]
            added = [(b"retry-after", b"1")] if self._status == UNAVAILABLE else self._spent.headers()
            message["headers"] = [*message.get("headers", ()), *added]
            if self.clock is not None:
                self.clock.reschedule(None)
            await self._send(message)
            return
        self._sent += len(message.get("body", b""))
        if message.get("more_body", False):
            async with asyncio.timeout(self.traffic.bounds.stall_seconds):
                await self._send(message)
        else:
            await self._send(message)
            self._whole = True

    async def turn_away(self, error: CdpError) -> None:
        """Answer with an error, if nothing was answered yet; else leave the answer visibly unfinished."""
        self.clock = None
        if not self._status:
            self.traffic.metrics.turned_away(error.code)
            await problem_response(error)(self.scope, self.receive, self.send)

    def gone(self) -> None:
        """Note that the sender left in the middle of the body, and nobody is there to be answered."""
        self._status = self._status or GONE

    def leave(self) -> None:
        """Give back its place, and the one that it had of its app's share."""
        if self._place is not None:
            self._place.leave()
        self.traffic.limits.shares.give_back(self._spent)
        if self._spent.crowded:
            self.traffic.metrics.turned_away("app_busy")

    def _go_in(self) -> None:
        try:
            if self._place is not None:
                self._place.enter()
        except Unavailable as error:
            self.traffic.metrics.turned_away(error.code)
            raise

    def too_slow(self) -> CdpError:
        """Return whose fault it is that there is no answer yet."""
        if self._waiting:
            return BadInput("body_too_slow", "the body did not arrive in time", path="body")
        return Unavailable("too_slow", "there was no answer in time", hint="ask for less, or try again")

    def write_down(self, route: str) -> dict[str, Any]:
        """Write down what became of it, and return the facts for the span.

        An answer that was not begun is about to be: what is on its way out of here is an error nobody foresaw.
        """
        method, status = method_of(self.scope), self._status or 500
        seconds = time.perf_counter() - self._began
        self.traffic.metrics.answered(route, method, status, seconds=seconds, sent=self._sent)
        if self._status not in (0, GONE) and not self._whole:
            self.traffic.metrics.broken(route)
        self.traffic.records.answered(
            route=route, method=method, status=status, seconds=round(seconds, 6), bytes=self._sent,
            app=self._spent.app or None, whole=self._whole, request_id=self.scope["state"].get("request_id"),
        )  # fmt: skip
        return {
            "http.route": route, "http.request.method": method, "http.response.status_code": status,
            "cdp.app": self._spent.app or None, "cdp.whole": self._whole,
        }  # fmt: skip


def _is_plain_refusal(message: Message) -> bool:
    """Return whether the framework begins to say that a body is too large; nothing of ours is plain text then."""
    if message["type"] != "http.response.start" or message["status"] != TOO_LARGE_STATUS:
        return False
    return any(name == b"content-type" and value.startswith(b"text/plain") for name, value in message["headers"])
