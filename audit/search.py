"""Finding entries of the log by what they say, the newest first, page by page.

Full pieces are searched by their bitmaps (`audit.pieces`), what follows them by reading it. One look reads only so many
entries; where it ends before a page is full, it says from where the next one goes on.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import and_, or_
from typing import Final

from pyroaring import BitMap
from sqlalchemy import ColumnElement, select

from audit.indexing import Known, head_of, indexed_to, read_anew
from audit.pieces import PIECE, Piece, parts_of, read_body
from audit.stored_tree import Rows
from cdp.store.platform import LOG_ENTRY
from cdp.store.searching import LOG_POSTING

READ: Final = 40_000
"""So many entries beyond the last full piece are read in one look."""

_STEP: Final = 2_048
_FEW: Final = 32
"""So many pieces are looked through first, and then more and more at once: what is sought is mostly new."""

END: Final = "\U0010ffff"
"""Behind every text that begins alike."""


@dataclass(frozen=True, slots=True)
class Sought:
    """A value that a part may have: exactly `low`, or anything from `low` to `high`."""

    low: str
    high: str = ""

    def fits(self, value: str) -> bool:
        """Return whether a value is meant; nothing said never is."""
        return bool(value) and (self.low <= value <= self.high if self.high else value == self.low)


def beginning(text: str) -> Sought:
    """Return what means every value that begins so."""
    return Sought(text, text + END)


@dataclass(frozen=True)
class Search:
    """What is sought.

    Attributes:
        parts: by part what it may be, each of several; an entry has to fit all parts.
        among: only these entries, by number; None for all.
    """

    parts: Mapping[str, Sequence[Sought]] = field(default_factory=dict)
    among: BitMap | None = None

    def fits(self, said: Mapping[str, str]) -> bool:
        """Return whether an entry fits, by its parts."""
        return all(_fits(said[part], sought) for part, sought in self.parts.items())


@dataclass(frozen=True, slots=True)
class Page:
    """Numbers of entries, the newest first; `below` says from where it goes on, None where nothing more can be."""

    numbers: list[int]
    below: int | None


def find_entries(rows: Rows, search: Search, *, before: int | None, limit: int, known: Known = read_anew) -> Page:
    """Return a page of what fits.

    Args:
        rows: runs a query.
        search: what is sought.
        before: only entries with smaller numbers; all, if it is not given.
        limit: at most so many.
        known: what is known of the entries behind the last full piece.
    """
    taken, head = indexed_to(rows), head_of(rows)
    end = head if before is None else min(before, head)
    if not search.parts:
        newest = _newest(rows, search, end, limit + 1)
        return Page(newest[:limit], newest[limit - 1] if len(newest) > limit else None)
    stop = max(taken, end - READ)
    found: list[int] = []
    if head - taken <= READ:
        with known(rows) as made:
            stop = taken = made.number * PIECE
            behind = _placed([(made.number, _in_piece(made, search))], end)
    else:
        behind = _by_reading(rows, search, stop, end)
    for some in behind:
        found += some
        if len(found) > limit:
            return Page(found[:limit], found[limit - 1])
    if stop > taken:
        return Page(found, stop)
    for some in _by_pieces(rows, search, min(taken, end)):
        found += some
        if len(found) > limit:
            return Page(found[:limit], found[limit - 1])
    return Page(found, None)


def _by_reading(rows: Rows, search: Search, stop: int, end: int) -> Iterator[list[int]]:
    c = LOG_ENTRY.c
    for high in range(end, stop, -_STEP):
        low = max(stop, high - _STEP)
        here: ColumnElement[bool] = (c.number >= low) & (c.number < high)
        if search.among is not None:
            here = c.number.in_(search.among & BitMap(range(low, high)))
        read = rows(select(c.number, c.entry).where(here).order_by(c.number.desc()))
        yield [int(row[0]) for row in read if search.fits(parts_of(read_body(bytes(row[1]))))]


def _by_pieces(rows: Rows, search: Search, end: int) -> Iterator[list[int]]:
    high, width = -(-end // PIECE), _FEW
    while high > 0:
        low = max(0, high - width)
        yield from _placed(_in_pieces(rows, search, low, high), end)
        high, width = low, width * 4


def _placed(found: list[tuple[int, BitMap]], end: int) -> Iterator[list[int]]:
    for piece, members in found:
        start = piece * PIECE
        yield [number for place in reversed(members) if (number := start + place) < end]


def _in_piece(made: Piece, search: Search) -> BitMap:
    """Return the places of what fits in a piece that is not kept yet."""
    every = [
        BitMap.union(
            BitMap(),
            *(members for (name, value), members in made.postings.items() if name == part and _fits(value, sought)),
        )
        for part, sought in search.parts.items()
    ]
    if search.among is not None:
        start = made.number * PIECE
        every.append(BitMap(number - start for number in search.among if number >= start))
    return reduce(and_, every)


def _fits(value: str, sought: Sequence[Sought]) -> bool:
    return any(each.fits(value) for each in sought)


def _newest(rows: Rows, search: Search, end: int, most: int) -> list[int]:
    """Return the newest entries that there are, whatever they say."""
    if search.among is not None:
        return [each for each in reversed(search.among) if each < end][:most]
    c = LOG_ENTRY.c
    return [int(row[0]) for row in rows(select(c.number).where(c.number < end).order_by(c.number.desc()).limit(most))]


def _in_pieces(rows: Rows, search: Search, low: int, high: int) -> list[tuple[int, BitMap]]:
    """Return for some pieces the places of what fits, the newest piece first."""
    every = [_postings(rows, part, sought, low, high) for part, sought in search.parts.items()]
    if search.among is not None:
        every.append(_split(search.among, low, high))
    both = reduce(lambda one, other: {each: one[each] & other[each] for each in one.keys() & other.keys()}, every)
    return sorted(both.items(), key=lambda each: -each[0])


def _postings(rows: Rows, part: str, sought: Sequence[Sought], low: int, high: int) -> dict[int, BitMap]:
    c = LOG_POSTING.c
    meant = reduce(
        or_, [(c.value >= each.low) & (c.value <= each.high) if each.high else c.value == each.low for each in sought]
    )
    found: dict[int, BitMap] = {}
    for row in rows(select(c.piece, c.members).where(c.part == part, meant, c.piece >= low, c.piece < high)):
        piece, members = int(row[0]), BitMap.deserialize(bytes(row[1]))
        found[piece] = found[piece] | members if piece in found else members
    return found


def _split(among: BitMap, low: int, high: int) -> dict[int, BitMap]:
    found: dict[int, BitMap] = defaultdict(BitMap)
    for number in among & BitMap(range(low * PIECE, high * PIECE)):
        found[number // PIECE].add(number % PIECE)
    return found
