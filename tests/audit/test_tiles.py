"""The stored tree: proofs from tiles against the definitions, batches, what is read, what may be dropped."""

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given, strategies as st

from audit.merkle import (
    MAX_SIZE,
    BrokenTree,
    Frontier,
    ProofError,
    leaf_hash,
    node_hash,
    verify_consistency,
    verify_inclusion,
)
from audit.tiles import (
    Node,
    Tile,
    TiledTree,
    consistency_proof,
    inclusion_proof,
    read_frontier,
    tile_hashes,
    tile_width,
)
from tests.audit.naive_tree import leaves_of, mth, path, root_of, subproof

SMALL = 70


class Naive:
    """A `HashReader` by definition."""

    def read_hashes(self, nodes: Sequence[Node], /) -> list[bytes]:
        return [mth(node.index << node.height, (node.index + 1) << node.height) for node in nodes]


class Stored:
    """A `TileReader` as the store is: leaf hashes and tile hashes, filled by appends; it counts what is read."""

    def __init__(self, batches: Sequence[Sequence[bytes]], *, dropped: int = 0) -> None:
        self.levels: dict[int, dict[int, bytes]] = {0: {}}
        self.frontier = Frontier()
        self.dropped = dropped
        self.reads: list[list[Tile]] = []
        for batch in batches:
            growth = self.frontier.grow(batch)
            self.levels[0].update(enumerate(batch, growth.start))
            for one in tile_hashes(growth):
                assert one.index not in self.levels.setdefault(one.level, {})
                self.levels[one.level][one.index] = one.hash
            self.frontier = growth.frontier

    def read_tiles(self, tiles: Sequence[Tile], /) -> list[bytes]:
        self.reads.append(list(tiles))
        return [b"".join(self._hashes(tile)) for tile in tiles]

    def _hashes(self, tile: Tile) -> list[bytes]:
        first = tile.index * 256
        if tile.level == 0 and first < self.dropped:
            return []
        return [self.levels[tile.level][index] for index in range(first, first + tile.width)]


class Alike:
    """A `TileReader` of a tree whose leaves are all the same, so of any size."""

    def __init__(self) -> None:
        self.hashes = [leaf_hash(b"")]
        self.tiles = 0
        while len(self.hashes) < 64:
            self.hashes.append(node_hash(self.hashes[-1], self.hashes[-1]))

    def read_tiles(self, tiles: Sequence[Tile], /) -> list[bytes]:
        self.tiles += len(tiles)
        return [self.hashes[8 * tile.level] * tile.width for tile in tiles]


def test_every_proof_of_every_small_tree_is_the_defined_one_and_verifies():
    tree = TiledTree(SMALL, Stored([leaves_of(SMALL)]))
    for size in range(SMALL + 1):
        assert read_frontier(size, reader=tree) == Frontier().append(leaves_of(size))
        assert read_frontier(size, reader=Naive()).root() == root_of(size)
        for index in range(size):
            proof = path(index, 0, size)
            assert inclusion_proof(index, size, reader=tree) == proof == inclusion_proof(index, size, reader=Naive())
            verify_inclusion(mth(index, index + 1), proof, index=index, size=size, root=root_of(size))
        for old in range(size + 1):
            proof = subproof(old, 0, size, whole=True) if old else []
            assert consistency_proof(old, size, reader=tree) == proof == consistency_proof(old, size, reader=Naive())
            verify_consistency(proof, old_size=old, old_root=root_of(old), new_size=size, new_root=root_of(size))


@given(st.lists(st.integers(0, 600), max_size=8))
def test_however_leaves_are_batched_the_tree_is_the_same(sizes):
    ends = [sum(sizes[:i]) for i in range(len(sizes) + 1)]
    leaves = leaves_of(ends[-1])
    stored, whole = Stored([leaves[low:high] for low, high in pairwise(ends)]), Stored([leaves])
    assert stored.frontier == whole.frontier
    assert stored.frontier.root() == root_of(len(leaves))
    assert [stored.levels.get(level, {}) for level in (0, 1)] == [whole.levels.get(level, {}) for level in (0, 1)]
    assert stored.levels.get(1, {}) == {i: mth(256 * i, 256 * i + 256) for i in range(len(leaves) // 256)}


@given(st.integers(1, 3000), st.data())
def test_proofs_from_tiles_are_the_defined_ones(size, data):
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    stored_size = data.draw(st.integers(size, 3000))
    tree = TiledTree(stored_size, Stored([leaves_of(stored_size)]), keep=data.draw(st.integers(0, 4)))
    assert inclusion_proof(index, size, reader=tree) == path(index, 0, size)
    assert consistency_proof(old, size, reader=tree) == subproof(old, 0, size, whole=True)


def test_tiles_are_those_that_c2sp_counts_for_70000_entries():
    stored = Stored([leaves_of(70_000)[low : low + 1000] for low in range(0, 70_000, 1000)])
    assert {level: len(hashes) for level, hashes in stored.levels.items()} == {0: 70_000, 1: 273, 2: 1}
    widths = [[tile_width(level, index, 70_000) for index in range(275)] for level in range(4)]
    assert widths[0] == [256] * 273 + [112, 0]
    assert [row[:3] for row in widths[1:]] == [[256, 17, 0], [1, 0, 0], [0, 0, 0]]
    assert stored.levels[2][0] == mth(0, 65_536)
    tree = TiledTree(70_000, stored)
    for index in (0, 255, 256, 65_535, 65_536, 69_887, 69_888, 69_999):
        assert inclusion_proof(index, 70_000, reader=tree) == path(index, 0, 70_000)


@pytest.mark.parametrize("index", [0, 1, 255, 40_000_000, 79_999_744, 79_999_999])
def test_a_proof_among_80_million_entries_is_short_and_reads_little(index):
    size, alike = 80_000_000, Alike()
    root = read_frontier(size, reader=TiledTree(size, alike)).root()
    alike.tiles = 0
    proof = inclusion_proof(index, size, reader=TiledTree(size, alike))
    assert alike.tiles <= 8
    assert sum(map(len, proof)) <= 900
    verify_inclusion(alike.hashes[0], proof, index=index, size=size, root=root)


def test_proofs_for_neighbours_share_what_was_read():
    stored = Stored([leaves_of(3000)])
    tree = TiledTree(3000, stored)
    for index in range(256, 512):
        inclusion_proof(index, 3000, reader=tree)
    assert len(stored.reads) == 1
    assert len(stored.reads[0]) == len(set(stored.reads[0])) == 3  # its own leaves, the last leaves, the level above
    forgetful = TiledTree(3000, stored, keep=0)
    for _ in range(2):
        inclusion_proof(256, 3000, reader=forgetful)
    assert len(stored.reads) == 3


def test_proofs_of_what_is_kept_need_no_leaf_that_was_dropped():
    tree = TiledTree(3000, Stored([leaves_of(3000)], dropped=512), keep=0)
    for index in range(512, 3000, 7):
        assert inclusion_proof(index, 3000, reader=tree) == path(index, 0, 3000)
        assert consistency_proof(index, 3000, reader=tree) == subproof(index, 0, 3000, whole=True)
    with pytest.raises(BrokenTree) as caught:
        inclusion_proof(511, 3000, reader=tree)
    assert caught.value.code == "tile_length"


@given(st.integers(1, 600), st.data())
def test_a_rewritten_history_has_no_proof(size, data):
    """A log that edited, cut, inserted or swapped leaves proves what it has now to one who remembers the tree."""
    old = data.draw(st.integers(1, size))
    at = data.draw(st.integers(0, old - 1))
    leaves = list(leaves_of(size))
    change = data.draw(st.sampled_from(["edit", "cut", "insert", "swap"]))
    if change == "edit":
        leaves[at] = leaf_hash(b"another entry")
    elif change == "cut":
        leaves[at : at + 1] = []
        leaves.append(leaf_hash(b"another entry"))
    elif change == "insert":
        leaves.insert(at, leaf_hash(b"another entry"))
    else:
        leaves[at], leaves[at - 1] = leaves[at - 1], leaves[at]
    stored = Stored([leaves])
    new = len(leaves)
    proof = consistency_proof(old, new, reader=TiledTree(new, stored))
    remembered, presented = root_of(old), stored.frontier.root()
    if leaves[:old] == list(leaves_of(old)):  # a swap of a leaf with itself
        verify_consistency(proof, old_size=old, old_root=remembered, new_size=new, new_root=presented)
        return
    with pytest.raises(ProofError):
        verify_consistency(proof, old_size=old, old_root=remembered, new_size=new, new_root=presented)


@pytest.mark.parametrize(("index", "size"), [(-1, 5), (5, 5), (0, 0), (0, MAX_SIZE + 1)])
def test_a_leaf_that_is_not_there_has_no_proof(index, size):
    with pytest.raises(ValueError, match="no such leaf"):
        inclusion_proof(index, size, reader=Naive())


@pytest.mark.parametrize(("old", "new"), [(-1, 5), (6, 5), (0, MAX_SIZE + 1)])
def test_sizes_that_do_not_follow_have_no_proof(old, new):
    with pytest.raises(ValueError, match="the old tree is the larger one"):
        consistency_proof(old, new, reader=Naive())
    with pytest.raises(ValueError, match="no tree"):
        read_frontier(-1, reader=Naive())


def test_a_tree_is_not_read_beyond_its_end():
    with pytest.raises(ValueError, match="beyond"):
        inclusion_proof(0, 301, reader=TiledTree(300, Stored([leaves_of(300)])))


@pytest.mark.parametrize(
    "spoil", [lambda blob: blob[:-1], lambda blob: blob[32:], lambda _: b"", lambda blob: blob * 2]
)
def test_a_store_that_lacks_hashes_is_refused(spoil):
    class Lacking(Stored):
        def read_tiles(self, tiles, /):
            return [spoil(blob) for blob in super().read_tiles(tiles)]

    with pytest.raises(BrokenTree):
        inclusion_proof(0, 300, reader=TiledTree(300, Lacking([leaves_of(300)])))


def test_a_reader_that_gives_too_few_hashes_is_refused():
    class Few(Naive):
        def read_hashes(self, nodes, /):
            return super().read_hashes(nodes)[:-1]

    with pytest.raises(BrokenTree):
        inclusion_proof(0, 300, reader=Few())
