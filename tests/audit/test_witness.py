"""A witness: every step of C2SP tlog-witness, two histories, races, and what it remembers after a kill."""

import base64
import os
import signal
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from audit.checkpoint import Checkpoint, parse_checkpoint, sign_checkpoint
from audit.cosignature import Cosigner, Policy
from audit.merkle import Frontier, leaf_hash
from audit.note import SignerKey, format_note, parse_note
from audit.proof import ConsistencyProof, format_consistency
from audit.witness import MAX_BODY, SIZE_TYPE, Reply, Witness
from audit.witness_store import SqliteWitnessStore
from tests.audit.naive_tree import leaves_of, subproof

LOG = SignerKey("log.example.org/customers", bytes(range(32)))
OTHER = SignerKey("other.example.org/log", bytes(range(1, 33)))
COSIGNER = Cosigner("witness.example.net/w1", bytes(32))
TIME = 1_764_000_000


@pytest.fixture
def store(tmp_path: Path) -> SqliteWitnessStore:
    made = SqliteWitnessStore.create(tmp_path / "witness.db")
    made.trust(LOG.verifier)
    return made


@pytest.fixture
def witness(store: SqliteWitnessStore) -> Witness:
    return Witness(COSIGNER, store, lambda: TIME)


def note(size: int, *, root: bytes | None = None, signer: SignerKey = LOG) -> bytes:
    root = Frontier().append(leaves_of(size)).root() if root is None else root
    return sign_checkpoint(Checkpoint(signer.name, size, root), signer)


def request(old: int, new: int, *, proof: list[bytes] | None = None, signed: bytes | None = None) -> bytes:
    if proof is None:
        proof = subproof(old, 0, new, whole=True) if 0 < old < new else []
    return format_consistency(ConsistencyProof(old, tuple(proof), signed or note(new)))


def status(witness: Witness, body: bytes) -> int:
    return witness.add_checkpoint(body).status


def test_what_grew_is_cosigned_and_the_cosignature_holds(witness: Witness) -> None:
    old = 0
    for new in (0, 1, 5, 5, 9):
        reply = witness.add_checkpoint(request(old, new))
        assert reply.status == 200
        text, signatures = parse_note(note(new))
        cosigned = format_note(text, [*signatures, *parse_note(text + b"\n" + reply.body)[1]])
        assert Policy(LOG.verifier, (witness.key,))(cosigned).size == new
        old = new


def test_another_old_size_is_told_the_right_one(witness: Witness) -> None:
    status(witness, request(0, 5))
    for old in (0, 4, 6):
        assert witness.add_checkpoint(request(old, 9)) == Reply(409, b"5\n", SIZE_TYPE)
    assert status(witness, request(5, 9)) == 200


def test_refusals_are_those_of_the_specification(witness: Witness) -> None:
    status(witness, request(0, 5))
    assert status(witness, request(5, 9, signed=note(9, signer=OTHER))) == 404
    forged = note(9).replace(base64.b64encode(LOG.verifier.key_id)[:4], b"AAAA")
    assert status(witness, request(5, 9, signed=forged)) == 403
    spoiled = note(9)[:-10] + b"AAAAAAA=\n"
    assert status(witness, request(5, 9, signed=spoiled)) in {400, 403}
    assert status(witness, request(9, 5, proof=[])) == 400
    assert status(witness, request(5, 9, proof=[bytes(32)] * 4)) == 422
    assert status(witness, request(5, 5, proof=[bytes(32)])) == 422
    for body in (b"", b"old 5\n", b"old 05\n\n" + note(9), b"x" * (MAX_BODY + 1), b"old 5\n" + note(9), b"\xff" * 99):
        assert status(witness, body) == 400


def test_the_first_checkpoint_needs_no_proof_and_may_have_none(witness: Witness) -> None:
    assert status(witness, request(0, 9, proof=[bytes(32)])) == 422
    assert status(witness, request(0, 9)) == 200


def test_two_histories_and_a_rollback_are_not_cosigned_and_proved(witness: Witness, store: SqliteWitnessStore) -> None:
    status(witness, request(0, 5))
    fork = note(5, root=bytes(32))
    assert witness.add_checkpoint(request(5, 5, signed=fork)) == Reply(409, b"5\n", SIZE_TYPE)
    leaves = [*leaves_of(4), leaf_hash(b"another"), *leaves_of(9)[5:]]
    rewritten = note(9, root=Frontier().append(leaves).root())
    assert status(witness, request(5, 9, signed=rewritten)) == 422
    assert status(witness, request(4, 4)) == 409  # last week's database
    assert store.seen() == [(LOG.name, 5, 2)]
    assert store.evidence(LOG.name) == [note(5), fork, rewritten]


def test_a_log_may_have_two_keys_and_others_sign_beside(witness: Witness, store: SqliteWitnessStore) -> None:
    second = SignerKey(LOG.name, bytes(range(9, 41)))
    store.trust(second.verifier)
    assert status(witness, request(0, 5, signed=note(5, signer=second))) == 200
    text = parse_note(note(9))[0]
    assert status(witness, request(5, 9, signed=format_note(text, [OTHER.sign(text), LOG.sign(text)]))) == 200


@given(st.binary(max_size=300))
def test_any_body_is_answered(tmp_path_factory: pytest.TempPathFactory, body: bytes) -> None:
    witness = Witness(COSIGNER, Nothing(), lambda: TIME)
    assert witness.add_checkpoint(body).status in {400, 404}


class Nothing:
    """A store that knows no log."""

    def keys(self, _origin):
        return ()

    def turn(self, origin):
        raise AssertionError(origin)


def test_of_two_at_once_one_is_cosigned(witness: Witness, store: SqliteWitnessStore) -> None:
    """The race that the specification describes: nobody is cosigned for a smaller tree after a larger one."""
    for start in range(1, 30):
        size = store.seen()[0][1]
        bodies = [request(size, size + start), request(size, size + 2 * start)]
        barrier, answers = threading.Barrier(2), list[Reply]()

        def ask(body: bytes) -> None:
            barrier.wait()  # noqa: B023
            answers.append(witness.add_checkpoint(body))  # noqa: B023

        threads = [threading.Thread(target=ask, args=(body,)) for body in bodies]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(each.status for each in answers) == [200, 409]


def test_what_was_cosigned_is_remembered_after_a_kill(store: SqliteWitnessStore, witness: Witness) -> None:
    """Killed right after the cosignature was made, before anybody has it."""
    child = os.fork()
    if child == 0:
        doomed = Witness(Killed(COSIGNER), store, lambda: TIME)  # type: ignore[arg-type]
        doomed.add_checkpoint(request(0, 5))
        sys.exit(1)
    assert os.waitpid(child, 0)[1] == signal.SIGKILL
    assert store.seen() == [(LOG.name, 5, 0)]
    assert status(witness, request(5, 5)) == 200  # asked again, it says the same again
    assert parse_checkpoint(parse_note(store.evidence(LOG.name)[0])[0]).size == 5


class Killed:
    """A cosigner whose process dies while it signs."""

    def __init__(self, cosigner: Cosigner) -> None:
        self.key = cosigner.key

    def cosign(self, _text, _time):
        os.kill(os.getpid(), signal.SIGKILL)


def test_a_lost_memory_is_not_made_anew(tmp_path: Path, store: SqliteWitnessStore, witness: Witness) -> None:
    import sqlite3

    (tmp_path / "witness.db").unlink()
    with pytest.raises(sqlite3.OperationalError):
        witness.add_checkpoint(request(0, 5))
    assert not (tmp_path / "witness.db").exists()
