"""A receipt: a record, and the proof that it is of one platform and on its log.

    1. The log has an entry that commits to the record by its SHA-256 (`commitment`); the record's random id keeps
       others from guessing it.
    2. `proof` holds that entry, its number, and the C2SP proof that it is in the log.
    3. The signature is Ed25519 over the line `cdp consent receipt 1`, a newline, and the encoding of the whole but the
       signature itself.

INVARIANT: every byte of a file is covered. It is the one encoding of what it says, and all that it says is signed,
but for the signature, which is written in one way, too.
"""

import base64
import binascii
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from consent.receipts.encoding import decode, encode, invalid

DOMAIN: Final = b"cdp consent receipt 1\n"
SIGNATURE_BYTES: Final = 64

_PROOF: Final = frozenset({"type", "number", "entry", "inclusion", "key", "signature"})


@dataclass(frozen=True, slots=True)
class Proof:
    """What binds a record to the log.

    Attributes:
        number: which entry of the log.
        entry: its bytes.
        inclusion: the `.tlog-proof` that it is there.
        key: the verifier key of who signs receipts, as C2SP writes it; who checks compares it with one of his own.
    """

    number: int
    entry: bytes
    inclusion: bytes
    key: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """A receipt that was read; nothing is verified by that."""

    record: dict[str, Any]
    proof: Proof
    signed: bytes
    signature: bytes

    @property
    def commitment(self) -> str:
        """What the entry of the log says of the record."""
        return commitment_to(self.record)


def commitment_to(record: dict[str, Any]) -> str:
    """Return the SHA-256 of a record, in hex."""
    return hashlib.sha256(encode(record)).hexdigest()


def format_receipt(record: dict[str, Any], proof: Proof, sign: Callable[[bytes], bytes]) -> bytes:
    """Return the bytes of a receipt, which end with a newline."""
    said = {
        "type": "Proof",
        "number": proof.number,
        "entry": base64.b64encode(proof.entry).decode(),
        "inclusion": base64.b64encode(proof.inclusion).decode(),
        "key": proof.key,
    }
    signature = sign(DOMAIN + encode({**record, "proof": said}))
    return encode({**record, "proof": {**said, "signature": base64.b64encode(signature).decode()}}) + b"\n"


def parse_receipt(data: bytes) -> Receipt:
    """Return what a receipt says.

    Raises:
        BadInput: `receipt_invalid`.
    """
    if not data.endswith(b"}\n"):
        raise invalid("this is no receipt, or not in the one form that a receipt has")
    record = decode(data[:-1])
    said = record.pop("proof", None)
    if not isinstance(said, dict) or said.keys() != _PROOF or said["type"] != "Proof":
        raise invalid("the receipt has no proof")
    number, key = said["number"], said["key"]
    if not isinstance(number, int) or isinstance(number, bool) or not isinstance(key, str):
        raise invalid("the proof of the receipt is malformed")
    signature = _bytes(said.pop("signature"))
    if len(signature) != SIGNATURE_BYTES:
        raise invalid("the proof of the receipt is malformed")
    proof = Proof(number, _bytes(said["entry"]), _bytes(said["inclusion"]), key)
    return Receipt(record, proof, DOMAIN + encode({**record, "proof": said}), signature)


def _bytes(text: object) -> bytes:
    """Return what base64 says; bits behind the padding would make two receipts of one."""
    try:
        data = base64.b64decode(text, validate=True) if isinstance(text, str) else None
    except (binascii.Error, ValueError):
        data = None
    if data is None or base64.b64encode(data).decode() != text:
        raise invalid("the proof of the receipt is malformed")
    return data
