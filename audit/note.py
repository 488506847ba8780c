"""Signed notes: a text, and signatures by named keys under it.

C2SP signed-note v1.0.0 (https://c2sp.org/signed-note) with Ed25519 keys, type 0x01. A note is UTF-8:

    text, one line or more, each ended by a newline
    an empty line
    — <key name> <base64 of key id[4] ‖ signature>      one line for each signature

A verifier key is written `<name>+<key id in hex>+<base64 of type ‖ public key[32]>`, where
key id = SHA-256(name ‖ 0x0A ‖ type ‖ public key)[:4]. Needs no more than `cryptography`.
"""

import base64
import binascii
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ED25519: Final = b"\x01"
MAX_NOTE: Final = 1_000_000
MAX_SIGNATURES: Final = 100

_DASH: Final = "\u2014 "
_ID_BYTES: Final = 4


class NoteError(Exception):
    """A note or a key is malformed, or is not signed as demanded.

    Args:
        code: stable snake_case name.
        message: one sentence in lower case.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line: the name of the key, its id, and the signature itself."""

    name: str
    key_id: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key with its name."""

    name: str
    public: bytes

    def __post_init__(self) -> None:
        _require_name(self.name)
        if len(self.public) != 32:
            raise NoteError("key_malformed", "an Ed25519 public key has 32 bytes")

    @property
    def key_id(self) -> bytes:
        """The four bytes that tell keys of one name apart."""
        return key_id(self.name, ED25519, self.public)

    def format(self) -> str:
        """Return the key as one line of text."""
        return f"{self.name}+{self.key_id.hex()}+{base64.b64encode(ED25519 + self.public).decode()}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what `format` wrote.

        Raises:
            NoteError: `key_malformed`, also when the id is not that of the key.
        """
        return cls(*parse_key(text, ED25519))

    def verify(self, text: bytes, signature: bytes) -> None:
        """Return if the signature is this key's over the text.

        Raises:
            NoteError: `bad_signature`.
        """
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text)
        except (InvalidSignature, ValueError):
            raise NoteError("bad_signature", f"a signature of {self.name} does not hold") from None


@dataclass(frozen=True, slots=True)
class SignerKey:
    """A private key with its name; `seed` is its 32 secret bytes."""

    name: str
    seed: bytes

    @property
    def verifier(self) -> VerifierKey:
        """The public key."""
        return VerifierKey(self.name, Ed25519PrivateKey.from_private_bytes(self.seed).public_key().public_bytes_raw())

    def sign(self, text: bytes) -> Signature:
        """Sign a text."""
        return Signature(self.name, self.verifier.key_id, Ed25519PrivateKey.from_private_bytes(self.seed).sign(text))


def key_id(name: str, type_: bytes, public: bytes) -> bytes:
    """Return the id of a key: SHA-256(name ‖ newline ‖ type ‖ public key)[:4]."""
    return hashlib.sha256(name.encode() + b"\n" + type_ + public).digest()[:_ID_BYTES]


def parse_key(text: str, type_: bytes) -> tuple[str, bytes]:
    """Return name and public key of a verifier key `<name>+<key id in hex>+<base64 of type ‖ public key>`.

    Raises:
        NoteError: `key_malformed`, also when the id is not that of the key, or the key of another type.
    """
    name, _, rest = text.partition("+")
    stated, _, encoded = rest.partition("+")
    data = _decode(encoded, "key_malformed", "a verifier key is `name+id+key`")
    _require_name(name)
    if data[:1] != type_:
        raise NoteError("key_malformed", f"only keys of type {type_[0]} are known here")
    if stated != key_id(name, type_, data[1:]).hex():
        raise NoteError("key_malformed", "the id is not that of the key")
    return name, data[1:]


def format_signature(signature: Signature) -> str:
    """Write a signature line, with its newline."""
    data = base64.b64encode(signature.key_id + signature.signature).decode()
    return f"{_DASH}{signature.name} {data}\n"


def format_note(text: bytes, signatures: Iterable[Signature]) -> bytes:
    """Write a note.

    Raises:
        NoteError: `note_malformed`, when the text could not be read back.
    """
    note = text + b"\n" + "".join(map(format_signature, signatures)).encode()
    if parse_note(note)[0] != text:
        raise NoteError("note_malformed", "the text cannot be told from the signatures")
    return note


def parse_note(note: bytes) -> tuple[bytes, tuple[Signature, ...]]:
    """Read a note; nothing is verified by that.

    Raises:
        NoteError: `note_malformed`.
    """
    malformed = NoteError("note_malformed", "this is no signed note")
    if len(note) > MAX_NOTE:
        raise malformed
    try:
        whole = note.decode()
    except UnicodeDecodeError:
        raise malformed from None
    if any(char < " " and char != "\n" for char in whole):
        raise malformed
    text, blank, tail = whole.rpartition("\n\n")
    lines = tail.split("\n")
    if not blank or not text or lines[-1] != "" or not 1 < len(lines) <= MAX_SIGNATURES + 1:
        raise malformed
    return f"{text}\n".encode(), tuple(_parse_line(line) for line in lines[:-1])


def verify_note(note: bytes, verifiers: Sequence[VerifierKey]) -> bytes:
    """Return the text of a note that every one of the keys signed; signatures by other keys are passed over.

    INVARIANT: without any key nothing verifies.

    Raises:
        NoteError: `no_verifier`, `note_malformed`, `not_signed`, `bad_signature`.
    """
    if not verifiers:
        raise NoteError("no_verifier", "no key is given to verify with")
    text, signatures = parse_note(note)
    for verifier in verifiers:
        mine = [each for each in signatures if (each.name, each.key_id) == (verifier.name, verifier.key_id)]
        if not mine:
            raise NoteError("not_signed", f"{verifier.name} did not sign this")
        for each in mine:
            verifier.verify(text, each.signature)
    return text


def _parse_line(line: str) -> Signature:
    name, space, encoded = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or not space:
        raise NoteError("note_malformed", "a signature line is `— name signature`")
    _require_name(name)
    data = _decode(encoded, "note_malformed", "a signature is base64")
    if len(data) <= _ID_BYTES:
        raise NoteError("note_malformed", "a signature is base64 of key id and signature")
    return Signature(name, data[:_ID_BYTES], data[_ID_BYTES:])


def _require_name(name: str) -> None:
    if not name or "+" in name or any(char.isspace() or char < " " for char in name):
        raise NoteError("key_malformed", "the name of a key is not empty and has no space and no plus")


def _decode(text: str, code: str, message: str) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise NoteError(code, message) from None
    if base64.b64encode(data).decode() != text:  # bits behind the padding would make two notes of one
        raise NoteError(code, message)
    return data
