"""Asking witnesses to cosign the newest checkpoint, and keeping what they sign with it.

C2SP tlog-witness, the side of the log. A witness is told the size of the tree that it cosigned last and a consistency
proof from there; when it answers 409 it says which size that is, and is asked once more. A witness that is silent, or
refuses, changes nothing about reading: the checkpoint is published without it, and whoever demands its cosignature
sees that it is missing. Codes of what can go wrong, as `SigningState` has them:

    witness_unreachable    no answer
    witness_ahead          it has cosigned a larger tree than there is: this log was rolled back, or it has a twin
    witness_refused        another status, or what it answers is no cosignature of its key
"""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from sqlalchemy import Connection

from audit.anchor import Anchor, Stored
from audit.checkpoint import parse_checkpoint
from audit.cosignature import WitnessKey, cosigned
from audit.exchange import Answer, ExchangeError, exchange
from audit.note import NoteError, Signature, format_note, parse_note
from audit.proof import ConsistencyProof, format_consistency
from audit.stored_checkpoint import read_newest, replace_note
from audit.stored_tree import StoredTiles
from audit.tiles import TiledTree, consistency_proof

PATIENCE: Final = 10.0
"""Seconds until a witness that failed is asked again about the same tree."""

Prove = Callable[[int], Sequence[bytes]]
"""Returns the consistency proof from a smaller tree."""


class WitnessFault(Exception):
    """A witness did not cosign; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Cosigning:
    """The witnesses of one log.

    Args:
        database: where the checkpoints are.
        anchor: where they are kept besides.
        witnesses: their keys, and where they are.
    """

    def __init__(self, database: Stored, anchor: Anchor, witnesses: Sequence[tuple[WitnessKey, str]]) -> None:
        self._database = database
        self._anchor = anchor
        self._witnesses = dict(witnesses)
        self._sizes: dict[WitnessKey, int] = {}  # what each cosigned last, as far as this process knows
        self._faults: dict[WitnessKey, tuple[int, float, str]] = {}  # of which tree, when, and why

    def __bool__(self) -> bool:
        """Whether there is anybody to ask."""
        return bool(self._witnesses)

    def ask(self, *, wait: float = 5.0) -> dict[str, str]:
        """Ask whoever has not cosigned the newest checkpoint yet; return each one's fault, empty for none.

        Args:
            wait: seconds for an answer.

        Raises:
            Unavailable: database or place outside.
        """
        note = self._database.read(read_newest) if self._witnesses else None
        if note is None:
            return {}
        size = parse_checkpoint(parse_note(note)[0]).size
        missing = [each for each in self._witnesses if each not in cosigned(note, tuple(self._witnesses))]
        due = [each for each in missing if self._is_due(each, size)]
        with ThreadPoolExecutor(max(len(due), 1)) as threads:
            answers = list(threads.map(lambda each: self._asked(each, note, size, wait), due))
        fresh = [each for each in answers if each is not None]
        if fresh:
            self._keep(size, fresh)
        return {each.name: self._faults.get(each, (0, 0.0, ""))[2] for each in self._witnesses}

    def _is_due(self, witness: WitnessKey, size: int) -> bool:
        of, at, _ = self._faults.get(witness, (-1, 0.0, ""))
        return of != size or time.monotonic() - at > PATIENCE

    def _asked(self, witness: WitnessKey, note: bytes, size: int, wait: float) -> Signature | None:
        def prove(old: int) -> Sequence[bytes]:
            return self._database.read(lambda conn: _proof(conn, old, size))

        try:
            signature = ask_witness(
                witness, self._witnesses[witness], note, old=self._sizes.get(witness, 0), prove=prove, wait=wait
            )
        except WitnessFault as fault:
            self._faults[witness] = (size, time.monotonic(), fault.code)
            return None
        self._sizes[witness] = size
        self._faults.pop(witness, None)
        return signature

    def _keep(self, size: int, fresh: Sequence[Signature]) -> None:
        def merge(conn: Connection) -> bytes | None:
            note = read_newest(conn)
            if note is None or parse_checkpoint(parse_note(note)[0]).size != size:
                return None  # there is a newer one by now, and these are not for it
            text, signatures = parse_note(note)
            merged = format_note(text, [*signatures, *(each for each in fresh if each not in signatures)])
            replace_note(conn, size, merged)
            return merged

        note = self._database.write(merge)
        if note is not None:
            self._anchor.renew(note)


def ask_witness(witness: WitnessKey, url: str, note: bytes, *, old: int, prove: Prove, wait: float = 5.0) -> Signature:
    """Return the cosignature of one witness for a checkpoint.

    Args:
        witness: its key.
        url: its submission prefix.
        note: the signed checkpoint.
        old: the size of the tree that it is thought to have cosigned last.
        prove: makes the proof from there.
        wait: seconds for an answer.

    Raises:
        WitnessFault: it did not.
    """
    size = parse_checkpoint(parse_note(note)[0]).size
    old = min(old, size)
    answer = _post(url, ConsistencyProof(old, tuple(prove(old)), note), wait)
    if answer.status == 409:  # it says what it cosigned last
        stated = _size_of(answer)
        if stated > size:
            raise WitnessFault("witness_ahead")
        answer = _post(url, ConsistencyProof(stated, tuple(prove(stated)), note), wait)
    if answer.status != 200:
        raise WitnessFault("witness_refused")
    text, signatures = parse_note(note)
    try:
        found = parse_note(text + b"\n" + answer.body)[1]
        mine = [each for each in found if (each.name, each.key_id) == (witness.name, witness.key_id)]
        for each in mine:
            witness.verify(text, each.signature)
    except NoteError:
        raise WitnessFault("witness_refused") from None
    if not mine or mine[-1] in signatures:
        raise WitnessFault("witness_refused")
    return mine[-1]


def _post(url: str, proof: ConsistencyProof, wait: float) -> Answer:
    try:
        return exchange("POST", url.rstrip("/") + "/add-checkpoint", format_consistency(proof), wait=wait)
    except ExchangeError:
        raise WitnessFault("witness_unreachable") from None


def _size_of(answer: Answer) -> int:
    text = answer.body.removesuffix(b"\n")
    if answer.headers.get("content-type") != "text/x.tlog.size" or not text.isdigit() or len(text) > 19:
        raise WitnessFault("witness_refused")
    return int(text)


def _proof(conn: Connection, old: int, size: int) -> Any:
    return consistency_proof(old, size, reader=TiledTree(size, StoredTiles(conn.execute)))
