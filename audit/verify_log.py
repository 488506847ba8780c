"""Verifying the stored log against itself: every entry, the tree, the tiles, and what the entries commit to.

RFC 9162 section 2.1 for the tree. This sees what was changed beneath the program; that a whole log was replaced by
another one is seen only by who holds an earlier checkpoint of it.

    1. the head is one row that states a tree
    2. entries are numbered without a gap, each is in its format, each leaf is the hash of its entry
    3. the tree over the leaves has the root that the head states
    4. the stored tile hashes are those of that tree
    5. what is gone was dropped after the retention, and an entry says so (`audit.retention`)
    6. each entry's customers and reason are those that it commits to
    7. what the log is searched by says what the entries say (`audit.verify_index`)
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Table, func, select, text

from audit.commitments import commit_reason
from audit.merkle import HASH_BYTES, BrokenTree, Frontier, Growth, split_hashes
from audit.retention import DROP, DROPPED_TO
from audit.subjects import SubjectBlock, commit_subjects
from audit.tiles import TILE_WIDTH, tile_hashes
from audit.verify_index import IndexCheck
from audit.walk import Walk, WrongEntry
from cdp.errors import CdpError, Unavailable
from cdp.store.platform import LOG_DROPPED, LOG_ENTRY, LOG_HEAD, LOG_NOTE, LOG_SUBJECT, LOG_TILE

BATCH: Final = 2_560
"""Entries per step, a multiple of a tile's 256."""

UnsealNote = Callable[[str, bytes], str]
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Verified:
    """What was verified: the size of the tree, its root in hex, what was checked, and what is odd, in words."""

    entries: int
    root_hex: str
    steps: tuple[str, ...]
    findings: tuple[str, ...] = ()


def verify_log(
    conn: Connection, *, unseal_note: UnsealNote, progress: Progress = lambda _done, _total: None
) -> Verified:
    """Verify the log as one transaction sees it.

    Raises:
        Unavailable: `log_broken`, with the first thing that does not hold and where.
    """
    if conn.dialect.name == "postgresql":
        conn.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
    head = _head(conn)
    walk, people, reasons = Walk(_dropped(conn)), 0, 0
    gone, said_gone = walk.edge.size, 0
    index = IndexCheck(conn, gone)
    for start in range(gone, head.size, BATCH):
        said, growth = _step(walk, *_entries(conn, start, min(start + BATCH, head.size)))
        _check_tiles(
            conn, growth_tiles={(tile.level, tile.index): tile.hash for tile in tile_hashes(growth)}, start=start
        )
        bodies = dict(enumerate(said, start))
        said_gone = max([said_gone, *(_gone_by(body) for body in said)])
        people += _check_subjects(conn, bodies)
        reasons += _check_reasons(conn, bodies, unseal_note)
        index.take(bodies)
        progress(walk.edge.size, head.size)
    tree = walk.edge
    if tree != head:
        raise _broken("the tree over the entries is not the one that the head states", "head")
    if said_gone != gone:
        raise _broken("other entries are gone than those that the log says were dropped", f"entry {gone}")
    _check_nothing_beyond(conn, head, gone)
    index.finish()
    root = tree.root().hex()
    steps = (
        f"{tree.size - gone:,} entries, numbered without a gap, each in its format and matching its leaf hash",
        *(
            [f"the {gone:,} entries before them were dropped, as one of them says; their hashes are kept"]
            if gone
            else ()
        ),
        f"the tree over them has the root that the log states: {root}",
        *([f"{tiles:,} stored tile hashes are those of that tree"] if (tiles := _count(conn, LOG_TILE)) else []),
        f"the {people:,} sets of customers and {reasons:,} reason(s) beside it are those that the entries commit to",
        *([f"what it is searched by, {index.pieces:,} piece(s), says what the entries say"] if index.pieces else ()),
    )
    return Verified(tree.size, root, steps, walk.clock.findings)


def _head(conn: Connection) -> Frontier:
    rows = conn.execute(select(LOG_HEAD.c.frontier)).all()
    try:
        return Frontier.decode(bytes(rows[0][0])) if len(rows) == 1 else Frontier.decode(b"")
    except BrokenTree:
        raise _broken("the head states no tree", "head") from None


def _dropped(conn: Connection) -> Frontier:
    """Return the tree over the leaf hashes of the entries that were dropped, whose tile hashes are as stored."""
    edge = Frontier()
    rows = conn.execute(select(LOG_DROPPED.c.number, LOG_DROPPED.c.leaves).order_by(LOG_DROPPED.c.number))
    for expected, row in enumerate(rows.all()):
        leaves = split_hashes(bytes(row.leaves))
        if row.number != expected or len(leaves) != TILE_WIDTH or len(leaves[-1]) != HASH_BYTES:
            raise _broken("the hashes of entries that were dropped are not whole", f"tile 0/{expected}")
        growth = edge.grow(leaves)
        tiles = {(tile.level, tile.index): tile.hash for tile in tile_hashes(growth)}
        _check_tiles(conn, growth_tiles=tiles, start=edge.size)
        edge = growth.frontier
    return edge


def _gone_by(body: dict[str, Any]) -> int:
    """Return how many entries an entry says were dropped."""
    gone = body.get(DROPPED_TO) if body["act"] == DROP else 0
    return gone if isinstance(gone, int) else 0


def _entries(conn: Connection, start: int, stop: int) -> tuple[list[bytes], list[bytes]]:
    """Return entries and their stored leaf hashes."""
    c = LOG_ENTRY.c
    rows = conn.execute(
        select(c.number, c.entry, c.leaf).where(c.number >= start, c.number < stop).order_by(c.number)
    ).all()
    for expected, row in enumerate(rows, start):
        if row.number != expected:
            raise _broken("an entry is missing", f"entry {expected}")
    if len(rows) != stop - start:
        raise _broken("an entry is missing", f"entry {start + len(rows)}")
    return [bytes(row.entry) for row in rows], [bytes(row.leaf) for row in rows]


def _step(walk: Walk, entries: list[bytes], leaves: list[bytes]) -> tuple[list[dict[str, Any]], Growth]:
    """Take entries of which each matches the leaf hash that is stored with it."""
    start = walk.edge.size
    try:
        bodies, growth = walk.step(entries)
    except WrongEntry as error:
        raise _broken("an entry is not in its format", f"entry {error.number}") from None
    for number, (leaf, stored) in enumerate(zip(growth.rows[0], leaves, strict=True), start):
        if leaf != stored:
            raise _broken("an entry is not the one that its leaf was made of", f"entry {number}")
    return bodies, growth


def _check_tiles(conn: Connection, *, growth_tiles: dict[tuple[int, int], bytes], start: int) -> None:
    for (level, number), expected in growth_tiles.items():
        c = LOG_TILE.c
        stored = conn.execute(select(c.hash).where(c.level == level, c.number == number)).scalar_one_or_none()
        if stored is None or bytes(stored) != expected:
            raise _broken("a stored tile hash is not that of the tree", f"tile {level}/{number}, entries from {start}")


def _check_subjects(conn: Connection, bodies: dict[int, dict[str, Any]]) -> int:
    blocks: dict[int, list[SubjectBlock]] = defaultdict(list)
    c = LOG_SUBJECT.c
    rows = conn.execute(_about(LOG_SUBJECT, c.entry, bodies).order_by(c.entry, c.block))
    for row in rows:
        blocks[row.entry].append(SubjectBlock(row.block, bytes(row.salt), bytes(row.members), row.low, row.high))
    for number, body in bodies.items():
        held = commit_subjects(blocks[number]) if number in blocks else None
        if body.get("subjects") != held:
            raise _broken("the customers of an entry are not those that it commits to", f"entry {number}")
        if not all(block.fits() for block in blocks.get(number, ())):
            raise _broken("the customers of an entry would not be found among them", f"entry {number}")
    return len(blocks)


def _check_reasons(conn: Connection, bodies: dict[int, dict[str, Any]], unseal_note: UnsealNote) -> int:
    notes = {row.entry: row for row in conn.execute(_about(LOG_NOTE, LOG_NOTE.c.entry, bodies))}
    for number, body in bodies.items():
        held = None
        if number in notes:
            salt = bytes(notes[number].salt)
            try:
                held = commit_reason(salt, unseal_note(salt.hex(), bytes(notes[number].sealed)))
            except CdpError:
                raise _broken("the reason of an entry does not open", f"entry {number}") from None
        if body.get("reason") != held:
            raise _broken("the reason of an entry is not the one that it commits to", f"entry {number}")
    return len(notes)


def _about(table: Table, entry: Any, bodies: dict[int, dict[str, Any]]) -> Any:
    return select(table).where(entry >= min(bodies), entry <= max(bodies))


def _check_nothing_beyond(conn: Connection, head: Frontier, gone: int) -> None:
    for table, column in (
        (LOG_ENTRY, LOG_ENTRY.c.number),
        (LOG_SUBJECT, LOG_SUBJECT.c.entry),
        (LOG_NOTE, LOG_NOTE.c.entry),
    ):
        if conn.execute(
            select(func.count()).select_from(table).where((column >= head.size) | (column < gone))
        ).scalar_one():
            raise _broken("there is more beside the tree than its head states", table.name)
    if _count(conn, LOG_TILE) != sum(_tiles(head.size)):
        raise _broken("there are more tile hashes than the tree has tiles", LOG_TILE.name)


def _tiles(size: int) -> Iterator[int]:
    while size := size >> 8:
        yield size


def _count(conn: Connection, table: Table) -> int:
    return int(conn.execute(select(func.count()).select_from(table)).scalar_one())


def _broken(message: str, path: str) -> Unavailable:
    hint = "the log was changed beneath the program: keep this database for an expert, and restore a backup"
    return Unavailable("log_broken", message, path=path, hint=hint)
