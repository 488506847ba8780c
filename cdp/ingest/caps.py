"""Caps of a source: what it may make in a day, and of one person. A leaked write key fills nothing without end.

    identifiers   that one person may bear; beyond, none is added
    links         claims that the source may make for one profile; beyond, they are dropped
    events        in a day; beyond, they are dropped
    profiles      new ones in a day; an event that would make one more is dropped

A day is that of the server that took an event in, in UTC. What is used is one row per source and day, which a batch
locks: so however many workers fold, a cap holds. What is over is counted by its reason, and its client hears 200.
"""

from collections.abc import Mapping
from typing import Final

from cdp.errors import BadInput

NAMES: Final = ("events", "identifiers", "links", "profiles")
LARGEST: Final = 10**12


def checked(caps: Mapping[str, int]) -> dict[str, int]:
    """Return caps, checked.

    Raises:
        BadInput: `bad_cap`.
    """
    for name, most in caps.items():
        if name not in NAMES or not (name == "identifiers") <= most <= LARGEST:
            hint = f"write `NAME=NUMBER`; the names are {', '.join(NAMES)}"
            raise BadInput("bad_cap", "there is no such cap, or not of this size", path="cap", hint=hint)
    return dict(sorted(caps.items()))
