"""One connection to a server: signing in (RFC 6749, section 4.4), asking again, and problems (RFC 9457) as exceptions.

A request is sent again when its connection had died before an answer began, when its token was over, and when the
server says 429 or 503 and how long to wait; a change only because it has a key under which it is done once.
"""

import json
import time
from base64 import b64encode
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any, Final
from urllib.parse import quote, urlsplit

ATTEMPTS: Final = 4
MOST_SECONDS: Final = 30
_EARLY: Final = 10
"""How many seconds before its end a token is not used any more."""


class Problem(Exception):
    """What the server said instead of an answer."""

    def __init__(self, status: int, said: Mapping[str, Any]) -> None:
        self.status = status
        self.code = str(said.get("code", "unknown"))
        self.message = str(said.get("message", "the server gave no reason"))
        self.path = str(said.get("path", ""))
        self.hint = str(said.get("hint", ""))
        self.errors: list[dict[str, str]] = list(said.get("errors", ()))
        super().__init__(f"{status} {self.code}: {self.message}" + (f" ({self.hint})" if self.hint else ""))


class Broken(Exception):
    """An answer ended before it was complete: what has come of it is not all there is."""


class Calls:
    """Calls over one connection that is kept; not for several threads at once."""

    def __init__(self, url: str, client_id: str, client_secret: str, *, timeout: float) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("a server is named by its URL, as https://cdp.example.org")
        self._secure = parts.scheme == "https"
        self._host, self._port, self._prefix = parts.hostname, parts.port, parts.path.rstrip("/")
        pair = f"{quote(client_id, safe='')}:{quote(client_secret, safe='')}"
        self._basic = "Basic " + b64encode(pair.encode()).decode()
        self._timeout = timeout
        self._connection: HTTPConnection | None = None
        self._token, self._until = "", 0.0

    def call(
        self, method: str, target: str, headers: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> HTTPResponse:
        """Return the answer, once it is one.

        Raises:
            Problem: the server says no.
            OSError, http.client.HTTPException: there is no server, or none that answers.
        """
        for attempt in range(1, ATTEMPTS + 1):
            given = {"Authorization": f"Bearer {self._signed_in()}", **(headers or {})}
            answer = self._send(method, target, given, body)
            if answer.status < 400:
                return answer
            problem = _problem(answer)
            if problem.status == 401 and attempt == 1:
                self._token = ""  # revoked keys and clocks that differ look the same: once more, with a fresh one
            elif problem.status in (429, 503) and attempt < ATTEMPTS:
                time.sleep(min(MOST_SECONDS, _seconds(answer)))
            else:
                raise problem
        raise AssertionError

    def close(self) -> None:
        """Let go of the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _signed_in(self) -> str:
        if not self._token or time.monotonic() > self._until:
            headers = {"Authorization": self._basic, "Content-Type": "application/x-www-form-urlencoded"}
            answer = self._send("POST", "/oauth/token", headers, b"grant_type=client_credentials")
            if answer.status != 200:
                raise _problem(answer)
            said = json.loads(answer.read())
            self._token = said["access_token"]
            self._until = time.monotonic() + said["expires_in"] - _EARLY
        return self._token

    def _send(self, method: str, target: str, headers: Mapping[str, str], body: bytes | None) -> HTTPResponse:
        kept = self._connection is not None
        try:
            return self._once(method, target, headers, body)
        except (HTTPException, OSError):
            self.close()
            if not kept:
                raise
            return self._once(method, target, headers, body)  # it was an old connection that had died

    def _once(self, method: str, target: str, headers: Mapping[str, str], body: bytes | None) -> HTTPResponse:
        if self._connection is None:
            kind = HTTPSConnection if self._secure else HTTPConnection
            self._connection = kind(self._host, self._port, timeout=self._timeout)
        self._connection.request(method, self._prefix + target, body, dict(headers))
        return self._connection.getresponse()


def _problem(answer: HTTPResponse) -> Problem:
    try:
        said = json.loads(answer.read())
    except ValueError:
        said = {}
    return Problem(answer.status, said if isinstance(said, dict) else {})


def _seconds(answer: HTTPResponse) -> int:
    text = answer.getheader("Retry-After", "1")
    return int(text) if text.isdigit() else 1
