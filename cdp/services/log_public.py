"""What the log shows to everybody: its newest checkpoint, its tiles, and proofs against that checkpoint.

Decision 25: hashes, checkpoints and proofs are public; entries only if `CDP_PUBLIC_ENTRIES` says so. Nothing beyond the
newest signed checkpoint is shown, and what is not there, not yet, or not shown looks the same.
"""

from sqlalchemy import select

from audit.checkpoint import Checkpoint, parse_checkpoint
from audit.layout import ENTRIES, TileFile, format_bundle, is_published, parse_path
from audit.merkle import BrokenTree, ProofError
from audit.note import parse_note
from audit.proof import ConsistencyProof, InclusionProof, format_consistency, format_inclusion
from audit.stored_checkpoint import newest_query
from audit.stored_tree import StoredTiles
from audit.tiles import TILE_WIDTH, Tile, TiledTree, consistency_proof, inclusion_proof
from cdp.bootstrap import Platform
from cdp.errors import NotFound
from cdp.store.platform import LOG_ENTRY


def read_checkpoint(platform: Platform) -> bytes:
    """Return the newest signed checkpoint.

    Raises:
        NotFound: there is none yet.
    """
    rows = platform.door.lookup(newest_query())
    if not rows:
        raise _nothing()
    return bytes(rows[0][0])


def read_vkey(platform: Platform) -> str:
    """Return the verifier key of the log, one line."""
    return platform.keeper.verifier.format()


def read_tile(platform: Platform, path: str, *, entries: bool = False) -> bytes:
    """Return the tile, or the bundle of entries, at a path of C2SP.

    Args:
        platform: the open store.
        path: from `tile/` on.
        entries: whether the caller may have entries although they are not public.

    Raises:
        NotFound: there is no such tile, or the caller may not have it.
    """
    try:
        file = parse_path(path)
    except ProofError:
        raise _nothing() from None
    if file.level == ENTRIES and not (entries or platform.settings.public_entries):
        raise _nothing()
    if not is_published(file, _newest(platform)[0].size):
        raise _nothing()
    return _bundle(platform, file) if file.level == ENTRIES else _hashes(platform, file)


def prove_inclusion(platform: Platform, index: int) -> bytes:
    """Return a `.tlog-proof` that an entry is in the log of the newest checkpoint.

    Raises:
        NotFound: that log has no such entry.
    """
    checkpoint, note = _newest(platform)
    if not 0 <= index < checkpoint.size:
        raise _nothing()
    hashes = inclusion_proof(index, checkpoint.size, reader=_tree(platform, checkpoint.size))
    return format_inclusion(InclusionProof(index, tuple(hashes), note))


def prove_consistency(platform: Platform, old: int) -> bytes:
    """Return a proof that the log of the newest checkpoint begins with its first `old` entries, as witnesses read it.

    Raises:
        NotFound: that log is not so large.
    """
    checkpoint, note = _newest(platform)
    if not 0 <= old <= checkpoint.size:
        raise _nothing()
    hashes = consistency_proof(old, checkpoint.size, reader=_tree(platform, checkpoint.size))
    return format_consistency(ConsistencyProof(old, tuple(hashes), note))


def _newest(platform: Platform) -> tuple[Checkpoint, bytes]:
    note = read_checkpoint(platform)
    return parse_checkpoint(parse_note(note)[0]), note


def _tree(platform: Platform, size: int) -> TiledTree:
    return TiledTree(size, StoredTiles(platform.door.lookup))


def _hashes(platform: Platform, file: TileFile) -> bytes:
    [tile] = StoredTiles(platform.door.lookup).read_tiles([Tile(file.level, file.index, file.width)])
    if len(tile) != 32 * file.width:
        raise BrokenTree("tile_length", "a stored tree lacks hashes")
    return tile


def _bundle(platform: Platform, file: TileFile) -> bytes:
    """Return the entries under a tile, all or none: those that were dropped are gone by whole tiles."""
    number, start = LOG_ENTRY.c.number, file.index * TILE_WIDTH
    here = select(LOG_ENTRY.c.entry).where(number >= start, number < start + file.width).order_by(number)
    rows = platform.door.lookup(here)
    if len(rows) != file.width:
        raise _nothing()
    return format_bundle(bytes(row[0]) for row in rows)


def _nothing() -> NotFound:
    return NotFound("not_found", "there is no such thing here")
