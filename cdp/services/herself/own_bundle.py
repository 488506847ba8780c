"""Her part of the log as a bundle, for her to keep and to check, held to a checkpoint that her browser remembers."""

import io

from audit.checkpoint import parse_checkpoint, verify_checkpoint
from audit.entries import HERSELF
from audit.note import NoteError, VerifierKey, parse_note
from cdp.bootstrap import Platform
from cdp.errors import BadInput
from cdp.services.log_export import export_log


def own_bundle(platform: Platform, customer_id: str, remembered: str = "") -> bytes:
    """Return the bundle, with the proof that the log grew out of a checkpoint that she remembers, if there is one.

    It is made in memory: what it opens of her is for her alone, and goes to no disk.

    Raises:
        BadInput: `bad_checkpoint`: what is remembered was never signed by this log.
        NotFound: `unknown_customer`.
        Unavailable: the database, the keys or the log cannot serve; `log_rolled_back`.
    """
    earlier = [_signed_here(platform, remembered.encode())] if remembered else []
    made = io.BytesIO()
    export_log(platform, made.write, principal=HERSELF, customer=customer_id, earlier=earlier)
    return made.getvalue()


def _signed_here(platform: Platform, note: bytes) -> bytes:
    public = platform.keeper.verifier.public
    try:
        verify_checkpoint(note, VerifierKey(parse_checkpoint(parse_note(note)[0]).origin, public))
    except NoteError:
        raise BadInput("bad_checkpoint", "this is no checkpoint of this log", path="checkpoint") from None
    return note
