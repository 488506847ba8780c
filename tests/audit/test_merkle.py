"""Hashes, the right edge and verification: published vectors, round trips, and every kind of tampering."""

from collections.abc import Sequence
from functools import partial

import pytest
from hypothesis import given, strategies as st

from audit.merkle import (
    EMPTY_ROOT,
    MAX_SIZE,
    BrokenTree,
    Frontier,
    ProofError,
    leaf_hash,
    node_hash,
    verify_consistency,
    verify_inclusion,
)
from tests.audit.naive_tree import leaves_of, mth, path, root_of, split, subproof

SMALL = 12

# The RFC 6962 vectors of Certificate Transparency, which transparency-dev/merkle publishes in `testdata`: the hash of
# a tree of the first n entries, the inclusion proofs by (index, size), the consistency proofs by (old, new size).
ENTRIES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
SECOND = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
LEFT_FOUR = ROOTS[4]
RIGHT_FOUR = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"
FIVE_SIX = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
SEVEN_EIGHT = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
THREE_FOUR = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
FIFTH = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
SEVENTH = "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f"
PUBLISHED_INCLUSION = {
    (0, 8): [SECOND, THREE_FOUR, RIGHT_FOUR],
    (1, 5): [ROOTS[1], THREE_FOUR, FIFTH],
    (2, 3): [ROOTS[2]],
    (5, 8): [FIFTH, SEVEN_EIGHT, LEFT_FOUR],
}
PUBLISHED_CONSISTENCY = {
    (1, 8): [SECOND, THREE_FOUR, RIGHT_FOUR],
    (2, 5): [THREE_FOUR, FIFTH],
    (6, 7): [FIVE_SIX, SEVENTH, LEFT_FOUR],
    (6, 8): [FIVE_SIX, SEVEN_EIGHT, LEFT_FOUR],
}


@pytest.mark.parametrize("size", range(9))
def test_roots_are_the_published_ones(size):
    assert Frontier().append(leaf_hash(bytes.fromhex(one)) for one in ENTRIES[:size]).root().hex() == ROOTS[size]


def test_published_proofs_verify():
    leaves = [leaf_hash(bytes.fromhex(one)) for one in ENTRIES]
    root = [bytes.fromhex(one) for one in ROOTS]
    for (index, size), hashes in PUBLISHED_INCLUSION.items():
        proof = [bytes.fromhex(one) for one in hashes]
        verify_inclusion(leaves[index], proof, index=index, size=size, root=root[size])
    for (old, new), hashes in PUBLISHED_CONSISTENCY.items():
        proof = [bytes.fromhex(one) for one in hashes]
        verify_consistency(proof, old_size=old, old_root=root[old], new_size=new, new_root=root[new])


def test_a_leaf_is_never_a_node():
    left, right = leaves_of(2)
    assert leaf_hash(left + right) != node_hash(left, right)


def flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def spoiled(proof: Sequence[bytes]) -> list[list[bytes]]:
    """A byte flipped anywhere, a hash missing, added, doubled, cut short, or in the wrong place."""
    flips = [[*proof[:i], flipped(one, at), *proof[i + 1 :]] for i, one in enumerate(proof) for at in range(32)]
    missing = [[*proof[:i], *proof[i + 1 :]] for i in range(len(proof))]
    added = [[*proof[:i], one, *proof[i:]] for i in range(len(proof) + 1) for one in (bytes(32), *proof)]
    short = [[*proof[:i], one[:31], *proof[i + 1 :]] for i, one in enumerate(proof)]
    swapped = [[*proof[: i - 1], proof[i], proof[i - 1], *proof[i + 1 :]] for i in range(1, len(proof))]
    return flips + missing + added + short + swapped


def refused(verify, *args, **named) -> str:
    """Return the code with which this is refused."""
    with pytest.raises(ProofError) as caught:
        verify(*args, **named)
    return caught.value.code


@pytest.mark.parametrize("size", range(1, SMALL))
def test_a_spoiled_inclusion_proof_is_refused(size):
    for index in range(size):
        leaf, proof = mth(index, index + 1), path(index, 0, size)
        where = {"index": index, "size": size}
        for bad in spoiled(proof):
            assert refused(verify_inclusion, leaf, bad, root=root_of(size), **where)
        for at in range(32):
            assert refused(verify_inclusion, flipped(leaf, at), proof, root=root_of(size), **where) == "wrong_root"
            assert refused(verify_inclusion, leaf, proof, root=flipped(root_of(size), at), **where) == "wrong_root"


@pytest.mark.parametrize("size", range(2, SMALL))
def test_a_spoiled_consistency_proof_is_refused(size):
    for old in range(1, size):
        proof = subproof(old, 0, size, whole=True)
        sizes = {"old_size": old, "new_size": size}
        old_root, root = root_of(old), root_of(size)
        for bad in spoiled(proof):
            assert refused(verify_consistency, bad, old_root=old_root, new_root=root, **sizes)
        for at in range(32):
            assert refused(verify_consistency, proof, old_root=flipped(old_root, at), new_root=root, **sizes)
            code = refused(verify_consistency, proof, old_root=old_root, new_root=flipped(root, at), **sizes)
            assert code == "wrong_new_root"
        assert refused(verify_consistency, proof, old_root=root, new_root=old_root, **sizes)


def turns(index: int, size: int) -> list[bool]:
    """On which side each sibling stands: all that a proof tells of the size."""
    if size == 1:
        return []
    k = split(size)
    return [*turns(index, k), False] if index < k else [*turns(index - k, size - k), True]


@pytest.mark.parametrize("size", range(1, SMALL))
def test_an_inclusion_proof_of_another_place_or_size_is_refused(size):
    for index in range(size):
        leaf, proof = mth(index, index + 1), path(index, 0, size)
        for other in set(range(-2, 2 * SMALL)) - {index}:
            assert refused(verify_inclusion, leaf, proof, index=other, size=size, root=root_of(size))
        for other in set(range(-2, 2 * SMALL)) - {size}:
            assert refused(verify_inclusion, leaf, proof, index=index, size=other, root=root_of(max(other, 0)))
            if not (other > index and turns(index, other) == turns(index, size)):
                assert refused(verify_inclusion, leaf, proof, index=index, size=other, root=root_of(size))


@pytest.mark.parametrize("size", range(2, SMALL))
def test_a_consistency_proof_of_other_sizes_is_refused(size):
    for old in range(1, size):
        proof = subproof(old, 0, size, whole=True)
        pairs = {(a, b) for a in range(SMALL + 4) for b in range(SMALL + 4)} - {(old, size)}
        for a, b in pairs:
            roots = {"old_root": root_of(a), "new_root": root_of(b)}
            assert refused(verify_consistency, proof, old_size=a, new_size=b, **roots)


def test_the_empty_tree_and_the_same_tree_need_no_proof_and_take_none():
    for size in range(SMALL):
        root, other = root_of(size), flipped(root_of(size), 0)
        for old in (0, size):
            sizes = {"old_size": old, "new_size": size, "new_root": root}
            verify_consistency([], old_root=root_of(old), **sizes)
            assert refused(verify_consistency, [root], old_root=root_of(old), **sizes) == "proof_too_long"
            assert refused(verify_consistency, [], old_root=flipped(root_of(old), 5), **sizes)
        assert refused(verify_consistency, [], old_size=size, old_root=root, new_size=size, new_root=other)
        if size:
            proof_of_zero = {"old_size": 0, "old_root": root, "new_size": size, "new_root": root}
            assert refused(verify_consistency, [], **proof_of_zero) == "wrong_old_root"
    nothing = {"old_size": 0, "old_root": bytes(32), "new_size": 0, "new_root": bytes(32)}
    assert refused(verify_consistency, [], **nothing) == "wrong_old_root"


def test_each_fault_has_its_code():
    leaf, root, proof = mth(1, 2), root_of(5), path(1, 0, 5)
    check = partial(refused, verify_inclusion)
    assert check(leaf, proof[:-1], index=1, size=5, root=root) == "proof_too_short"
    assert check(leaf, [*proof, root], index=1, size=5, root=root) == "proof_too_long"
    assert check(leaf, proof, index=5, size=5, root=root) == "index_outside_tree"
    assert check(leaf, proof, index=0, size=0, root=EMPTY_ROOT) == "index_outside_tree"
    assert check(leaf, proof, index=1, size=MAX_SIZE + 1, root=root) == "index_outside_tree"
    assert check(leaf + b"0", proof, index=1, size=5, root=root) == "hash_length"
    assert check(leaf, [leaf[:31], *proof[1:]], index=1, size=5, root=root) == "hash_length"
    assert check(leaf, proof, index=1, size=5, root=b"") == "hash_length"
    proof = subproof(3, 0, 5, whole=True)
    check = partial(refused, verify_consistency, old_root=root_of(3), new_root=root)
    assert check([], old_size=3, new_size=5) == "proof_too_short"
    assert check(proof[:-1], old_size=3, new_size=5) == "proof_too_short"
    assert check([*proof, root], old_size=3, new_size=5) == "proof_too_long"
    for old, new in ((5, 3), (-1, 5), (3, MAX_SIZE + 1)):
        assert check(proof, old_size=old, new_size=new) == "size_out_of_range"
    assert check([b""], old_size=3, new_size=5) == "hash_length"


@given(st.integers(0, MAX_SIZE))
def test_a_right_edge_is_read_back_as_written_and_no_other_length(size):
    edge = Frontier(size, leaves_of(size.bit_count()))
    data = edge.encode()
    assert len(data) == 8 + 32 * size.bit_count()
    assert Frontier.decode(data) == edge
    for bad in (b"", data[:-1], data[:8][:-1], data + b"0", data + bytes(32), data[:-32] if size else data[:7]):
        with pytest.raises(BrokenTree):
            Frontier.decode(bad)


def test_a_right_edge_of_another_size_is_refused():
    for size, hashes in (
        (-1, leaves_of(1)),
        (0, leaves_of(1)),
        (3, leaves_of(1)),
        (1, (bytes(31),)),
        (2**63, leaves_of(1)),
    ):
        with pytest.raises(BrokenTree):
            Frontier(size, hashes)
    with pytest.raises(BrokenTree):
        Frontier.decode((2**63).to_bytes(8, "big") + bytes(32))
    with pytest.raises(BrokenTree):
        Frontier(MAX_SIZE, leaves_of(63)).append(leaves_of(1))


def test_an_entry_is_not_taken_for_its_hash():
    with pytest.raises(ValueError, match="leaf hashes"):
        Frontier().append([*leaves_of(3), b"entry 3"])


def test_appending_changes_nothing_that_was_there():
    leaves = list(leaves_of(5))
    edge = Frontier().append(leaves[:3])
    before = edge.encode()
    edge.append(leaves)
    assert edge.encode() == before
    assert leaves == list(leaves_of(5))
    assert edge.append([]) == edge
