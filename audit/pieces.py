"""What a search through the log goes by: for each piece of it, which entries say what, and how many are alike.

An entry never changes, and neither does what is made of a full piece. The pieces are small enough that what follows
the last full one is simply read. Pure: entries come in as what they say, rows go out as values.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import orjson
from pyroaring import BitMap

from cdp.errors import Unavailable

PIECE: Final = 10_240
"""Entries a piece: 40 tiles of 256, and four steps of `audit.verify_log`."""

PARTS: Final = ("what", "act", "principal", "role", "view", "purpose", "recipient", "code")
DAY: Final = "day"

Body = Mapping[str, Any]


class Line(NamedTuple):
    """What entries have in common that are counted together; empty where they do not say. An hour is in UTC."""

    hour: str
    what: str
    act: str
    principal: str
    role: str
    view: str
    purpose: str
    recipient: str
    code: str


@dataclass(slots=True)
class Tally:
    """How many entries, how many acts they are, how many rows left, about how many customers, and when the last was.

    A read of many chunks has many entries; it is one act. Whoever is in two chunks or two acts counts twice.
    """

    entries: int = 0
    acts: int = 0
    rows: int = 0
    customers: int = 0
    last: str = ""

    def add(self, other: "Tally") -> None:
        """Count another one in."""
        self.entries += other.entries
        self.acts += other.acts
        self.rows += other.rows
        self.customers += other.customers
        self.last = max(self.last, other.last)


@dataclass
class Piece:
    """What is made of the entries of a piece."""

    number: int
    postings: dict[tuple[str, str], BitMap] = field(default_factory=lambda: defaultdict(BitMap))
    tallies: dict[Line, Tally] = field(default_factory=lambda: defaultdict(Tally))

    def add(self, number: int, body: Body) -> None:
        """Take an entry in."""
        place, said = number - self.number * PIECE, parts_of(body)
        for part in said.items():
            if part[1]:
                self.postings[part].add(place)
        line = Line(body["at"][:13], *(said[name] for name in PARTS))
        tally = self.tallies[line]
        tally.entries += 1
        tally.acts += not body.get("chunk")
        tally.rows += _whole(body.get("rows"))
        tally.customers += _whole(body.get("customers"))
        tally.last = max(tally.last, body["at"])

    def posting_rows(self) -> Iterator[tuple[str, str, int, bytes]]:
        """Yield the rows of `cdp_log_posting`."""
        for (part, value), members in sorted(self.postings.items()):
            members.run_optimize()
            yield part, value, self.number, members.serialize()

    def tally_rows(self) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of `cdp_log_tally`."""
        for line, (said, tally) in enumerate(sorted(self.tallies.items())):
            yield self.number, line, *said, tally.entries, tally.acts, tally.rows, tally.customers, tally.last


def parts_of(body: Body) -> dict[str, str]:
    """Return what an entry says in each part that is searched; empty where it does not."""
    said = {name: _text(body.get(name)) for name in PARTS}
    said[DAY] = body["at"][:10]
    return said


def read_body(data: bytes) -> Body:
    """Return what the bytes of an entry say, to search and count; whoever shows one reads it with `parse_entry`.

    Raises:
        Unavailable: `entry_malformed`.
    """
    try:
        body: Body = orjson.loads(data)
        _ = body["at"][:13], body["what"]
    except (ValueError, KeyError, TypeError):
        raise Unavailable("entry_malformed", "an entry of the log is not in its format", path="log") from None
    return body


def piece_of(number: int, entries: Iterable[tuple[int, bytes]]) -> Piece:
    """Return what is made of the entries of a piece."""
    made = Piece(number)
    for place, data in entries:
        made.add(place, read_body(data))
    return made


def _text(said: object) -> str:
    return said if isinstance(said, str) else ""


def _whole(said: object) -> int:
    return said if isinstance(said, int) else 0
