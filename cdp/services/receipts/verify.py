"""Verifying a receipt, with two public keys and nothing else: no database, no network.

1. It is in the one form of a receipt.
2. Who signs receipts there signed all of it.
3. The entry of the log commits to just this record.
4. The entry is in the log, at its number, in a tree that the log signed.
"""

from dataclasses import dataclass
from typing import Any

from audit.cosignature import Policy
from audit.entries import parse_entry
from audit.merkle import ProofError
from audit.note import NoteError, VerifierKey
from audit.proof import check_inclusion, parse_inclusion
from cdp.errors import BadInput, Unavailable
from consent.receipts.encoding import invalid
from consent.receipts.receipt import Receipt, parse_receipt


@dataclass(frozen=True)
class Verified:
    """A receipt that holds: what it says, and in words what was checked."""

    record: dict[str, Any]
    steps: tuple[str, ...]


def verify_receipt(data: bytes, *, key: VerifierKey, log: VerifierKey) -> Verified:
    """Return what a receipt says, if it holds.

    Args:
        data: the bytes of the file.
        key: of who signs receipts.
        log: of the log.

    Raises:
        BadInput: `receipt_invalid`.
    """
    receipt = parse_receipt(data)  # 1
    _check_signature(receipt, key)  # 2
    _check_entry(receipt)  # 3
    size = _check_log(receipt, log)  # 4
    number = receipt.proof.number
    return Verified(
        receipt.record,
        (
            "the file is in the one form of a receipt",
            f"{key.name} signed all of it",
            f"entry {number} of the log commits to this record and to no other",
            f"entry {number} is in the log of {size:,} entries that {log.name} signed",
        ),
    )


def parse_verifier(text: str, path: str) -> VerifierKey:
    """Return a key that somebody gave.

    Raises:
        BadInput: `bad_verifier_key`.
    """
    try:
        return VerifierKey.parse(text.strip())
    except NoteError:
        hint = "write it as `cdp consent receipt keys` prints it"
        raise BadInput("bad_verifier_key", "this is no verifier key", path=path, hint=hint) from None


def _check_signature(receipt: Receipt, key: VerifierKey) -> None:
    if receipt.proof.key != key.format():
        raise invalid("the receipt is signed by another key")
    try:
        key.verify(receipt.signed, receipt.signature)
    except NoteError:
        raise invalid("the signature does not hold: something was changed") from None


def _check_entry(receipt: Receipt) -> None:
    try:
        entry = parse_entry(receipt.proof.entry)
    except Unavailable:
        raise invalid("what the receipt calls an entry of the log is none") from None
    if entry.get("act") != "consent_receipt" or entry.get("commitment") != receipt.commitment:
        raise invalid("the entry of the log commits to another record")


def _check_log(receipt: Receipt, log: VerifierKey) -> int:
    try:
        proof = parse_inclusion(receipt.proof.inclusion)
        if proof.index != receipt.proof.number:
            raise invalid("the proof is of another entry")
        return check_inclusion(proof, receipt.proof.entry, Policy(log)).size
    except (ProofError, NoteError):
        raise invalid("the entry is not proven to be in the log") from None
