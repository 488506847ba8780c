"""Taking pieces of the log in, so that it can be searched (`audit.pieces`), and letting go what was dropped.

No append waits for it: a piece is taken in when it is full, by whichever process comes first. INVARIANT: what is taken
in says nothing of entries that were dropped.
"""

from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import Connection, Insert, Select, Update, case, delete, func, insert, select, update

from audit.pieces import PIECE, Line, Piece, Tally, piece_of
from audit.stored_tree import Rows
from cdp.store.bulk import insert_rows
from cdp.store.platform import LOG_ENTRY
from cdp.store.searching import LOG_INDEXED, LOG_POSTING, LOG_TALLY

BATCH: Final = 2_560

_ROWS_AT_ONCE: Final = 500
"""So many rows in one statement have fewer values than either engine takes."""

Known = Callable[[Rows], AbstractContextManager[Piece]]
"""What is made of the entries behind the last full piece."""

_LINE: Final = Line(*[""] * len(Line._fields))

Keep = Callable[..., bool]
"""`Door.keep`: an update, and what is inserted with it if it changed a row."""


def indexed_to(rows: Rows) -> int:
    """Return how many entries, from the first on, are taken in."""
    return standing(rows)[0] * PIECE


def standing(rows: Rows) -> tuple[int, int]:
    """Return how many pieces are taken in, and how often entries were dropped."""
    found = rows(select(LOG_INDEXED.c.pieces, LOG_INDEXED.c.drops))
    return next(((int(row[0]), int(row[1])) for row in found), (0, 0))


def head_of(rows: Rows) -> int:
    """Return how many entries the log has, those that were dropped among them."""
    newest = next(iter(rows(select(func.max(LOG_ENTRY.c.number)))))[0]
    return 0 if newest is None else int(newest) + 1


def take_in(lookup: Callable[[Select[Any]], list[Any]], keep: Keep) -> bool:
    """Take the next piece in, if there is a full one; return whether there was, also if another process had it."""
    c = LOG_INDEXED.c
    number, drops = standing(lookup)
    if head_of(lookup) < (number + 1) * PIECE:
        return False
    made = piece_of(number, entries_between(lookup, number * PIECE, (number + 1) * PIECE))
    mine: Update = update(LOG_INDEXED).where(c.pieces == number, c.drops == drops).values(pieces=number + 1)
    keep(mine, *_inserts(made))
    return True


def forget_dropped(conn: Connection, end: int) -> None:
    """Let go of what was made of the entries before a number; what remains of its piece is made anew."""
    number, remains = divmod(end, PIECE)
    for table in (LOG_POSTING, LOG_TALLY):
        conn.execute(delete(table).where(table.c.piece <= number if remains else table.c.piece < number))
    if remains and indexed_to(conn.execute) > end:
        made = piece_of(number, entries_between(conn.execute, end, (number + 1) * PIECE))
        insert_rows(conn, LOG_POSTING, list(made.posting_rows()))
        insert_rows(conn, LOG_TALLY, list(made.tally_rows()))
    conn.execute(update(LOG_INDEXED).values(drops=LOG_INDEXED.c.drops + 1))


@contextmanager
def read_anew(rows: Rows) -> Iterator[Piece]:
    """Yield what is made of the entries behind the last full piece; `audit.newest` remembers it."""
    start = indexed_to(rows)
    yield piece_of(start // PIECE, entries_between(rows, start, head_of(rows)))


def tallies(rows: Rows, *, since: str = "", what: str = "", known: Known = read_anew) -> Iterator[tuple[Line, Tally]]:
    """Yield what the log has, counted, from an hour on, or only of one sort; a line may come more than once.

    What is not taken in yet is counted, too, so that the numbers are whole.
    """
    with known(rows) as made:
        number, newest = made.number, list(counted_in(made, since=since, what=what))
    yield from newest
    c = LOG_TALLY.c
    keys = [c[name] for name in Line._fields]
    sums = [func.sum(c[name]) for name in ("entries", "acts", "rows", "customers")]
    before = [c.hour >= since, c.piece < number, *([c.what == what] if what else [])]
    for row in rows(select(*keys, *sums, func.max(c.last)).where(*before).group_by(*keys)):
        said = tuple(row)
        entries, acts, left, customers = map(int, said[len(keys) : -1])
        yield Line(*said[: len(keys)]), Tally(entries, acts, left, customers, said[-1])


def daily(rows: Rows, *, since: str, apart: Collection[str], known: Known = read_anew) -> Iterator[tuple[Line, Tally]]:
    """Yield reads about customers, and refusals, counted by reader and day; of hours that are `apart`, by themselves.

    Lines say an hour of their day, who, and what; an hour that is apart where they are of such hours, else another one.
    """
    found: dict[tuple[str, str, str, bool], tuple[str, Tally]] = {}
    with known(rows) as made:
        number = made.number
        for line, tally in counted_in(made, since=since, what=""):
            if line.what == "refusal" or (line.what == "disclosure" and tally.customers):
                key = (line.principal, line.what, line.hour[:10], line.hour in apart)
                found.setdefault(key, (line.hour, Tally()))[1].add(tally)
    for (principal, what, _, _), (hour, tally) in found.items():
        yield _LINE._replace(hour=hour, what=what, principal=principal), tally
    c = LOG_TALLY.c
    by = (c.principal, c.what, func.substr(c.hour, 1, 10), case((c.hour.in_(list(apart)), 1), else_=0))
    counted = (c.what == "refusal") | ((c.what == "disclosure") & (c.customers > 0))
    sums = select(c.principal, c.what, func.min(c.hour), func.sum(c.acts), func.sum(c.customers))
    for row in rows(sums.where(c.hour >= since, c.piece < number, counted).group_by(*by)):
        line = _LINE._replace(hour=row[2], what=row[1], principal=row[0])
        yield line, Tally(acts=int(row[3]), customers=int(row[4]))


def counted_in(made: Piece, *, since: str, what: str) -> Iterator[tuple[Line, Tally]]:
    """Yield the lines of a piece from an hour on, or only of one sort."""
    for line, tally in made.tallies.items():
        if line.hour >= since and what in ("", line.what):
            yield line, replace(tally)


def stored_piece(conn: Connection, number: int) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """Return the rows that are kept of a piece, in their order."""
    p, t = LOG_POSTING, LOG_TALLY
    postings = conn.execute(select(p).where(p.c.piece == number).order_by(p.c.part, p.c.value))
    lines = conn.execute(select(t).where(t.c.piece == number).order_by(t.c.line))
    return [(*row[:3], bytes(row[3])) for row in postings], [tuple(row) for row in lines]


def entries_between(rows: Rows, start: int, stop: int) -> Iterator[tuple[int, bytes]]:
    """Yield entries with their numbers, those that are there."""
    c = LOG_ENTRY.c
    for first in range(start, stop, BATCH):
        here = select(c.number, c.entry).where(c.number >= first, c.number < min(first + BATCH, stop))
        yield from ((int(row[0]), bytes(row[1])) for row in rows(here.order_by(c.number)))


def _inserts(made: Piece) -> Iterator[Insert]:
    for table, rows in ((LOG_POSTING, list(made.posting_rows())), (LOG_TALLY, list(made.tally_rows()))):
        names = table.columns.keys()
        for start in range(0, len(rows), _ROWS_AT_ONCE):
            some = rows[start : start + _ROWS_AT_ONCE]
            yield insert(table).values([dict(zip(names, row, strict=True)) for row in some])
