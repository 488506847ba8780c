"""The purpose is fixed in the credential: asking for another one, in whatever part of a request, is refused.

Query, headers (`Accept-Profile` and `Content-Profile`, by which PostgREST's clients choose a schema, among them),
`Prefer`, cookies, and the top level of a body, as JSON or as a form. To name one's own purpose is allowed and changes
nothing. `public` is what PostgREST's clients say when they were told nothing.
"""

from collections.abc import Iterable, Iterator
from http.cookies import CookieError, SimpleCookie
from typing import Final
from urllib.parse import parse_qsl

import orjson

from cdp.errors import Refused
from cdp.services.apps.known import App

PARAMETER: Final = "purpose"
PROFILES: Final = (b"accept-profile", b"content-profile")
HEADERS: Final = (b"purpose", b"x-purpose", b"cdp-purpose")
UNSAID: Final = "public"

Headers = Iterable[tuple[bytes, bytes]]


def require_own_purpose(app: App, query: Iterable[tuple[str, str]], headers: Headers, body: bytes = b"") -> None:
    """Return if a request asks for no purpose but the app's.

    Raises:
        Refused: `other_purpose`.
    """
    asked = [value for name, value in query if name == PARAMETER]
    asked += _in_headers(headers)
    if body:
        asked += _in_body(body)
    if any(each != app.purpose for each in asked):
        raise Refused("other_purpose", "the purpose is fixed in the credential", path=PARAMETER)


def _in_headers(headers: Headers) -> Iterator[str]:
    for name, raw in headers:
        if name in PROFILES and (value := raw.decode("latin-1").strip()) != UNSAID:
            yield value
        elif name in HEADERS:
            yield raw.decode("latin-1").strip()
        elif name == b"prefer":
            for part in raw.decode("latin-1").split(","):
                key, _, value = part.strip().partition("=")
                if key.strip().lower() == PARAMETER:
                    yield value.strip(' "')
        elif name == b"cookie":
            yield from _in_cookies(raw.decode("latin-1"))


def _in_cookies(text: str) -> Iterator[str]:
    try:
        found = SimpleCookie(text).get(PARAMETER)
    except CookieError:
        found = None
    if found is not None:
        yield found.value
    elif PARAMETER in (part.partition("=")[0].strip() for part in text.split(";")):
        yield ""  # there is one, in no form that cookies have


def _in_body(body: bytes) -> Iterator[str]:
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        pairs = parse_qsl(body.decode("latin-1"), keep_blank_values=True)
        yield from (text for name, text in pairs if name == PARAMETER)
        return
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, dict) and PARAMETER in each:
            yield str(each[PARAMETER])
