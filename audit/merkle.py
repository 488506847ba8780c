"""The append-only Merkle tree of the log: its hashes, its growing right edge, and the verification of proofs.

RFC 9162 section 2.1 (the same tree as RFC 6962 section 2.1), with SHA-256.

Pure: no I/O and nothing but the standard library. Whoever checks a log needs no more of the tree than this file; proofs
are made where the tree is stored, in `audit.tiles`.

    leaf_hash, node_hash, EMPTY_ROOT    2.1.1      the Merkle tree hash, MTH
    Frontier, Growth                    2.1.1      a tree that grows, kept as its right edge
    verify_inclusion                    2.1.3.2    this leaf is in that tree
    verify_consistency                  2.1.4.2    that tree grew out of this one

Words. A tree of `size` leaves holds the leaves [0, size). The perfect subtree of height h and index i covers the leaves
[i * 2**h, (i + 1) * 2**h); once its last leaf is there its hash never changes. Every hash is 32 bytes. Trees and
proofs take leaf hashes; `leaf_hash` is the only function that sees an entry.

    TreeError
    ├── ProofError    a proof does not show what it claims
    └── BrokenTree    what was stored is not a tree of the size it states

A `ValueError` is a mistake in the calling code, never a finding about a log.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

HASH_BYTES = 32
MAX_SIZE = 2**63 - 1  # what the store's columns count to; also keeps a stated size from making verification long
EMPTY_ROOT = sha256(b"").digest()

# The prefixes part leaves from nodes; without them an entry made of two hashes would pass for a node above them.
_LEAF, _NODE = b"\x00", b"\x01"


class TreeError(Exception):
    """Base of what can be wrong with a tree or a proof.

    Args:
        code: stable snake_case name.
        message: one sentence in lower case.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class ProofError(TreeError):
    """A proof does not show what it claims; the claim may be false."""


class BrokenTree(TreeError):
    """What was stored is not a tree of the stated size."""


def leaf_hash(entry: bytes) -> bytes:
    """Return the 32-byte hash of a leaf, SHA-256(00 || entry) (RFC 9162 section 2.1.1)."""
    return sha256(_LEAF + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the 32-byte hash of the node above two hashes, SHA-256(01 || left || right) (RFC 9162 section 2.1.1)."""
    return sha256(_NODE + left + right).digest()


def fold(hashes: Sequence[bytes]) -> bytes:
    """Return the hash over perfect subtrees that stand side by side, largest first; at least one.

    RFC 9162 splits n leaves at the largest power of two below n, so the first subtree is the left child of the whole
    and the rest, folded the same way, is the right child.
    """
    *left, result = hashes
    for one in reversed(left):
        result = node_hash(one, result)
    return result


@dataclass(frozen=True, slots=True)
class Frontier:
    """The right edge of a tree: all that appending needs, at most 63 hashes.

    Attributes:
        size: number of leaves, 0 to `MAX_SIZE`.
        hashes: one hash per bit that is set in `size`, for the perfect subtrees that make up the tree from left to
            right, so largest first. The empty tree has none.

    Raises:
        BrokenTree: `size` is out of range, or `hashes` do not fit it in number or length.
    """

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.size <= MAX_SIZE:
            raise BrokenTree("size_out_of_range", "a tree has between 0 and 2**63 - 1 leaves")
        if len(self.hashes) != self.size.bit_count() or any(len(one) != HASH_BYTES for one in self.hashes):
            raise BrokenTree("frontier_does_not_fit", f"the right edge is not that of a tree of {self.size} leaves")

    def root(self) -> bytes:
        """Return the 32-byte root hash, MTH(D_size); `EMPTY_ROOT` for no leaves (RFC 9162 section 2.1.1)."""
        return fold(self.hashes) if self.hashes else EMPTY_ROOT

    def append(self, leaves: Iterable[bytes]) -> "Frontier":
        """Return the right edge after these leaf hashes; see `grow`."""
        return self.grow(leaves).frontier

    def grow(self, leaves: Iterable[bytes]) -> "Growth":
        """Append leaf hashes, in order, and return the new right edge with every perfect subtree they completed.

        One pass per height: the new subtrees of a height, after the one that was waiting there for its sibling, pair
        up into the new subtrees of the height above; an odd one out waits in its turn. Hashes each node once.

        Args:
            leaves: 32-byte leaf hashes; none is allowed and changes nothing.

        Raises:
            ValueError: a leaf is not 32 bytes long (an entry passed for its hash).
            BrokenTree: the tree would have more than `MAX_SIZE` leaves.
        """
        row = tuple(leaves)
        if not set(map(len, row)) <= {HASH_BYTES}:
            raise ValueError("leaves are appended as 32-byte leaf hashes")
        size = self.size + len(row)
        edge = list(self.hashes)  # waiting subtrees, smallest last
        waiting: list[bytes] = []  # those that wait after this batch, smallest first
        rows: list[tuple[bytes, ...]] = []
        while row:
            height = len(rows)
            rows.append(row)
            if self.size >> height & 1:
                row = (edge.pop(), *row)
            if len(row) % 2:
                waiting.append(row[-1])
            row = tuple(map(node_hash, row[:-1:2], row[1::2]))
        return Growth(self.size, Frontier(size, (*edge, *reversed(waiting))), tuple(rows))

    def encode(self) -> bytes:
        """Return the size as 8 bytes, big-endian, and the hashes: 8 + 32 * (bits set in size) bytes."""
        return self.size.to_bytes(8, "big") + b"".join(self.hashes)

    @classmethod
    def decode(cls, data: bytes) -> "Frontier":
        """Return the right edge that `encode` wrote.

        Raises:
            BrokenTree: the length is not that of a right edge of the size it states.
        """
        if len(data) % HASH_BYTES != 8:
            raise BrokenTree("frontier_length", f"{len(data)} bytes are not a size and whole hashes")
        return cls(int.from_bytes(data[:8], "big"), split_hashes(data[8:]))


@dataclass(frozen=True, slots=True)
class Growth:
    """What one append added to a tree.

    Attributes:
        start: size before, so the index of the first new leaf.
        frontier: right edge after.
        rows: `rows[h]` holds the hashes of the nodes of height h that the batch completed, in order: those with index
            from `start >> h` up to, not including, `frontier.size >> h`. `rows[0]` are the leaves.
    """

    start: int
    frontier: Frontier
    rows: tuple[tuple[bytes, ...], ...]


def split_hashes(data: bytes) -> tuple[bytes, ...]:
    """Return the 32-byte hashes that stand one after the other in `data`; the last is short if `data` is."""
    return tuple(data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES))


def verify_inclusion(leaf: bytes, proof: Sequence[bytes], *, index: int, size: int, root: bytes) -> None:
    """Check that a leaf stands at `index` in the tree with this size and root (RFC 9162 section 2.1.3.2, its numbers).

    1. The index lies in the tree.
    2. Follow two nodes of equal height up the tree: the one above the leaf, and the last one.
    3. Start from the leaf hash.
    4. For each hash of the proof: (a) there must be a node above. (b) A right child, or the last node, has its sibling
       on the left; every other node has it on the right. (c) Go up to the parent.
    5. The last node is the root, and the hash is that of the root.

    Args:
        leaf: 32-byte leaf hash.
        proof: 32-byte hashes, the lowest sibling first.
        index: of the leaf, from 0.
        size: of the tree, at most `MAX_SIZE`.
        root: 32-byte root hash of that tree. Take size and root from one signed checkpoint: trees of several sizes
            share the shape of a proof, so the proof alone does not vouch for the size.

    Raises:
        ProofError: the proof does not show it.
    """
    _require_hashes(leaf, root, *proof)
    if not 0 <= index < size <= MAX_SIZE:  # 1
        raise ProofError("index_outside_tree", "the tree has no leaf of this index")
    node, last = index, size - 1  # 2
    result = leaf  # 3
    for sibling in proof:  # 4
        if last == 0:  # 4a
            raise ProofError("proof_too_long", "the proof goes on above the root")
        if node & 1 or node == last:  # 4b
            result = node_hash(sibling, result)
            node, last = _to_right_child(node, last)
        else:
            result = node_hash(result, sibling)
        node, last = node >> 1, last >> 1  # 4c
    if last != 0:  # 5
        raise ProofError("proof_too_short", "the proof ends below the root")
    if result != root:
        raise ProofError("wrong_root", "the proof leads to another root than the tree's")


def verify_consistency(
    proof: Sequence[bytes], *, old_size: int, old_root: bytes, new_size: int, new_root: bytes
) -> None:
    """Check that the new tree begins with all leaves of the old one, in order (RFC 9162 section 2.1.4.2).

    Section 2.1.4.2 covers 0 < old_size < new_size. Beyond it: a tree is consistent with itself, and every tree with
    the empty one, by an empty proof and no other; the old root must then be the new one, or `EMPTY_ROOT`.

    Args:
        proof: 32-byte hashes, in the order of the RFC.
        old_size: of the tree that is remembered.
        old_root: its 32-byte root hash, from the same checkpoint.
        new_size: of the tree that is presented, at most `MAX_SIZE`.
        new_root: its 32-byte root hash, from the same checkpoint.

    Raises:
        ProofError: the proof does not show it.
    """
    _require_hashes(old_root, new_root, *proof)
    if not 0 <= old_size <= new_size <= MAX_SIZE:
        raise ProofError("size_out_of_range", "the new tree is smaller than the old one, or no tree has such a size")
    if 0 < old_size < new_size:
        found_old, found_new = _roots_from_proof(proof, old_size, old_root, new_size)
    elif proof:
        raise ProofError("proof_too_long", "between these two trees there is nothing to prove")
    else:
        found_old = old_root if old_size else EMPTY_ROOT
        found_new = found_old if old_size == new_size else new_root
    if found_old != old_root:
        raise ProofError("wrong_old_root", "the old tree is not the beginning of the new one")
    if found_new != new_root:
        raise ProofError("wrong_new_root", "the proof leads to another root than the new tree's")


def _roots_from_proof(proof: Sequence[bytes], old_size: int, old_root: bytes, new_size: int) -> tuple[bytes, bytes]:
    """Return the old and the new root that a consistency proof leads to (RFC 9162 section 2.1.4.2, its numbers).

    1. The proof is not empty.
    2. An old tree that is perfect is itself the first hash; the proof leaves it out.
    3. Follow two nodes of equal height up the new tree: the one above the old tree's last leaf, and the last one.
    4. Begin at the largest perfect subtree that ends where the old tree ends.
    5. Its hash, the first of the proof, begins both roots.
    6. For each further hash: (a) there must be a node above. (b) A sibling on the left belongs to both trees, one on
       the right to the new tree only. (c) Go up to the parent.
    7. The last node is the root. The caller compares the two hashes.
    """
    if not proof:  # 1
        raise ProofError("proof_too_short", "the proof is empty")
    first, *rest = (old_root, *proof) if old_size.bit_count() == 1 else proof  # 2
    node, last = old_size - 1, new_size - 1  # 3
    while node & 1:  # 4
        node, last = node >> 1, last >> 1
    old, new = first, first  # 5
    for sibling in rest:  # 6
        if last == 0:  # 6a
            raise ProofError("proof_too_long", "the proof goes on above the root")
        if node & 1 or node == last:  # 6b
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            node, last = _to_right_child(node, last)
        else:
            new = node_hash(new, sibling)
        node, last = node >> 1, last >> 1  # 6c
    if last != 0:  # 7
        raise ProofError("proof_too_short", "the proof ends below the root")
    return old, new


def _to_right_child(node: int, last: int) -> tuple[int, int]:
    """Go up from a left child to the first right child or the root; a right child stays.

    Only the last node of its height comes here as a left child. It has no sibling, so no hash of the proof, and the
    node above it is the same subtree: RFC 9162 gives a node to two subtrees, never to one.
    """
    while node and not node & 1:
        node, last = node >> 1, last >> 1
    return node, last


def _require_hashes(*hashes: bytes) -> None:
    """Refuse anything of another length than a hash before it is hashed or compared."""
    if any(len(one) != HASH_BYTES for one in hashes):
        raise ProofError("hash_length", "a hash of the proof or of a root is not 32 bytes long")
