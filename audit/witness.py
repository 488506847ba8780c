"""A witness: cosigns a checkpoint only if it grew out of the last one that it cosigned for that log.

C2SP tlog-witness, `POST /add-checkpoint` (https://c2sp.org/tlog-witness). It has a key and a store of its own and is
best run by somebody else, on another machine: a log that shows two histories, or is rolled back, then needs him too.
The steps of the specification, and the status of what fails:

    1. the body is an old size, a proof and a checkpoint                   400
    2. the origin is that of a log it knows                                404
    3. that log signed the checkpoint                                      403
    4. the old size is not larger than the new one                         400
    5. the old size is that of the last checkpoint cosigned, or 0          409, and the size in the body
    6. a tree of the same size has the same root                           409
    7. the proof leads from the old tree to the new one                    422
    8. the new checkpoint is stored, durably, before it is cosigned        200, and the cosignature

INVARIANT: 5 to 8 are one transaction of the store, so that nobody is told of a smaller tree after a larger one.
Needs no more than the standard library and `cryptography`.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Final, Protocol

from audit.checkpoint import Checkpoint, parse_checkpoint, verify_checkpoint
from audit.cosignature import Cosigner
from audit.merkle import EMPTY_ROOT, ProofError, verify_consistency
from audit.note import NoteError, VerifierKey, format_signature, parse_note
from audit.proof import ConsistencyProof, parse_consistency

MAX_BODY: Final = 64 * 1024
SIZE_TYPE: Final = "text/x.tlog.size"
TEXT_TYPE: Final = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Reply:
    """What is answered: a status, a body and its type."""

    status: int
    body: bytes = b""
    media_type: str = TEXT_TYPE


class Turn(Protocol):
    """A log's place in the store, held alone until the block ends."""

    last: Checkpoint | None

    def keep(self, checkpoint: Checkpoint, note: bytes) -> None:
        """Store the checkpoint that is cosigned; durable when the block has ended."""

    def accuse(self, note: bytes) -> None:
        """Keep a note that its log signed and that does not fit: whoever shows it and the last one proves a fork."""


class WitnessStore(Protocol):
    """What a witness remembers."""

    def keys(self, origin: str) -> Sequence[VerifierKey]:
        """Return the keys of a log; none for one that is not known."""

    def turn(self, origin: str) -> AbstractContextManager[Turn]:
        """Hold a log's place; of two requests for one log the second waits."""


class Witness:
    """One witness.

    Args:
        cosigner: its key.
        store: what it remembers.
        clock: returns the seconds since 1970.
    """

    def __init__(self, cosigner: Cosigner, store: WitnessStore, clock: Callable[[], int]) -> None:
        self.key = cosigner.key
        self._cosigner = cosigner
        self._store = store
        self._clock = clock

    def add_checkpoint(self, body: bytes) -> Reply:
        """Answer one request, as the steps above."""
        try:  # 1
            proof = parse_consistency(body[: MAX_BODY + 1])
            origin = parse_checkpoint(parse_note(proof.checkpoint)[0]).origin
        except (ProofError, NoteError):
            return Reply(400)
        keys = self._store.keys(origin)
        if not keys:  # 2
            return Reply(404)
        checkpoint = _signed(proof.checkpoint, keys)
        if checkpoint is None:  # 3
            return Reply(403)
        if proof.old_size > checkpoint.size or len(body) > MAX_BODY:  # 4
            return Reply(400)
        with self._store.turn(origin) as turn:
            refusal = _judge(turn, proof, checkpoint)
            if refusal is not None:
                return refusal
            turn.keep(checkpoint, proof.checkpoint)  # 8
        text = parse_note(proof.checkpoint)[0]
        return Reply(200, format_signature(self._cosigner.cosign(text, self._clock())).encode())


def _judge(turn: Turn, proof: ConsistencyProof, new: Checkpoint) -> Reply | None:
    """Return why a checkpoint is not cosigned, None if it is to be."""
    last = turn.last or Checkpoint(new.origin, 0, EMPTY_ROOT)
    conflict = Reply(409, b"%d\n" % last.size, SIZE_TYPE)
    if proof.old_size != last.size:  # 5
        return conflict
    if last.size == new.size and last.root != new.root:  # 6
        turn.accuse(proof.checkpoint)
        return conflict
    try:  # 7
        verify_consistency(proof.hashes, old_size=last.size, old_root=last.root, new_size=new.size, new_root=new.root)
    except ProofError:
        turn.accuse(proof.checkpoint)
        return Reply(422)
    return None


def _signed(note: bytes, keys: Sequence[VerifierKey]) -> Checkpoint | None:
    """Return the checkpoint if one of the keys signed it; signatures by others are passed over."""
    for key in keys:
        try:
            return verify_checkpoint(note, key)
        except NoteError:
            continue
    return None
