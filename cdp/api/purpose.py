"""The purpose is fixed in the credential: asking for another one, in whatever part of a request, is refused.

Query, headers (`Accept-Profile` and `Content-Profile`, by which PostgREST's clients choose a schema, and whatever ends
in `purpose`), `Prefer`, cookies, and the top level of a body, as JSON or as a form, however it is capitalised. To name
one's own purpose is allowed and changes nothing. `public` is what PostgREST's clients say when they were told nothing,
and `Sec-Purpose` what browsers say of themselves.
"""

import re
from collections.abc import Iterable, Iterator
from http.cookies import CookieError, SimpleCookie
from typing import Final
from urllib.parse import parse_qsl

import orjson

from cdp.errors import Refused
from cdp.services.apps.known import App

PARAMETER: Final = "purpose"
PROFILES: Final = (b"accept-profile", b"content-profile")
OF_BROWSERS: Final = b"sec-purpose"
UNSAID: Final = "public"

_PART: Final = re.compile(rb'(?i)form-data;[^\r\n]*\bname="?purpose"?[^\r\n]*\r\n(?:[^\r\n]+\r\n)*\r\n([^\r\n]*)')
_KEY: Final = re.compile(rb'(?i)"purpose"\s*:')

Headers = Iterable[tuple[bytes, bytes]]


def require_own_purpose(app: App, query: Iterable[tuple[str, str]], headers: Headers, body: bytes = b"") -> None:
    """Return if a request asks for no purpose but the app's.

    Raises:
        Refused: `other_purpose`.
    """
    asked = [value for name, value in query if _is_it(name)]
    asked += _in_headers(headers)
    if body:
        asked += _in_body(body)
    if any(each != app.purpose for each in asked):
        raise Refused("other_purpose", "the purpose is fixed in the credential", path=PARAMETER)


def _in_headers(headers: Headers) -> Iterator[str]:
    for name, raw in headers:
        if name in PROFILES and (value := raw.decode("latin-1").strip()) != UNSAID:
            yield value
        elif name.endswith(b"purpose") and name != OF_BROWSERS:
            yield raw.decode("latin-1").strip()
        elif name == b"prefer":
            for part in raw.decode("latin-1").split(","):
                key, _, value = part.strip().partition("=")
                if _is_it(key):
                    yield value.strip(' "')
        elif name == b"cookie":
            yield from _in_cookies(raw.decode("latin-1"))


def _in_cookies(text: str) -> Iterator[str]:
    try:
        found = [each.value for name, each in SimpleCookie(text).items() if _is_it(name)]
    except CookieError:
        found = []
    parts = (part.partition("=") for part in text.split(";"))
    named = [value.strip() for name, _, value in parts if _is_it(name)]
    # Of several of one name only one is found, and one in no form that cookies have is not.
    yield from found if len(found) == len(named) else [*found, *named, ""]


def _in_body(body: bytes) -> Iterator[str]:
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        pairs = parse_qsl(body.decode("latin-1"), keep_blank_values=True)
        yield from (text for name, text in pairs if _is_it(name))
        yield from (each.decode("latin-1") for each in _PART.findall(body))
        return
    objects = [each for each in (value if isinstance(value, list) else [value]) if isinstance(each, dict)]
    said = [str(told) for each in objects for name, told in each.items() if _is_it(name)]
    yield from said
    if said and len(_KEY.findall(body)) > len(said):
        yield ""  # one of the keys is there twice, or deeper; only one of its values was seen


def _is_it(name: str) -> bool:
    return name.strip().lower() == PARAMETER
