"""The lanes: how many requests of each a worker answers at once, and for how many bodies it waits besides.

A request whose body has not arrived holds no place: it waits before the door, where no address has more than half of
the room. So whoever sends slowly keeps nobody out: no reader, nobody who refuses, and no other source.
"""

import re
from collections import Counter
from typing import Final

from starlette.types import Scope

from cdp.api.traffic.limits import RIGHTS
from cdp.errors import Unavailable

MAIN, SIGN_IN, PROBE = "main", "sign_in", "probe"
_PROBES: Final = frozenset({"/healthz", "/readyz", "/metrics"})
_RIGHTS: Final = re.compile(
    r"/customers/[^/]*/opt-outs|/(v1/|v2/)?regulations(/|$)|/suppressions(/|$)|/portal(/|$)|/\.well-known/gpc\.json"
)
_WAITING: Final = "waiting"


def lane_of(path: str) -> str:
    """Return the lane of a request."""
    if path in _PROBES:
        return PROBE
    if path == "/oauth/token":  # or readers would keep an app from the token with which it passes a refusal on
        return SIGN_IN
    return RIGHTS if _RIGHTS.match(path) else MAIN


def has_body(scope: Scope) -> bool:
    """Whether a request says that a body follows its head."""
    return any(name in (b"content-length", b"transfer-encoding") and value != b"0" for name, value in scope["headers"])


class Places:
    """What is counted; on the event loop alone, so that nothing comes between a look and a count."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, ...]] = Counter()

    def of(self, lane: str, most: int, scope: Scope) -> "Place":
        """Return the place of a request that comes; it has none yet."""
        client = scope.get("client")
        return Place(self._counts, lane, most, client[0] if client else "")


class Place:
    """Where one request stands: nowhere, before the door, or inside."""

    def __init__(self, counts: Counter[tuple[str, ...]], lane: str, most: int, address: str) -> None:
        self._counts, self._most = counts, most
        self._inside, self._waiting = (lane,), (lane, _WAITING)
        self._address = (*self._waiting, address)
        self._held: tuple[tuple[str, ...], ...] = ()

    def wait(self) -> None:
        """Stand before the door until the body is there.

        Raises:
            Unavailable: `busy`.
        """
        self._require(self._inside, self._most)  # or the body would be sent for nothing
        self._require(self._waiting, self._most)
        self._require(self._address, max(1, self._most // 2))
        self._hold(self._waiting, self._address)

    def enter(self) -> None:
        """Take a place inside; whoever is there already stays.

        Raises:
            Unavailable: `busy`.
        """
        if self._inside in self._held:
            return
        self._require(self._inside, self._most)
        self.leave()
        self._hold(self._inside)

    def leave(self) -> None:
        """Stand nowhere any more."""
        for each in self._held:
            self._counts[each] -= 1
            if not self._counts[each]:
                del self._counts[each]
        self._held = ()

    def _require(self, where: tuple[str, ...], most: int) -> None:
        if self._counts[where] >= most:
            raise Unavailable("busy", "there are too many requests at once", hint="try again")

    def _hold(self, *where: tuple[str, ...]) -> None:
        self._held = where
        self._counts.update(where)
