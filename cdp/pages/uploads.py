"""A form with a file, as browsers send it: `multipart/form-data` (RFC 7578), bounded, without anything on disk.

A file that is too large is read to its end and dropped, so that the page can say so: a connection that is cut tells a
person nothing. It lies in memory alone, which is why only a few are taken at a time (`cdp.portal.routes`).
"""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from starlette.requests import Request

from cdp.errors import BadInput
from cdp.pages.forms import MAX_FORM, MAX_KEYS, fields_of, require_own_origin, require_token

MOST_READ: Final = 64 * 1024 * 1024
"""So much is read before the connection is cut after all."""

_TYPE: Final = "multipart/form-data"
_BOUNDARY: Final = re.compile(r'boundary=(?:"([^"\r\n]{1,70})"|([^\s";,]{1,70}))', re.IGNORECASE)
_NAME: Final = re.compile(r'form-data\s*;.*?\bname="([^"\r\n]{1,200})"', re.IGNORECASE)
_FILE: Final = re.compile(r'\bfilename="([^"\r\n]{0,1000})"', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Sent:
    """A file that came with a form; `data` is empty, and `too_large` says so, of one that is larger than is taken."""

    name: str
    data: bytes
    too_large: bool = False


def is_multipart(request: Request) -> bool:
    """Return whether a form may hold a file."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower() == _TYPE


async def read_form_with_file(
    request: Request, *, secret: str, origin: str, most: int
) -> tuple[dict[str, str], Sent | None]:
    """Return the fields of a form that one of our pages sent, and its file, if there is one.

    Args:
        secret, origin: as for `cdp.pages.forms.read_form`.
        most: the largest file that is taken, in bytes.

    Raises:
        Refused: `foreign_form`.
        BadInput: `bad_page_form`.
    """
    require_own_origin(request, origin)
    body, too_large = await _body(request, most + MAX_FORM)
    fields, sent = parse_multipart(request.headers.get("content-type", ""), body, cut=too_large)
    require_token(fields, secret)
    if sent is not None and len(sent.data) > most:
        sent = Sent(sent.name, b"", too_large=True)
    return fields, sent


def parse_multipart(content_type: str, body: bytes, *, cut: bool = False) -> tuple[dict[str, str], Sent | None]:
    """Return fields and file of a body.

    Args:
        cut: whether the body was cut off within the file, which is then too large.

    Raises:
        BadInput: `bad_page_form`.
    """
    found = _BOUNDARY.search(content_type)
    if found is None:
        raise _malformed()
    mark = b"\r\n--" + (found[1] or found[2]).encode()
    first, *parts = (b"\r\n" + body).split(mark)
    if first or not parts or len(parts) > MAX_KEYS or (not cut and not parts.pop().startswith(b"--")):
        raise _malformed()
    pairs: list[tuple[str, str]] = []
    sent: Sent | None = None
    for place, part in enumerate(parts):
        whole = not cut or place < len(parts) - 1
        if not whole and b"\r\n\r\n" not in part:
            break
        name, file, content = _part(part)
        if file is None:
            if len(content) > MAX_FORM:
                raise _malformed()
            pairs.append((name, _text(content)))
        elif file or content:
            if sent is not None:
                raise _malformed()
            sent = Sent(file, content if whole else b"", too_large=not whole)
    return fields_of(pairs), sent


async def _body(request: Request, most: int) -> tuple[bytes, bool]:
    """Return the body up to a length, read to its end, and whether there was more."""
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        parts.append(part[: max(0, most - size)])
        size += len(part)
        if size > MOST_READ:
            raise BadInput("bad_page_form", "the form is too long")
    return b"".join(parts), size > most


def _part(part: bytes) -> tuple[str, str | None, bytes]:
    """Return the name of a part, that of its file, and what it holds."""
    head, found, content = part.partition(b"\r\n\r\n")
    if not found or not head.startswith(b"\r\n"):
        raise _malformed()
    for line in _text(head[2:]).split("\r\n"):
        label, _, value = line.partition(":")
        if label.strip().lower() == "content-disposition" and (name := _NAME.search(value)):
            file = _FILE.search(value)
            return unquote(name[1]), None if file is None else unquote(file[1], errors="replace"), content
    raise _malformed()


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise _malformed() from None


def _malformed() -> BadInput:
    return BadInput("bad_page_form", "this is no form, or says something twice, or what is no text")
