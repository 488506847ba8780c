"""One request to another machine: bounded in time and size, following no redirect, and telling nothing of itself.

The log has two reasons to talk: its checkpoints are kept elsewhere, and witnesses are asked to cosign them. Both
places are named by the operator. Whatever goes wrong is an `OSError`, whose text holds no address and no password.
"""

import base64
import http.client
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit

WAIT_SECONDS: Final = 10
MAX_ANSWER: Final = 1_000_000


class ExchangeError(OSError):
    """The other machine did not answer as it should."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A status, the headers by their lower-case names, and the body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def exchange(
    method: str, url: str, body: bytes = b"", headers: Mapping[str, str] | None = None, *, wait: float = WAIT_SECONDS
) -> Answer:
    """Send one request and return the answer, whatever its status; a name and password in the URL go as Basic.

    Raises:
        ExchangeError: there is no answer, or none that is HTTP, or it is too large.
    """
    parts = split_url(url)
    port = parts.port
    host = parts.hostname or ""
    if parts.scheme == "https":
        connection: http.client.HTTPConnection = http.client.HTTPSConnection(
            host, port, timeout=wait, context=ssl.create_default_context()
        )
    else:
        connection = http.client.HTTPConnection(host, port, timeout=wait)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request(method, target, body or None, {**_credentials(parts), **(headers or {})})
        answer = connection.getresponse()
        data = answer.read(MAX_ANSWER + 1)
    except (OSError, http.client.HTTPException, ValueError):
        raise ExchangeError("there is no answer") from None
    finally:
        connection.close()
    if len(data) > MAX_ANSWER:
        raise ExchangeError("the answer is too large")
    return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, data)


def split_url(url: str) -> SplitResult:
    """Return the parts of a URL that may be talked to: `https`, or `http` to this machine itself.

    Raises:
        ExchangeError: it is another one.
    """
    try:
        parts = urlsplit(url)
        known = bool(parts.hostname) and parts.port != 0 and not any(char <= " " for char in url)
    except ValueError:
        known, parts = False, urlsplit("")
    if not known or not (parts.scheme == "https" or (parts.scheme == "http" and _is_here(parts.hostname or ""))):
        raise ExchangeError("only `https:` is talked to, and `http:` on this machine")
    return parts


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _credentials(parts: SplitResult) -> dict[str, str]:
    if parts.username is None:
        return {}
    pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}
