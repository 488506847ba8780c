"""JSON from strangers: parsed with bounds, and so that what is odd about a part condemns that part only.

RFC 8259, strictly. The standard library's parser, and not a faster one, because it can be asked what it saw: a key
that is given twice, a half of a surrogate pair. Both are marked here and judged per event (`fault_of`).
"""

import json
import re
import zlib
from math import inf
from typing import Any, Final

from cdp.errors import BadInput

MAX_BODY: Final = 5 * 1024 * 1024
"""The most bytes of a body, compressed or not: RudderStack's SDK for Python sends batches of up to four MiB."""

MAX_VALUES: Final = 600_000
"""The most values of a body: of `[],[],…` Python makes forty times as many bytes as were sent."""

MAX_DEPTH: Final = 16
MAX_KEYS: Final = 1_000
MAX_KEY: Final = 256
_LARGEST: Final = 2**63 - 1
_LONGEST: Final = len(str(-_LARGEST))
_TOO_DEEP: Final = 4 * MAX_DEPTH
_BRACKET: Final = re.compile(r'"(?:[^"\\]|\\.)*+"|[\[\]{}]', re.DOTALL)
_TWICE: Final = "\0twice"
_SEPARATORS: Final = (b",", b"[", b"{")
_MAGIC: Final = b"\x1f\x8b"


def inflate(body: bytes, encoding: str) -> bytes:
    """Return a body as it was before it was compressed.

    Args:
        encoding: what `Content-Encoding` says; a body that is gzip without saying so is taken, too.

    Raises:
        BadInput: `too_large`, `bad_gzip`, `unknown_encoding`.
    """
    encoding = encoding.strip().lower()
    if encoding not in ("", "identity", "gzip", "x-gzip"):
        raise BadInput("unknown_encoding", "only gzip is taken", path="Content-Encoding")
    if body.startswith(_MAGIC):
        reader = zlib.decompressobj(wbits=31)
        try:
            body = reader.decompress(body, MAX_BODY + 1)
        except zlib.error:
            raise BadInput("bad_gzip", "the body is no gzip", path="body") from None
        if len(body) <= MAX_BODY and (not reader.eof or reader.unused_data):
            raise BadInput("bad_gzip", "the body is no gzip, or ends too early or too late", path="body")
    elif "gzip" in encoding:
        raise BadInput("bad_gzip", "the body is no gzip", path="body")
    if len(body) > MAX_BODY:
        raise BadInput("too_large", f"a body has at most {MAX_BODY:,} bytes", path="body")
    return body


def parse_json(body: bytes) -> dict[str, Any]:
    """Return the object that a body is.

    Raises:
        BadInput: `bad_json`, `too_large`.
    """
    if len(body) > MAX_VALUES and sum(map(body.count, _SEPARATORS)) > MAX_VALUES:
        raise BadInput("too_large", f"a body has at most {MAX_VALUES:,} values", path="body")
    try:
        text = body.decode()
        try:
            parsed = _loads(text)
        except RecursionError:
            parsed = _loads(_cut(text))
    except (ValueError, RecursionError):  # its text quotes the body
        raise BadInput("bad_json", "the body is no JSON text in UTF-8", path="body") from None
    if not isinstance(parsed, dict):
        raise BadInput("bad_json", "the body is no JSON object", path="body")
    return parsed


def fault_of(event: object) -> str:
    """Return why no sense can be made of an event as JSON, or nothing."""
    if not isinstance(event, dict):
        return "not_an_object"
    keys = 0
    level: list[Any] = [event]
    for _ in range(MAX_DEPTH):
        below: list[Any] = []
        for each in level:
            keys += len(each)
            if keys > MAX_KEYS:
                return "too_many_keys"
            fault = _level_fault(each, below)
            if fault:
                return fault
        if not below:
            return ""
        level = below
    return "too_deep"


def _level_fault(each: Any, below: list[Any]) -> str:
    """Return what is wrong with one object or list but for what lies in it, which is added to `below`."""
    if type(each) is dict:
        for key in each:
            if len(key) > MAX_KEY or "\0" in key:
                return "duplicate_key" if key == _TWICE else "bad_key"
        each = each.values()
    for value in each:
        kind = type(value)
        if kind is str:
            if "\0" in value:
                return "nul"
        elif kind is dict or kind is list:
            below.append(value)
        elif kind is not bool and value is not None and not -_LARGEST <= value <= _LARGEST:
            return "number_too_large"  # infinity, which 1e999 is read as, is among them
    return ""


def _loads(text: str) -> Any:
    return json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant, parse_int=_integer)


def _integer(digits: str) -> float:
    """Return a whole number; one that no event may have, as infinity: of thousands of digits Python makes none."""
    return int(digits) if len(digits) <= _LONGEST else inf


def _cut(text: str) -> str:
    """Return a text without what lies too deep for any event and for the parser, so that the rest can be parsed."""
    parts, depth, begin = [], 0, 0
    for found in _BRACKET.finditer(text):
        sign = found[0]
        if sign in "[{":
            depth += 1
            if depth == _TOO_DEEP:
                parts.append(text[begin : found.end()])
        elif sign in "]}":
            if depth == _TOO_DEEP:
                begin = found.start()
            depth -= 1
    return "".join((*parts, text[begin:])) if depth < _TOO_DEEP else text


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        found[_TWICE] = True
    return found


def _no_constant(_name: str) -> Any:
    raise ValueError("NaN and Infinity are no JSON")
