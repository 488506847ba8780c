"""What an entry says, and its bytes.

Design section 6: who, why, which view, the policy and catalogue in force, fields with their treatment, the shape of
the conditions, how many rows, when, and salted commitments to the customers and to the reason. INVARIANT: an entry
never holds a value and never names a customer; what it commits to can be erased and the log still verifies.

The bytes are JSON with sorted keys and no spaces, in UTF-8: one entry, one encoding, one leaf.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, Literal

import orjson

from audit.entry_format import FORMAT, MAX_BYTES, EntryError, parse_body
from cdp.errors import Unavailable

What = Literal["disclosure", "change", "refusal"]


@dataclass(frozen=True, slots=True)
class Principal:
    """Who acts: a person or an app by the name it signed in with, and the role it acts in."""

    name: str
    role: str = ""


HERSELF: Final = Principal("customer")
"""A customer who acts on her own data, in no role. An entry names no customer: what an entry of this principal is about
is who it was. Every other name has a colon (`os:…`, `app:…`), so none can be taken for it."""


@dataclass(frozen=True, slots=True)
class Versions:
    """The digests of the catalogue and the policy that an act was decided by."""

    catalogue: str
    policy: str


@dataclass(frozen=True)
class Entry:
    """One act, before it has its time, its commitments and its place in the log.

    Attributes:
        facts: what else the entry says; JSON, no values, no customer.
        subjects: ordinals of the customers it is about.
        reason: why, in the principal's own words; kept sealed beside the log, never in it.
    """

    what: What
    act: str
    principal: Principal
    versions: Versions | None
    facts: Mapping[str, Any] = field(default_factory=dict)
    subjects: Sequence[int] = ()
    reason: str = ""


def frame_of(entry: Entry, at: str) -> dict[str, Any]:
    """Return what the entries of one act by one principal at one time all say."""
    frame = {
        "format": FORMAT,
        "at": at,
        "what": entry.what,
        "act": entry.act,
        "principal": entry.principal.name,
        "role": entry.principal.role,
        "customers": 0,
    }
    if entry.versions:
        frame |= {"catalogue": entry.versions.catalogue, "policy": entry.versions.policy}
    return frame


def format_entry(entry: Entry, frame: dict[str, Any], own: dict[str, Any]) -> bytes:
    """Return the bytes of an entry.

    Args:
        entry: what it says.
        frame: what `frame_of` returns for it.
        own: what is this entry's own: the number of its customers, the commitments to them (`subjects`) and to its
            `reason`, in hex; or a random `salt` for one without either, whose hash is public like any other, so that
            nobody can guess it and test the guess.

    Raises:
        Unavailable: `entry_too_large`.
    """
    data = orjson.dumps({**entry.facts, **frame, **own}, option=orjson.OPT_SORT_KEYS)
    if len(data) > MAX_BYTES:
        raise Unavailable("entry_too_large", f"an entry is larger than {MAX_BYTES:,} bytes", path="log")
    return data


def parse_entry(data: bytes) -> dict[str, Any]:
    """Return what the bytes of an entry say.

    Raises:
        Unavailable: `entry_malformed`, also when they are not the one encoding of what they say.
    """
    try:
        return parse_body(data)
    except EntryError:
        raise Unavailable("entry_malformed", "an entry of the log is not in its format", path="log") from None


def timestamp(now: datetime | None = None) -> str:
    """Return a time as entries and tables write it."""
    return (now or datetime.now(UTC)).astimezone(UTC).isoformat(timespec="microseconds")
