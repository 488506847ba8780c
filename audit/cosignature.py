"""Cosignatures: that a witness has seen a checkpoint, and no other history of that log, at a time.

C2SP tlog-cosignature v1 (https://c2sp.org/tlog-cosignature) with Ed25519 keys, type 0x04. The signed message is

    cosignature/v1
    time <seconds since 1970, decimal>
    the text of the checkpoint

and a signature line of the note carries key id[4] ‖ time[8, big-endian] ‖ signature[64]. Needs no more than
`cryptography`.
"""

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

from audit.checkpoint import Checkpoint, verify_checkpoint
from audit.note import NoteError, Signature, SignerKey, VerifierKey, key_id, parse_key, parse_note

COSIGNATURE: Final = b"\x04"
MAX_TIME: Final = 2**63 - 1

_TIME_BYTES: Final = 8
_SIGNATURE_BYTES: Final = _TIME_BYTES + 64


@dataclass(frozen=True, slots=True)
class WitnessKey:
    """The public key of a witness, with its name."""

    name: str
    public: bytes

    def __post_init__(self) -> None:
        VerifierKey(self.name, self.public)  # refuses malformed names and lengths

    @property
    def key_id(self) -> bytes:
        """The four bytes that tell keys of one name apart."""
        return key_id(self.name, COSIGNATURE, self.public)

    def format(self) -> str:
        """Return the key as one line of text."""
        return f"{self.name}+{self.key_id.hex()}+{base64.b64encode(COSIGNATURE + self.public).decode()}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what `format` wrote.

        Raises:
            NoteError: `key_malformed`, also when the id is not that of the key.
        """
        return cls(*parse_key(text, COSIGNATURE))

    def verify(self, text: bytes, signature: bytes) -> int:
        """Return the time at which this witness cosigned the text.

        Raises:
            NoteError: `bad_signature`.
        """
        time = int.from_bytes(signature[:_TIME_BYTES], "big")
        if len(signature) != _SIGNATURE_BYTES or time > MAX_TIME:
            raise NoteError("bad_signature", f"a cosignature of {self.name} does not hold")
        VerifierKey(self.name, self.public).verify(_message(text, time), signature[_TIME_BYTES:])
        return time


@dataclass(frozen=True, slots=True)
class Cosigner:
    """The private key of a witness, with its name; `seed` is its 32 secret bytes."""

    name: str
    seed: bytes

    @property
    def key(self) -> WitnessKey:
        """The public key."""
        return WitnessKey(self.name, SignerKey(self.name, self.seed).verifier.public)

    def cosign(self, text: bytes, time: int) -> Signature:
        """Sign the text of a checkpoint as of a time in seconds since 1970."""
        signed = SignerKey(self.name, self.seed).sign(_message(text, time)).signature
        return Signature(self.name, self.key.key_id, time.to_bytes(_TIME_BYTES, "big") + signed)


@dataclass(frozen=True, slots=True)
class Policy:
    """Whom one trusts: the key of the log, and how many of which witnesses must have cosigned.

    INVARIANT: a quorum that nobody could miss is refused; witnesses that are named are demanded.

    Attributes:
        quorum: how many of the witnesses must have cosigned; all of them if it is not given.

    Raises:
        NoteError: `bad_quorum`.
    """

    log: VerifierKey
    witnesses: tuple[WitnessKey, ...] = ()
    quorum: int | None = None

    def __post_init__(self) -> None:
        keys = {each.public for each in self.witnesses}  # one key under two names is one witness
        wrong = len(keys) != len(self.witnesses) or self.log.public in keys
        if wrong or (self.quorum is not None and not 0 < self.quorum <= len(keys)):
            raise NoteError("bad_quorum", "the quorum is not between 1 and the number of different witnesses")

    def __call__(self, note: bytes, /) -> Checkpoint:
        """Return the checkpoint of a note that is signed as demanded.

        Raises:
            NoteError: as `verify_checkpoint`; `not_cosigned`; `bad_signature` for one that does not hold.
        """
        checkpoint = verify_checkpoint(note, self.log)
        needed = len(self.witnesses) if self.quorum is None else self.quorum
        found = len(cosigned(note, self.witnesses))
        if found < needed:
            message = f"{found} of the {len(self.witnesses)} witnesses cosigned this checkpoint, {needed} are demanded"
            raise NoteError("not_cosigned", message)
        return checkpoint


def cosigned(note: bytes, witnesses: Sequence[WitnessKey]) -> dict[WitnessKey, int]:
    """Return which of the witnesses cosigned a note and when; signatures of others are passed over.

    Raises:
        NoteError: `note_malformed`; `bad_signature`, when one in a witness's name does not hold.
    """
    text, signatures = parse_note(note)
    known = {(each.name, each.key_id): each for each in witnesses}
    found: dict[WitnessKey, int] = {}
    for each in signatures:
        witness = known.get((each.name, each.key_id))
        if witness is not None:
            found[witness] = max(witness.verify(text, each.signature), found.get(witness, 0))
    return found


_SPLIT: Final = re.compile(r"\s*,\s*|\s*\n\s*")


def parse_witnesses(text: str) -> tuple[tuple[WitnessKey, str], ...]:
    """Read a list of witnesses: `<verifier key> <URL>`, separated by commas or lines.

    Raises:
        NoteError: `key_malformed`.
    """
    found = []
    for each in filter(None, _SPLIT.split(text.strip())):
        key, _, url = each.partition(" ")
        if not url.strip():
            raise NoteError("key_malformed", "a witness is named by its key, a space, and its URL")
        found.append((WitnessKey.parse(key), url.strip()))
    return tuple(found)


def _message(text: bytes, time: int) -> bytes:
    return f"cosignature/v1\ntime {time}\n".encode() + text
