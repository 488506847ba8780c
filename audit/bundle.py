"""A bundle: the log, a part of it, or one person's entries, in one file that can be checked without the database.

Lines of UTF-8, each a word, a space and JSON in its one encoding (`audit.entry_format`), but for the first:

    cdp bundle 1
    scope {…}            what it is about: `log` or `customer`; first and last entry; when it was made
    key "…"              the verifier key that the log says it has; whoever checks should know it from elsewhere
    checkpoint "…"       the signed checkpoint to which everything below is held, with its cosignatures
    old {…}              an earlier checkpoint, and the proof that the log grew out of it; none or more
    edge "…"             `log`: the right edge of the tree before the first entry, if that is not entry 0
    rest […]             `log`: the proof that the tree after the last entry is the beginning of the checkpoint's
    entry {…}            an entry, byte for byte as its leaf has it
    path {…}             `customer`: the number of the entry above, and its inclusion proof
    alone {…}            `customer`: that the entry above is about one customer, with the salt that shows it
    reason {…}           `customer`: why she was read, with the salt that shows it
    seal "…"             a note signed by the log: SHA-256 over every byte above

INVARIANT: there is one spelling for what a bundle says, and the seal covers all of it; no byte can change unseen.
Needs no more than the standard library and `cryptography`.
"""

import base64
import binascii
import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, Final

from audit.entry_format import EntryError, decode, encode
from audit.note import MAX_NOTE, SignerKey, VerifierKey, format_note, parse_note, verify_note

MAGIC: Final = b"cdp bundle 1\n"
LOG: Final = "log"
CUSTOMER: Final = "customer"

_LONGEST: Final = 4_000_000
"""No line is longer: a checkpoint with its cosignatures is at most a megabyte before it is quoted."""


class NotVerified(Exception):
    """What was given is not what it claims to be.

    Args:
        code: stable snake_case name.
        message: one sentence in lower case.
        evidence: the signed notes that contradict each other, as they came.
    """

    def __init__(self, code: str, message: str, *evidence: bytes) -> None:
        super().__init__(message)
        self.code = code
        self.evidence = evidence


@dataclass(frozen=True, slots=True)
class Scope:
    """What a bundle is about.

    Attributes:
        about: `log` or `customer`.
        first: the number of the first entry of the range.
        end: the number after the last one.
        made_at: when it was written, UTC.
    """

    about: str
    first: int
    end: int
    made_at: str


class BundleWriter:
    """Writes the lines of a bundle to a sink, and seals them."""

    def __init__(self, write: Callable[[bytes], object]) -> None:
        self._write = write
        self._digest = hashlib.sha256()
        self._put(MAGIC)

    def scope(self, scope: Scope) -> None:
        """Write what it is about."""
        self.line("scope", {"about": scope.about, "end": scope.end, "first": scope.first, "made_at": scope.made_at})

    def line(self, word: str, value: Any) -> None:
        """Write a line."""
        self._put(word.encode() + b" " + encode(value) + b"\n")

    def entry(self, data: bytes) -> None:
        """Write an entry as it is."""
        self._put(b"entry " + data + b"\n")

    def seal(self, signer: SignerKey) -> None:
        """Write the last line."""
        text = _seal(self._digest.hexdigest())
        self.line("seal", format_note(text, [signer.sign(text)]).decode())

    def _put(self, data: bytes) -> None:
        self._digest.update(data)
        self._write(data)


class BundleReader:
    """Reads the lines of a bundle one after the other, and remembers what they hash to.

    Raises:
        NotVerified: `bundle_malformed`.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._digest = hashlib.sha256()
        self._number = 1
        self._ahead: tuple[str, bytes] | None = None
        if file.read(len(MAGIC)) != MAGIC:
            raise malformed("this is no bundle of a format that is known here")
        self._digest.update(MAGIC)

    def peek(self) -> str:
        """Return the word of the next line."""
        if self._ahead is None:
            self._ahead = self._read()
        return self._ahead[0]

    def take(self, word: str) -> bytes:
        """Return what stands behind the word in the next line, which must have this word."""
        if self.peek() != word or self._ahead is None:
            raise malformed(f"line {self._number} should say `{word}`")
        payload = self._ahead[1]
        self._ahead = None
        self._digest.update(word.encode() + b" " + payload + b"\n")
        return payload

    def value(self, word: str) -> Any:
        """Return the JSON in the next line."""
        payload = self.take(word)
        try:
            return decode(payload)
        except EntryError as error:
            raise malformed(f"line {self._number}: {error}") from None

    def note(self, word: str) -> bytes:
        """Return the signed note in the next line."""
        value = self.value(word)
        if not isinstance(value, str):
            raise malformed(f"line {self._number} should hold a note")
        return value.encode()

    def record(self, word: str, *keys: str) -> dict[str, Any]:
        """Return the object in the next line, which has just these keys."""
        value = self.value(word)
        if not isinstance(value, dict) or sorted(value) != sorted(keys):
            raise malformed(f"line {self._number} should be an object with {', '.join(keys)}")
        return value

    def scope(self) -> Scope:
        """Return what the bundle is about."""
        said = self.record("scope", "about", "end", "first", "made_at")
        if said["about"] not in (LOG, CUSTOMER) or not isinstance(said["made_at"], str):
            raise malformed("it does not say what it is about")
        first, end = number(said["first"]), number(said["end"])
        if first > end:
            raise malformed("its first entry comes after its last")
        return Scope(said["about"], first, end, said["made_at"])

    def entries(self) -> Iterator[bytes]:
        """Yield entries as long as the next line is one."""
        while self.peek() == "entry":
            yield self.take("entry")

    def finish(self, log: VerifierKey) -> None:
        """Return if the seal is the log's, covers every line before it, and is the end.

        Raises:
            NotVerified: `bundle_damaged`, `bundle_malformed`.
            NoteError: the seal is not signed by the log.
        """
        expected = _seal(self._digest.hexdigest())
        note = self.note("seal")
        if verify_note(note, [log]) != expected or len(parse_note(note)[1]) != 1:
            raise NotVerified("bundle_damaged", "the file is not the one that the log sealed: a byte of it was changed")
        if self._file.read(1):
            raise malformed("there is something behind the seal")

    def _read(self) -> tuple[str, bytes]:
        self._number += 1
        line = self._file.readline(_LONGEST)
        word, space, payload = line.partition(b" ")
        if not line.endswith(b"\n") or not space or not word.isalpha() or not word.isascii():
            raise malformed(f"line {self._number} is cut short, or no line of a bundle")
        return word.decode(), payload[:-1]


def checkpoint_in(file: BinaryIO) -> bytes:
    """Return the signed checkpoint that a file holds: by itself, or at the head of a bundle.

    Raises:
        NotVerified: `bundle_malformed`.
    """
    begin = file.read(len(MAGIC))
    if begin != MAGIC:
        return begin + file.read(MAX_NOTE)
    file.seek(0)
    reader = BundleReader(file)
    reader.scope()
    reader.note("key")
    return reader.note("checkpoint")


def malformed(message: str) -> NotVerified:
    """Return that a bundle is not written as one."""
    return NotVerified("bundle_malformed", message)


def number(value: object) -> int:
    """Return a count that a bundle gives.

    Raises:
        NotVerified: `bundle_malformed`.
    """
    if type(value) is not int or not 0 <= value < 2**63:
        raise malformed("a number of it is none that a log can have")
    return value


def encode_hashes(hashes: Sequence[bytes]) -> list[str]:
    """Return hashes as a bundle has them."""
    return [base64.b64encode(each).decode() for each in hashes]


def decode_bytes(value: object) -> bytes:
    """Return the bytes that a text of a bundle stands for.

    Raises:
        NotVerified: `bundle_malformed`.
    """
    try:
        data = base64.b64decode(value if isinstance(value, str) else "?", validate=True)
    except (binascii.Error, ValueError):
        raise malformed("a text of it is no base64") from None
    if base64.b64encode(data).decode() != value:
        raise malformed("a text of it is base64 in another spelling")
    return data


def decode_hashes(value: object) -> tuple[bytes, ...]:
    """Return what `encode_hashes` wrote.

    Raises:
        NotVerified: `bundle_malformed`.
    """
    if not isinstance(value, list) or len(value) > 63:
        raise malformed("a proof of it is no list of hashes")
    return tuple(decode_bytes(each) for each in value)


def _seal(digest: str) -> bytes:
    """Return the text of a seal; it is none that could pass for a checkpoint."""
    return f"cdp bundle seal 1\nsha256 {digest}\n".encode()
