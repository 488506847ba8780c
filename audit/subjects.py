"""Whom an entry is about: sets of ordinals beside the log, and the salted commitments to them inside it.

Design section 6. A set is kept as roaring bitmaps by blocks of ordinals, so that "who saw me?" looks into one block of
each entry: blocks of 65,536, and where many stand close together, as in a chunk of a bulk read, cells of 1,024. Each
block has its own random salt: without it nobody can test a guess against the commitment, and when the rows beside the
log are gone, the commitment tells nothing.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from pyroaring import BitMap

from audit.commitments import commit_blocks

BLOCK_BITS: Final = 16
CELL_BITS: Final = 10
CELLS: Final = 1 << 40
"""From this number on a block is a cell: number minus this is the ordinal without its last 10 bits."""

CROWD: Final = 64
"""From so many members a cell on, a block is kept as cells: small to search, and not many more rows to write."""

SALT_BYTES: Final = 16

_RANGES: Final = tuple(
    BitMap(range(start, start + (1 << CELL_BITS))) for start in range(0, 1 << BLOCK_BITS, 1 << CELL_BITS)
)


@dataclass(frozen=True, slots=True)
class SubjectBlock:
    """The members of one block: `members` is a serialised roaring bitmap of the last bits of their ordinals.

    None of these is below `low` or above `high`.
    """

    block: int
    salt: bytes
    members: bytes
    low: int = 0
    high: int = (1 << BLOCK_BITS) - 1

    def fits(self) -> bool:
        """Return whether no member is outside of the bounds; a search would not find it."""
        members = BitMap.deserialize(self.members)
        return not members or self.low <= members.min() <= members.max() <= self.high

    def ordinals(self) -> list[int]:
        """Return the ordinals, ascending."""
        base = self.block << BLOCK_BITS if self.block < CELLS else self.block - CELLS << CELL_BITS
        return [base | low for low in BitMap.deserialize(self.members)]


def places_of(ordinal: int) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return the block and the cell that an ordinal may be in, each with its last bits there."""
    block = (ordinal >> BLOCK_BITS, ordinal & (1 << BLOCK_BITS) - 1)
    return block, (CELLS | ordinal >> CELL_BITS, ordinal & (1 << CELL_BITS) - 1)


def split_subjects(ordinals: Iterable[int]) -> list[SubjectBlock]:
    """Return the blocks of a set of ordinals, ascending, each with a fresh salt."""
    everyone = BitMap(ordinals)
    blocks: list[SubjectBlock] = []
    while everyone:
        block = everyone.min() >> BLOCK_BITS
        base = block << BLOCK_BITS
        alone = everyone.max() >> BLOCK_BITS == block
        here = everyone if alone else everyone & BitMap(range(base, base + (1 << BLOCK_BITS)))
        blocks += _kept(block, here.shift(-base))
        if alone:
            break
        everyone = everyone - here
    blocks.sort(key=lambda each: each.block)
    return blocks


def _kept(block: int, here: BitMap) -> Iterator[SubjectBlock]:
    """Yield how a block is kept: as one, or as cells."""
    low, high = here.min(), here.max()
    cells = range(low >> CELL_BITS, (high >> CELL_BITS) + 1)
    if len(here) < CROWD * len(cells):
        yield SubjectBlock(block, os.urandom(SALT_BYTES), here.serialize(), low, high)
        return
    for cell in cells:
        start = cell << CELL_BITS
        part = here & _RANGES[cell]
        if part:
            number = CELLS + (block << BLOCK_BITS - CELL_BITS) + cell
            members = part.shift(-start).serialize()
            yield SubjectBlock(number, os.urandom(SALT_BYTES), members, part.min() - start, part.max() - start)


def commit_subjects(blocks: Sequence[SubjectBlock]) -> str:
    """Return the commitment to a set, in hex."""
    return commit_blocks((each.block, each.salt, each.members) for each in blocks)
