"""Whom an entry is about: sets of ordinals beside the log, and the salted commitments to them inside it.

Design section 6. A set is kept as roaring bitmaps by blocks of 65,536 ordinals, so that "who saw me?" searches one
block of each entry. Each block has its own random salt: without it nobody can test a guess against the commitment, and
when the rows beside the log are gone, the commitment tells nothing.
"""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from pyroaring import BitMap

from audit.commitments import commit_blocks

BLOCK_BITS: Final = 16
SALT_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class SubjectBlock:
    """The members of one block: `members` is a serialised roaring bitmap of the low 16 bits of their ordinals.

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
        base = self.block << BLOCK_BITS
        return [base | low for low in BitMap.deserialize(self.members)]


def split_subjects(ordinals: Iterable[int]) -> list[SubjectBlock]:
    """Return the blocks of a set of ordinals, ascending, each with a fresh salt."""
    everyone = BitMap(ordinals)
    blocks = []
    while everyone:
        block = everyone.min() >> BLOCK_BITS
        base = block << BLOCK_BITS
        alone = everyone.max() >> BLOCK_BITS == block
        here = everyone if alone else everyone & BitMap(range(base, base + (1 << BLOCK_BITS)))
        low, high = here.min() - base, here.max() - base
        blocks.append(SubjectBlock(block, os.urandom(SALT_BYTES), here.shift(-base).serialize(), low, high))
        if alone:
            break
        everyone = everyone - here
    return blocks


def commit_subjects(blocks: Sequence[SubjectBlock]) -> str:
    """Return the commitment to a set, in hex."""
    return commit_blocks((each.block, each.salt, each.members) for each in blocks)
