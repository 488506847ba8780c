"""Requests that come at the same time, begun together in one thread.

Each is parsed and judged by itself. Those that turn out to be about one person are then read by one look at the
database and logged by one commit (`audit.door.Door.disclose_together`); the others go on by themselves. Nobody waits
for company: a batch is whatever came while the thread was busy with the one before, and alone a request is a batch
of one. Measured at 32 connections: a thread for each request spends most of its time waiting for the interpreter.

An app is looked up once for a batch, after all of its requests have come: a revocation holds from the next request on.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from starlette.types import Scope

from cdp.api.reading.begin import Begun, Ready, ready, shown
from cdp.errors import CdpError
from cdp.services.apps.read import read_points_as
from cdp.services.apps.tokens import Known
from cdp.services.read import Form

THREADS: Final = 1
"""Two were measured to take a quarter more of the processor, for handing the interpreter to and fro."""

MOST: Final = 64
"""How many requests are begun together at the most."""

Outcome = Begun | Ready | BaseException
"""The answer, or what goes on by itself, or what to raise."""


@dataclass(slots=True)
class _Waiting:
    scope: Scope
    body: bytes
    loop: asyncio.AbstractEventLoop
    future: "asyncio.Future[Begun | Ready]" = field(init=False)

    def __post_init__(self) -> None:
        self.future = self.loop.create_future()


class Together:
    """Takes requests in on the event loop and begins them in a thread of its own."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="together")
        self._waiting: deque[_Waiting] = deque()
        self._called = 0
        self._lock = threading.Lock()

    async def begin(self, scope: Scope, body: bytes) -> Begun | Ready:
        """Return the answer to a request for a view, or the request when it is none to be read with others.

        Raises:
            CdpError: nothing has left then.
        """
        mine = _Waiting(scope, body, asyncio.get_running_loop())
        self._waiting.append(mine)
        self._call()
        return await mine.future

    def _call(self) -> None:
        """Have a thread come, unless enough of them are on their way."""
        with self._lock:
            if self._called == THREADS:
                return
            self._called += 1
        self._threads.submit(self._work)

    def _work(self) -> None:
        with self._lock:
            self._called -= 1  # whoever comes from here on may not be in this batch, and calls again
        batch: list[_Waiting] = []
        with suppress(IndexError):
            while len(batch) < MOST:
                batch.append(self._waiting.popleft())
        if self._waiting:
            self._call()
        if not batch:
            return
        try:
            outcomes = begin_together([(each.scope, each.body) for each in batch])
        except Exception as error:  # noqa: BLE001 -- as in `_outcome`: whoever waits has to be told
            outcomes = [error] * len(batch)
        for loop in {each.loop for each in batch}:
            mine = [(each.future, outcome) for each, outcome in zip(batch, outcomes, strict=True) if each.loop is loop]
            with suppress(RuntimeError):  # the loop has ended, and nobody waits any more
                loop.call_soon_threadsafe(_deliver, mine)


def begin_together(requests: Sequence[tuple[Scope, bytes]]) -> list[Outcome]:
    """Begin to answer several requests for views."""
    known: Known = {}
    outcomes = [_ready(scope, body, known) for scope, body in requests]
    by_form: dict[Form, list[int]] = {}
    for place, each in enumerate(outcomes):
        if isinstance(each, Ready) and _is_plain(each):
            by_form.setdefault(each.form, []).append(place)
    for form, places in by_form.items():
        _read(outcomes, places, form)
    return outcomes


def _ready(scope: Scope, body: bytes, known: Known) -> Outcome:
    return _outcome(partial(ready, scope, body, known))


def _outcome(work: Callable[[], Outcome]) -> Outcome:
    try:
        return work()
    except Exception as error:  # noqa: BLE001 -- it is raised where this request is waited for, and nowhere else
        return error


def _is_plain(ready: Ready) -> bool:
    asked = ready.asked
    more = asked.explain or asked.counted or asked.children or ready.form == "columns"
    return ready.scope["method"] == "GET" and not more


def _read(outcomes: list[Outcome], places: Sequence[int], form: Form) -> None:
    """Put answers in place of those requests that are about one person."""
    asking = [each for place in places if isinstance(each := outcomes[place], Ready)]
    answers = read_points_as(asking[0].platform, [(each.app, each.asked.request) for each in asking], form=form)
    for place, each, answer in zip(places, asking, answers, strict=True):
        if isinstance(answer, CdpError):
            outcomes[place] = answer
        elif answer is not None:
            outcomes[place] = _outcome(partial(shown, each, answer))


def _deliver(found: Sequence[tuple["asyncio.Future[Begun | Ready]", Outcome]]) -> None:
    """Hand over what was found; who was let go meanwhile waits no more."""
    for future, outcome in found:
        if future.done():
            continue
        if isinstance(outcome, BaseException):
            future.set_exception(outcome)
        else:
            future.set_result(outcome)
