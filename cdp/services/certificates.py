"""The certificate of an erasure: what went, what is kept and why, and which entry of the log says so.

A C2SP signed note (`audit.note`), under a platform key of its own. It names the person by her former random id alone,
so that it may be kept; whoever holds it compares the entry with the log.
"""

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any, Final

from audit.note import NoteError, SignerKey, VerifierKey, format_note, verify_note
from cdp.bootstrap import Platform
from cdp.erasure.register import Erasure
from cdp.errors import BadInput, Refused

KEY: Final = "certificates"
FIRST_LINE: Final = "cdp erasure certificate 1"

_TICKETS: Final = "erasure-tickets"


def ticket_of(platform: Platform, erasure_id: str) -> str:
    """Return by what the certificate of an erasure is found without a session: its id with a keyed digest."""
    key = platform.vault.platform_key(_TICKETS)
    return f"{erasure_id}.{hmac.new(key, erasure_id.encode(), hashlib.sha256).hexdigest()}"


def certify(platform: Platform, erasure: Erasure) -> str:
    """Return the certificate of an erasure.

    Raises:
        Refused: `erasure_unfinished`.
    """
    if not erasure.finished or erasure.entry is None:
        hint = "`cdp erase --resume` goes on with it"
        raise Refused("erasure_unfinished", "the erasure is not finished", path="erasure", hint=hint)
    rows = [f"rows of {name}: {count} deleted" for name, count in sorted(erasure.counts.items())]
    lines = [
        FIRST_LINE,
        f"erasure: {erasure.erasure_id}",
        f"customer: {erasure.customer_id}",
        f"begun: {erasure.begun_at}",
        f"finished: {erasure.finished_at}",
        "key: destroyed",
        *rows,
        *(_held(each) for each in erasure.held or ()),
        f"kept: tombstone {erasure.tombstone}, so that a restored backup is erased again",
        f"kept: {len(erasure.suppressed)} suppressed identifiers as keyed tokens, so that she is not taken in again",
        f"log: {platform.settings.log_origin} entry {erasure.entry}",
    ]
    text = "".join(f"{line}\n" for line in lines).encode()
    return format_note(text, [_signer(platform).sign(text)]).decode()


def _held(each: Mapping[str, Any]) -> str:
    """Return what a certificate says of one field that a law keeps."""
    what = f"{each['field']} of {each['entity']}, {each['rows']} value(s) until {each['until']}"
    return f"held: {what}, sealed apart for {each['purpose']} alone ({each['basis']})"


def verify_certificate(platform: Platform, note: bytes) -> str:
    """Return the text of a certificate that this platform signed.

    Raises:
        BadInput: `certificate_invalid`.
    """
    try:
        text = verify_note(note, [certificate_key(platform)]).decode()
    except NoteError:
        raise BadInput("certificate_invalid", "this is no certificate of this platform", path="certificate") from None
    if not text.startswith(f"{FIRST_LINE}\n"):
        raise BadInput("certificate_invalid", "this is no certificate of this platform", path="certificate")
    return text


def certificate_key(platform: Platform) -> VerifierKey:
    """Return the public key by which anybody verifies certificates."""
    return _signer(platform).verifier


def _signer(platform: Platform) -> SignerKey:
    return SignerKey(f"{platform.settings.log_origin}/certificates", platform.vault.platform_key(KEY))
