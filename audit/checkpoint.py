"""Checkpoints: what the log states of itself, signed, so that it can be held to it.

C2SP tlog-checkpoint v1.0.0 (https://c2sp.org/tlog-checkpoint), the text of a signed note (`audit.note`):

    origin                  one line, the name of the log and of its key
    size                    decimal, no leading zero
    root hash               standard base64 of 32 bytes

Extension lines may follow; they are kept and covered by the signature.
"""

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Final

from audit.merkle import HASH_BYTES, MAX_SIZE
from audit.note import NoteError, SignerKey, VerifierKey, format_note, verify_note

_SIZE: Final = re.compile(r"0|[1-9][0-9]{0,18}")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A tree of a log: its origin, its size, its root, and any extension lines."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()


def format_checkpoint(checkpoint: Checkpoint) -> bytes:
    """Write the text that is signed.

    Raises:
        NoteError: `checkpoint_malformed`.
    """
    root = base64.b64encode(checkpoint.root).decode()
    text = "".join(f"{line}\n" for line in (checkpoint.origin, checkpoint.size, root, *checkpoint.extensions)).encode()
    if parse_checkpoint(text) != checkpoint:
        raise NoteError("checkpoint_malformed", "the checkpoint could not be read back")
    return text


def parse_checkpoint(text: bytes) -> Checkpoint:
    """Read the text of a checkpoint.

    Raises:
        NoteError: `checkpoint_malformed`.
    """
    malformed = NoteError("checkpoint_malformed", "this is no checkpoint")
    try:
        origin, size, root, *extensions, end = text.decode().split("\n")
        decoded = base64.b64decode(root, validate=True)
    except (UnicodeDecodeError, ValueError, binascii.Error):
        raise malformed from None
    if not origin or end or not all(extensions) or not _SIZE.fullmatch(size) or int(size) > MAX_SIZE:
        raise malformed
    if len(decoded) != HASH_BYTES or base64.b64encode(decoded).decode() != root:
        raise malformed
    return Checkpoint(origin, int(size), decoded, tuple(extensions))


def sign_checkpoint(checkpoint: Checkpoint, signer: SignerKey) -> bytes:
    """Return the checkpoint as a note signed by the log, whose key bears its origin as name.

    Raises:
        NoteError: `checkpoint_malformed`, `wrong_origin`.
    """
    if signer.name != checkpoint.origin:
        raise NoteError("wrong_origin", "a log signs only checkpoints of its own origin")
    text = format_checkpoint(checkpoint)
    return format_note(text, [signer.sign(text)])


def verify_checkpoint(note: bytes, log: VerifierKey) -> Checkpoint:
    """Return the checkpoint in a note that the log signed.

    Raises:
        NoteError: as `audit.note.verify_note`; `checkpoint_malformed`, `wrong_origin`.
    """
    checkpoint = parse_checkpoint(verify_note(note, [log]))
    if checkpoint.origin != log.name:
        raise NoteError("wrong_origin", "the checkpoint is that of another log")
    return checkpoint
