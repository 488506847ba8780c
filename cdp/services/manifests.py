"""What is in an archive, by hashes, and the C2SP signed note over it; exports and reports are such archives.

`manifest.json` lists every other file with its length and its SHA-256. `manifest.note` is a note by the key of the log,
which everybody can get at `/log/vkey`; its text is

    <first line of the kind of archive>
    sha256 <SHA-256 of manifest.json in hex>

so that `sha256sum` and any verifier of signed notes check an archive without this program.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeVar

import orjson

from audit.note import NoteError, SignerKey, VerifierKey, format_note, verify_note
from cdp.errors import BadInput

MANIFEST: Final = "manifest.json"
NOTE: Final = "manifest.note"
_OPTIONS: Final = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE


@dataclass(frozen=True, slots=True)
class Listed:
    """A file: its length, and its SHA-256 in hex."""

    path: str
    bytes: int
    sha256: str


class Encoded(Protocol):
    """A manifest, which has one form in bytes."""

    def encode(self) -> bytes:
        """Return the bytes of `manifest.json`."""
        ...


M = TypeVar("M", bound=Encoded)


@dataclass(frozen=True, slots=True)
class Signing:
    """How the manifests of one kind of archive are signed and read.

    Attributes:
        first_line: of the note, so that no note holds for another kind.
        invalid: makes the error that says what about an archive does not hold, and in which file of it.
    """

    first_line: str
    invalid: Callable[[str, str], BadInput]

    def sign(self, data: bytes, signer: SignerKey) -> bytes:
        """Return the bytes of `manifest.note`."""
        text = self._text(data)
        return format_note(text, [signer.sign(text)])

    def parse(self, kind: type[M], data: bytes, note: bytes, keys: Sequence[VerifierKey]) -> M:
        """Return what a manifest says that one of the keys has signed.

        Raises:
            BadInput: as `invalid` makes it.
        """
        make: Callable[..., M] = kind
        try:
            signed = verify_note(note, keys)
        except NoteError:
            raise self.invalid("it is not signed by this key", NOTE) from None
        if signed != self._text(data):
            raise self.invalid("what is signed is another manifest", NOTE)
        try:
            said = orjson.loads(data)
            files = tuple(Listed(**each) for each in said.pop("files"))
            names = (name for name in kind.__slots__ if name != "files")  # type: ignore[attr-defined]
            made = make(files=files, **{name: said[name] for name in names})
        except (ValueError, TypeError, AttributeError, KeyError):
            raise self.invalid("it is no manifest of a format that is known here", MANIFEST) from None
        if made.encode() != data:  # another key, another type, another spelling
            raise self.invalid("it is not in the one form of a manifest", MANIFEST)
        return made

    def _text(self, data: bytes) -> bytes:
        return f"{self.first_line}\nsha256 {digest(data)}\n".encode()


def encode_manifest(said: Mapping[str, Any]) -> bytes:
    """Return the one form of what a manifest says."""
    return orjson.dumps(dict(said), option=_OPTIONS)


def digest(data: bytes) -> str:
    """Return the SHA-256 of bytes in hex."""
    return hashlib.sha256(data).hexdigest()
