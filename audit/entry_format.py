"""The bytes of an entry, for whoever checks them: one encoding of JSON, and what every entry says.

`audit.entries` writes them. Needs nothing but the standard library: the same code judges an entry in the store and in
a bundle on somebody else's machine.

    JSON with sorted keys and no spaces, in UTF-8; no fractions, no key twice
    format    1
    at        UTC, ISO 8601 with microseconds
    what      `disclosure`, `change` or `refusal`
    act, principal, role                text
    customers                           how many it is about, from 0
    subjects, reason                    commitments in hex, if it is about anybody and if a reason was given
    salt                                random, in hex, if neither is there: the hash of an entry is public
    catalogue, policy                   the digests of what decided it, both or neither
"""

import json
import re
from typing import Any, Final, NoReturn

FORMAT: Final = 1
MAX_BYTES: Final = 65_535
"""An entry bundle of C2SP tlog-tiles prefixes each entry with its length in 16 bits."""

WHAT: Final = ("disclosure", "change", "refusal")

_TIME: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}\+00:00")
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


class EntryError(Exception):
    """Bytes are not an entry.

    Args:
        message: one sentence in lower case.
    """


def encode(body: Any) -> bytes:
    """Return the one encoding of what a JSON text says."""
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def decode(data: bytes) -> Any:
    """Return what bytes say if they are the one encoding of it.

    Raises:
        EntryError: they are not.
    """
    try:
        body = json.loads(data.decode(), parse_float=_refuse, parse_constant=_refuse)
        again = encode(body)
    except (ValueError, RecursionError):
        raise EntryError("this is not JSON as it is written here") from None
    if again != data:
        raise EntryError("this is JSON in another spelling than it is written here")
    return body


def parse_body(data: bytes) -> dict[str, Any]:
    """Return what the bytes of an entry say.

    Raises:
        EntryError: they are not an entry in its format.
    """
    if len(data) > MAX_BYTES:
        raise EntryError("it is too long for an entry")
    body = decode(data)
    if not isinstance(body, dict) or type(body.get("format")) is not int or body["format"] != FORMAT:
        raise EntryError("it is no entry of a format that is known here")
    _require_words(body)
    customers = body.get("customers")
    if type(customers) is not int or customers < 0:
        raise EntryError("it does not say how many customers it is about")
    for name, needed in (("subjects", customers > 0), ("reason", "reason" in body)):
        if needed != isinstance(body.get(name), str) or (needed and not _DIGEST.fullmatch(body[name])):
            raise EntryError(f"what it commits to as {name} is no commitment")
    return body


def _require_words(body: dict[str, Any]) -> None:
    if body.get("what") not in WHAT:
        raise EntryError("it is neither disclosure nor change nor refusal")
    if not (isinstance(body.get("at"), str) and _TIME.fullmatch(body["at"])):
        raise EntryError("its time is not in UTC to the microsecond")
    if not all(isinstance(body.get(name), str) for name in ("act", "principal", "role")):
        raise EntryError("it does not say who did what")
    digests = [isinstance(body.get(name), str) for name in ("catalogue", "policy")]
    if digests != [True, True] and ("catalogue" in body or "policy" in body):
        raise EntryError("it does not say by what it was decided")


def _refuse(_text: str) -> NoReturn:
    raise ValueError
