"""Proofs as files: that an entry is in the log, and that the log of a checkpoint grew out of an earlier one.

C2SP tlog-proof v1 (https://c2sp.org/tlog-proof), for one entry; stored with the extension `.tlog-proof`:

    c2sp.org/tlog-proof@v1
    extra <base64>              optional; nobody vouches for it
    index <decimal>
    <base64 of a hash>          the lowest sibling first, none or more
    an empty line
    the signed checkpoint, with any cosignatures

C2SP has no file for consistency, but its witnesses are sent one (https://c2sp.org/tlog-witness, `add-checkpoint`); so
what is written here may be posted to any witness as it is:

    old <decimal>               the size of the earlier tree
    <base64 of a hash>          in the order of RFC 9162, none to 63
    an empty line
    the signed checkpoint of the later tree

Pure, with no more than the standard library and `cryptography`: who holds an entry, a proof and a key needs only this.
"""

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from audit.checkpoint import Checkpoint
from audit.merkle import HASH_BYTES, MAX_SIZE, ProofError, leaf_hash, verify_consistency, verify_inclusion

HEADER: Final = "c2sp.org/tlog-proof@v1"
MAX_HASHES: Final = 63
MAX_EXTRA: Final = 65_535

_NUMBER: Final = re.compile(r"0|[1-9][0-9]{0,18}")


class Trusted(Protocol):
    """Whom one trusts: returns the checkpoint of a note that is signed as one demands, or raises `NoteError`."""

    def __call__(self, note: bytes, /) -> Checkpoint:
        """Return the checkpoint of a signed note."""


@dataclass(frozen=True, slots=True)
class InclusionProof:
    """That an entry stands at `index` in the tree of a checkpoint; `checkpoint` is the signed note as it came."""

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes = b""


@dataclass(frozen=True, slots=True)
class ConsistencyProof:
    """That the tree of a checkpoint begins with the tree of `old_size` entries that somebody remembers."""

    old_size: int
    hashes: tuple[bytes, ...]
    checkpoint: bytes


def format_inclusion(proof: InclusionProof) -> bytes:
    """Write a `.tlog-proof`.

    Raises:
        ProofError: `proof_malformed`, when it could not be read back.
    """
    extra = [f"extra {_encode(proof.extra)}"] if proof.extra else []
    data = _format([HEADER, *extra, f"index {proof.index}"], proof.hashes, proof.checkpoint)
    if parse_inclusion(data) != proof:
        raise _malformed()
    return data


def parse_inclusion(data: bytes) -> InclusionProof:
    """Read a `.tlog-proof`; nothing is verified by that.

    Raises:
        ProofError: `proof_malformed`.
    """
    lines, checkpoint = _parse(data)
    if lines[:1] != [HEADER]:
        raise _malformed()
    extra, rest = b"", lines[1:]
    if rest and rest[0].startswith("extra "):
        extra, rest = _decode(rest[0].removeprefix("extra ")), rest[1:]
        if not 0 < len(extra) <= MAX_EXTRA:
            raise _malformed()
    if not rest:
        raise _malformed()
    return InclusionProof(_number("index ", rest[0]), _hashes(rest[1:]), checkpoint, extra)


def check_inclusion(proof: InclusionProof, entry: bytes, trusted: Trusted) -> Checkpoint:
    """Return the checkpoint that vouches for the bytes of an entry.

    1. The checkpoint is signed as demanded.
    2. The entry's leaf stands at the index in its tree.

    Raises:
        NoteError: the checkpoint is not signed as demanded.
        ProofError: the proof does not show it.
    """
    checkpoint = trusted(proof.checkpoint)  # 1
    verify_inclusion(  # 2
        leaf_hash(entry), proof.hashes, index=proof.index, size=checkpoint.size, root=checkpoint.root
    )
    return checkpoint


def format_consistency(proof: ConsistencyProof) -> bytes:
    """Write a consistency proof as a witness is sent it.

    Raises:
        ProofError: `proof_malformed`, when it could not be read back.
    """
    data = _format([f"old {proof.old_size}"], proof.hashes, proof.checkpoint)
    if parse_consistency(data) != proof:
        raise _malformed()
    return data


def parse_consistency(data: bytes) -> ConsistencyProof:
    """Read what `format_consistency` wrote; nothing is verified by that.

    Raises:
        ProofError: `proof_malformed`.
    """
    lines, checkpoint = _parse(data)
    if not lines:
        raise _malformed()
    return ConsistencyProof(_number("old ", lines[0]), _hashes(lines[1:]), checkpoint)


def check_consistency(proof: ConsistencyProof, old: Checkpoint, trusted: Trusted) -> Checkpoint:
    """Return the later checkpoint if its tree begins with that of a checkpoint which one has verified before.

    1. The later checkpoint is signed as demanded, and of the same log.
    2. The proof is about the tree that one remembers.
    3. The earlier tree is the beginning of the later.

    Raises:
        NoteError: the checkpoint is not signed as demanded.
        ProofError: the proof does not show it; `other_log`, `other_tree`.
    """
    new = trusted(proof.checkpoint)  # 1
    if new.origin != old.origin:
        raise ProofError("other_log", "the two checkpoints are of two logs")
    if proof.old_size != old.size:  # 2
        raise ProofError("other_tree", "the proof is about an earlier tree of another size")
    verify_consistency(  # 3
        proof.hashes, old_size=old.size, old_root=old.root, new_size=new.size, new_root=new.root
    )
    return new


def _format(head: Sequence[str], hashes: Sequence[bytes], checkpoint: bytes) -> bytes:
    return "".join(f"{line}\n" for line in (*head, *map(_encode, hashes), "")).encode() + checkpoint


def _parse(data: bytes) -> tuple[list[str], bytes]:
    """Return the lines above the first empty line, and what stands below it."""
    head, blank, checkpoint = data.partition(b"\n\n")
    if not blank or not checkpoint or len(head) > 2 * MAX_EXTRA:
        raise _malformed()
    try:
        return head.decode("ascii").split("\n"), checkpoint
    except UnicodeDecodeError:
        raise _malformed() from None


def _number(word: str, line: str) -> int:
    number = line.removeprefix(word)
    if not line.startswith(word) or not _NUMBER.fullmatch(number) or int(number) > MAX_SIZE:
        raise _malformed()
    return int(number)


def _hashes(lines: Sequence[str]) -> tuple[bytes, ...]:
    hashes = tuple(map(_decode, lines))
    if len(hashes) > MAX_HASHES or any(len(one) != HASH_BYTES for one in hashes):
        raise _malformed()
    return hashes


def _encode(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _decode(text: str) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise _malformed() from None
    if _encode(data) != text:  # bits behind the padding would make two proofs of one
        raise _malformed()
    return data


def _malformed() -> ProofError:
    return ProofError("proof_malformed", "this is no proof as C2SP writes it")
