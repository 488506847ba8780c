"""What a page sends back: one bounded form, from one of our own pages, with the token of its session.

Against cross-site requests three things are asked for, each of which would do (OWASP, Cross-Site Request Forgery
Prevention): the browser's own word that the request comes from the same origin (`Sec-Fetch-Site`, or `Origin`), a
cookie that goes with no other site's requests, and a token in the form that only a page of this session can know.
"""

import hmac
import re
from collections.abc import Sequence
from hashlib import sha256
from typing import Final
from urllib.parse import parse_qsl

from starlette.requests import Request

from cdp.errors import BadInput, Refused

MAX_FORM: Final = 256 * 1024
LONG_FORM: Final = 1024 * 1024
"""For what is written at length; a Chinese character takes nine bytes here."""

MAX_KEYS: Final = 100
TOKEN: Final = "form_token"  # noqa: S105 -- the name of a key, not a token
_TYPE: Final = "application/x-www-form-urlencoded"
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_BREAKS: Final = {0x0B: "\n", 0x0C: "\n"}
"""What writing programs put for the end of a line or a page, and people paste."""


def form_token(secret: str) -> str:
    """Return the token that forms of a session carry; it tells nothing of the secret."""
    return hmac.new(secret.encode(), b"cdp/form/1", sha256).hexdigest()


async def read_form(request: Request, *, secret: str, origin: str, most: int = MAX_FORM) -> dict[str, str]:
    """Return the fields of a form that one of our pages sent.

    Args:
        secret: that of the session, or of the browser before there is one.
        origin: our own, from the settings: the Host header is the caller's word.
        most: the longest form that is taken, in bytes.

    Raises:
        Refused: `foreign_form`, for one that does not come from our pages.
        BadInput: `bad_form`.
    """
    require_own_origin(request, origin)
    fields = _parse(request.headers.get("content-type", ""), await _body(request, most))
    require_token(fields, secret)
    return fields


def require_own_origin(request: Request, origin: str) -> None:
    """Do nothing if the browser says that a form comes from our own pages.

    Raises:
        Refused: `foreign_form`.
    """
    site = request.headers.get("sec-fetch-site")
    come_from = request.headers.get("origin")
    foreign = site not in (None, "same-origin") or (come_from is not None and come_from != origin)
    if foreign or (site is None and come_from is None):
        raise _foreign()


def require_token(fields: dict[str, str], secret: str) -> None:
    """Take the token out of a form, if it is that of the session.

    Raises:
        Refused: `foreign_form`.
    """
    if not hmac.compare_digest(fields.pop(TOKEN, "").encode(), form_token(secret).encode()):
        raise _foreign()


async def _body(request: Request, most: int) -> bytes:
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > most:
            raise BadInput("bad_page_form", "the form is too long")
    return body


def _parse(content_type: str, body: bytes) -> dict[str, str]:
    malformed = BadInput("bad_page_form", "this is no form, or says something twice, or what is no text")
    if content_type.partition(";")[0].strip().lower() != _TYPE:
        raise malformed
    try:
        pairs = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, strict_parsing=bool(body), errors="strict",
            max_num_fields=MAX_KEYS,
        )  # fmt: skip
    except ValueError:
        raise malformed from None
    return fields_of(pairs)


def fields_of(pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Return the fields of a form by their names: each is there once, and is text.

    Raises:
        BadInput: `bad_page_form`.
    """
    fields = {name: text.translate(_BREAKS) for name, text in pairs}
    if len(fields) != len(pairs) or any(_CONTROL.search(text) for pair in fields.items() for text in pair):
        raise BadInput("bad_page_form", "this is no form, or says something twice, or what is no text")
    return fields


def _foreign() -> Refused:
    return Refused(
        "foreign_form", "the form does not come from this page", hint="open the page again, and send it anew"
    )
