"""What entries commit to: salted hashes of the customers and of the reason that are kept beside the log.

Design section 6. Each block of customers has its own random salt: without it nobody can test a guess against the
commitment, and when the rows beside the log are gone, the commitment tells nothing. Needs nothing but the standard
library.
"""

from collections.abc import Iterable
from hashlib import sha256
from typing import Final

_SUBJECTS: Final = b"cdp/subjects/1"
_REASON: Final = b"cdp/reason/1"


def commit_blocks(blocks: Iterable[tuple[int, bytes, bytes]]) -> str:
    """Return the commitment to a set: SHA-256 over the commitments to its blocks in order, in hex.

    Args:
        blocks: number, salt and members of each, the members as a serialised roaring bitmap.
    """
    outer = sha256(_SUBJECTS)
    for block, salt, members in blocks:
        number = block.to_bytes(8, "big")
        outer.update(number + sha256(_SUBJECTS + salt + number + members).digest())
    return outer.hexdigest()


def commit_reason(salt: bytes, reason: str) -> str:
    """Return the commitment to a reason, in hex."""
    return sha256(_REASON + salt + reason.encode()).hexdigest()
