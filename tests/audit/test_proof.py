"""Proof files and cosignatures: round trips, what is refused, every byte covered, and what sigstore says of them."""

from collections.abc import Callable

import pytest
from hypothesis import given, strategies as st

from audit.checkpoint import Checkpoint, sign_checkpoint
from audit.cosignature import Cosigner, Policy, WitnessKey, cosigned, parse_witnesses
from audit.merkle import Frontier, ProofError, leaf_hash
from audit.note import NoteError, SignerKey, format_note, parse_note
from audit.proof import (
    ConsistencyProof,
    InclusionProof,
    check_consistency,
    check_inclusion,
    format_consistency,
    format_inclusion,
    parse_consistency,
    parse_inclusion,
)
from tests.audit.naive_tree import path, subproof

LOG = SignerKey("log.example.org/customers", bytes(range(32)))
WITNESSES = [Cosigner(f"witness{number}.example.net", bytes([number]) * 32) for number in range(3)]
KEYS = tuple(each.key for each in WITNESSES)
TIME = 1_764_000_000
SIZE = 9
HASH = st.binary(min_size=32, max_size=32)


def entry(number: int) -> bytes:
    return b"entry %d" % number  # as `naive_tree` has them


def checkpoint(size: int) -> Checkpoint:
    return Checkpoint(LOG.name, size, Frontier().append(leaf_hash(entry(n)) for n in range(size)).root())


def note(size: int = SIZE, *by: Cosigner) -> bytes:
    text = parse_note(sign_checkpoint(checkpoint(size), LOG))[0]
    return format_note(text, [LOG.sign(text), *(each.cosign(text, TIME) for each in by)])


def inclusion(index: int = 5, *by: Cosigner) -> InclusionProof:
    return InclusionProof(index, tuple(path(index, 0, SIZE)), note(SIZE, *by))


def consistency(old: int = 4) -> ConsistencyProof:
    return ConsistencyProof(old, tuple(subproof(old, 0, SIZE, whole=True)), note())


def refused(work: Callable[[], object]) -> str:
    with pytest.raises((ProofError, NoteError)) as caught:
        work()
    return caught.value.code


def test_an_inclusion_proof_is_the_text_of_the_specification() -> None:
    first, second, third, *_ = format_inclusion(inclusion()).decode().split("\n")
    assert (first, second, len(third)) == ("c2sp.org/tlog-proof@v1", "index 5", 44)
    assert format_inclusion(inclusion()).endswith(b"\n\n" + note())


def test_what_is_written_is_read_and_holds() -> None:
    for index in range(SIZE):
        proof = parse_inclusion(format_inclusion(inclusion(index)))
        assert check_inclusion(proof, entry(index), Policy(LOG.verifier)) == checkpoint(SIZE)
        assert refused(lambda: check_inclusion(proof, b"another", Policy(LOG.verifier))) == "wrong_root"  # noqa: B023
    for old in range(1, SIZE):
        grown = parse_consistency(format_consistency(consistency(old)))
        assert check_consistency(grown, checkpoint(old), Policy(LOG.verifier)) == checkpoint(SIZE)
        other = Checkpoint(LOG.name, old, bytes(32))
        assert refused(lambda: check_consistency(grown, other, Policy(LOG.verifier)))  # noqa: B023


def test_another_log_and_another_tree_are_told_apart() -> None:
    other = Checkpoint("other.example.org", 4, checkpoint(4).root)
    assert refused(lambda: check_consistency(consistency(4), other, Policy(LOG.verifier))) == "other_log"
    assert refused(lambda: check_consistency(consistency(4), checkpoint(3), Policy(LOG.verifier))) == "other_tree"


def test_every_byte_of_a_proof_is_covered() -> None:
    policy = Policy(LOG.verifier, KEYS[:1])
    for data, check in (
        (format_inclusion(inclusion(5, WITNESSES[0])), lambda d: check_inclusion(parse_inclusion(d), entry(5), policy)),
        (
            format_consistency(consistency()),
            lambda d: check_consistency(parse_consistency(d), checkpoint(4), Policy(LOG.verifier)),
        ),
    ):
        check(data)
        for position in range(len(data)):
            for bit in (1, 32):
                spoiled = data[:position] + bytes([data[position] ^ bit]) + data[position + 1 :]
                assert refused(lambda: check(spoiled))  # noqa: B023
        for cut in range(len(data)):
            assert refused(lambda: check(data[:cut]))  # noqa: B023


@given(st.integers(0, 2**63 - 1), st.lists(HASH, max_size=63), st.binary(max_size=100))
def test_round_trip(number: int, hashes: list[bytes], extra: bytes) -> None:
    proof = InclusionProof(number, tuple(hashes), note(), extra)
    assert parse_inclusion(format_inclusion(proof)) == proof
    grown = ConsistencyProof(number, tuple(hashes), note())
    assert parse_consistency(format_consistency(grown)) == grown


@given(st.one_of(st.binary(max_size=300), st.text("old index 0123extra\n=A", max_size=200).map(str.encode)))
def test_reading_any_bytes_raises_only_what_it_says(data: bytes) -> None:
    for read in (parse_inclusion, parse_consistency):
        try:
            found = read(data)
        except ProofError as error:
            assert error.code == "proof_malformed"  # noqa: PT017
        else:
            write = format_inclusion if isinstance(found, InclusionProof) else format_consistency
            assert write(found) == data  # type: ignore[operator]


@pytest.mark.parametrize(
    "data",
    [
        b"c2sp.org/tlog-proof@v1\nindex 05\n\nx",
        b"c2sp.org/tlog-proof@v1\nindex -1\n\nx",
        b"c2sp.org/tlog-proof@v1\nextra \nindex 1\n\nx",
        b"c2sp.org/tlog-proof@v1\nindex 1\n" + b"A" * 43 + b"B\n\nx",
        b"c2sp.org/tlog-proof@v2\nindex 1\n\nx",
        b"c2sp.org/tlog-proof@v1\nindex 1\n\n",
        b"old 9223372036854775808\n\nx",
        b"old 1\n" + (b"A" * 43 + b"=\n") * 64 + b"\nx",
    ],
)
def test_malformed_proofs(data: bytes) -> None:
    read = parse_consistency if data.startswith(b"old") else parse_inclusion
    assert refused(lambda: read(data)) == "proof_malformed"


def test_a_proof_among_80_million_entries_is_a_small_file() -> None:
    big = InclusionProof(79_999_999, (bytes(range(32)),) * 27, note())
    assert sum(map(len, big.hashes)) <= 900
    assert len(format_inclusion(big)) < 1_600  # in base64, with the signed checkpoint


def test_cosignatures_are_demanded_by_number() -> None:
    two = note(SIZE, WITNESSES[0], WITNESSES[2])
    for quorum in (1, 2):
        assert Policy(LOG.verifier, KEYS, quorum)(two) == checkpoint(SIZE)
    for policy in (Policy(LOG.verifier, KEYS, 3), Policy(LOG.verifier, KEYS), Policy(LOG.verifier, KEYS[1:2])):
        assert refused(lambda: policy(two)) == "not_cosigned"  # noqa: B023
    assert cosigned(two, KEYS) == {KEYS[0]: TIME, KEYS[2]: TIME}
    twice = note(SIZE, WITNESSES[0], WITNESSES[0])
    assert refused(lambda: Policy(LOG.verifier, KEYS, 2)(twice)) == "not_cosigned"


@pytest.mark.parametrize("quorum", [0, -1, 4])
def test_a_quorum_that_means_nothing_is_refused(quorum: int) -> None:
    assert refused(lambda: Policy(LOG.verifier, KEYS, quorum)) == "bad_quorum"
    assert refused(lambda: Policy(LOG.verifier, (), 1)) == "bad_quorum"
    assert refused(lambda: Policy(LOG.verifier, (KEYS[0], WitnessKey("other", KEYS[0].public)))) == "bad_quorum"
    assert refused(lambda: Policy(LOG.verifier, (WitnessKey("self", LOG.verifier.public),))) == "bad_quorum"


def test_a_cosignature_is_bound_to_its_time_and_is_no_signature_of_the_log() -> None:
    text = parse_note(note())[0]
    signed = WITNESSES[0].cosign(text, TIME)
    moved = (TIME + 1).to_bytes(8, "big") + signed.signature[8:]
    assert refused(lambda: KEYS[0].verify(text, moved)) == "bad_signature"
    assert refused(lambda: KEYS[0].verify(text, signed.signature[8:])) == "bad_signature"
    assert KEYS[0].key_id != SignerKey(WITNESSES[0].name, WITNESSES[0].seed).verifier.key_id


@given(st.text("abc.", min_size=1), HASH)
def test_witness_keys_round_trip(name: str, seed: bytes) -> None:
    key = Cosigner(name, seed).key
    assert WitnessKey.parse(key.format()) == key
    assert parse_witnesses(f"{key.format()} https://a.example/, {KEYS[0].format()}  https://b.example\n") == (
        (key, "https://a.example/"), (KEYS[0], "https://b.example"),
    )  # fmt: skip
    assert refused(lambda: WitnessKey.parse(LOG.verifier.format())) == "key_malformed"
    assert refused(lambda: parse_witnesses(key.format())) == "key_malformed"
