"""Who may ask how often, and how much at once.

How often: token buckets per app, per app and person, and per address where nobody has signed in yet. At once: no app
has more than its share of a worker's places, so that readers of one who take nothing keep nobody else out.

Header fields as in draft-ietf-httpapi-ratelimit-headers (`RateLimit-Policy`, `RateLimit`), and `Retry-After` in whole
seconds (RFC 9110, section 10.2.3). A bucket about a person is an app's own: what another app asks about her would
otherwise show in how many requests are left.
"""

import threading
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from cdp.api.traffic.buckets import Buckets, Quota, Taken
from cdp.config import Settings
from cdp.errors import Refused, Unavailable

APP, SUBJECT, ADDRESS, RIGHTS = "app", "subject", "address", "rights"
ATTEMPT: Final = "attempt"
ATTEMPTS: Final = Quota(10, 15 * 60)
"""How often somebody may try to sign in to the console by one name, and from one address."""

FILE: Final = "limits"
_STATE: Final = "cdp.limits"


@dataclass
class Spent:
    """What one request has taken from which buckets, and whose it is: what its answer and its line in the log say."""

    lane: str = ""
    app: str = ""
    taken: dict[str, tuple[Quota, Taken]] = field(default_factory=dict)
    placed: bool = False
    crowded: bool = False
    over: bool = False

    def headers(self) -> list[tuple[bytes, bytes]]:
        """Return the header fields, the scarcest bucket first."""
        if not self.taken:
            return []
        scarcest = sorted(self.taken.items(), key=lambda each: each[1][1].left)
        policy = ", ".join(f'"{name}";q={quota.amount};w={quota.seconds}' for name, (quota, _) in scarcest)
        left = ", ".join(f'"{name}";r={taken.left};t={taken.full_in}' for name, (_, taken) in scarcest)
        found = [(b"ratelimit-policy", policy.encode()), (b"ratelimit", left.encode())]
        wait = max(taken.retry_in for _, (_, taken) in scarcest if not taken.granted) if self.exhausted else 0
        return [*found, (b"retry-after", str(wait).encode())] if wait else found

    @property
    def exhausted(self) -> bool:
        """Whether a bucket had no token left."""
        return any(not taken.granted for _, taken in self.taken.values())


class Shares:
    """How many requests of each app this worker answers, and how many it may. Requests are counted in threads."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._running: Counter[str] = Counter()
        self._lock = threading.Lock()

    def take(self, spent: Spent) -> None:
        """Count a request of an app, once; one that is over by now (nobody waits for its thread) is not counted.

        Raises:
            Unavailable: `app_busy`.
        """
        with self._lock:
            if spent.placed or spent.over:
                return
            if self._running[spent.app] >= self._most:
                spent.crowded = True
                raise Unavailable("app_busy", "there are too many requests of this app at once", hint="try again")
            self._running[spent.app] += 1
            spent.placed = True

    def give_back(self, spent: Spent) -> None:
        """Count a request no longer."""
        with self._lock:
            spent.over = True
            if spent.placed:
                spent.placed = False
                self._running[spent.app] -= 1
                if not self._running[spent.app]:
                    del self._running[spent.app]


class Limits:
    """The quotas of the settings, the buckets of this machine, and the shares of this worker."""

    def __init__(self, buckets: Buckets, quotas: dict[str, int], *, app_places: int = 50) -> None:
        self._buckets = buckets
        self.shares = Shares(app_places)
        self._quotas = {name: Quota(amount) for name, amount in quotas.items() if amount}

    @classmethod
    def open(cls, settings: Settings, secret: bytes) -> "Limits":
        """Open the buckets beside the embedded default; the folder is private."""
        home: Path = settings.home
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        quotas = {
            APP: settings.limit_app, RIGHTS: settings.limit_app, SUBJECT: settings.limit_subject,
            ADDRESS: settings.limit_address,
        }  # fmt: skip
        return cls(Buckets(home / FILE, secret), quotas, app_places=settings.app_places)

    def app(self, scope: Any, app: str) -> None:
        """Take a token for a request of an app; calls in the lane of people's rights have a bucket of their own.

        In the main lane it also takes one of the app's places, until the gate gives it back.

        Raises:
            Refused: `too_many_requests`.
            Unavailable: `app_busy`.
        """
        spent = spent_in(scope)
        spent.app = app
        self._take(scope, RIGHTS if spent.lane == RIGHTS else APP, app)
        if spent.lane != RIGHTS:
            self.shares.take(spent)

    def subject(self, scope: Any, app: str, customer: str) -> None:
        """Take a token for a request of an app about one person, whether she exists or not.

        In the lane of people's rights it is another bucket: who was read often may still refuse.

        Raises:
            Refused: `too_many_requests`.
        """
        lane = f"{RIGHTS}\0" if spent_in(scope).lane == RIGHTS else ""
        self._take(scope, SUBJECT, f"{lane}{app}\0{customer}")

    def address(self, scope: Any) -> None:
        """Take a token for a request from an address, where it is not known yet whose it is.

        Raises:
            Refused: `too_many_requests`.
        """
        client = scope.get("client")
        self._take(scope, ADDRESS, client[0] if client else "")

    def attempt(self, scope: Any, name: str) -> None:
        """Take a token for an attempt to sign in by a name, whether anybody has it or not, and for its address.

        Raises:
            Refused: `too_many_requests`.
        """
        client = scope.get("client")
        for key in (f"name\0{name}", f"address\0{client[0] if client else ''}"):
            if not self._buckets.take(f"{ATTEMPT}\0{key}", ATTEMPTS).granted:
                hint = "wait a quarter of an hour"
                raise Refused("too_many_requests", "there were too many requests", hint=hint)

    def close(self) -> None:
        """Let go of the file."""
        self._buckets.close()

    def _take(self, scope: Any, policy: str, name: str) -> None:
        quota = self._quotas.get(policy)
        if quota is None:
            return
        taken = self._buckets.take(f"{policy}\0{name}", quota)
        spent_in(scope).taken[policy] = (quota, taken)
        if not taken.granted:
            hint = "wait as many seconds as `Retry-After` says"
            raise Refused("too_many_requests", "there were too many requests", hint=hint)


def enter(scope: Any, lane: str) -> Spent:
    """Begin to keep what the request of this scope spends."""
    found = scope[_STATE] = Spent(lane)
    return found


def spent_in(scope: Any) -> Spent:
    """Return what the request of this scope has spent so far."""
    found: Spent | None = scope.get(_STATE)
    return enter(scope, "") if found is None else found
