"""The one encoding of a receipt: what is signed, what is hashed, and what stands in the file.

RFC 8785 (JSON Canonicalization Scheme), for as much of JSON as receipts use: keys sorted, no spaces, UTF-8 with no
escape that JSON does not demand, no number that is not a whole one. Keys are ASCII, so that sorting them by bytes and
by UTF-16 units, as the RFC has it, is the same.
"""

from typing import Any, Final

import orjson

from cdp.errors import BadInput

MAX_BYTES: Final = 8_000_000
"""The largest receipt that is read; a history of ten thousand acts has about four million bytes."""


def encode(value: Any) -> bytes:
    """Return the encoding of what a receipt says."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def decode(data: bytes) -> dict[str, Any]:
    """Return what an encoding says.

    INVARIANT: two files never say the same: what is not the one encoding of what it says is refused.

    Raises:
        BadInput: `receipt_invalid`.
    """
    try:
        value = orjson.loads(data) if len(data) <= MAX_BYTES else None
    except orjson.JSONDecodeError:
        value = None
    if not isinstance(value, dict) or encode(value) != data or _has_fraction(value):
        raise invalid("this is no receipt, or not in the one form that a receipt has")
    return value


def invalid(message: str) -> BadInput:
    """Return the error of a receipt that does not hold."""
    return BadInput("receipt_invalid", message, path="receipt", hint="ask for it anew; this one proves nothing")


def _has_fraction(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_has_fraction, value.values()))
    return any(map(_has_fraction, value)) if isinstance(value, list) else isinstance(value, float)
