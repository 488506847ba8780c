"""What is in a report, by hashes, and the note that signs it.

`manifest.json` lists every other file with its length and its SHA-256, and names the checkpoint of the log over which
the report was made. `manifest.note` is a C2SP signed note by the key of the log, as that of an export; its text is

    cdp report manifest 1
    sha256 <SHA-256 of manifest.json in hex>
"""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

import orjson

from audit.note import NoteError, SignerKey, VerifierKey, format_note, verify_note
from cdp.errors import BadInput

MANIFEST: Final = "manifest.json"
NOTE: Final = "manifest.note"
REPORT: Final = "report.json"
ENTRY: Final = "log/entry.json"
PROOF: Final = "log/entry.tlog-proof"
FORMAT: Final = "cdp report manifest 1"
_OPTIONS: Final = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE


@dataclass(frozen=True, slots=True)
class Listed:
    """A file: its length, and its SHA-256 in hex."""

    path: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a report says of its files.

    Attributes:
        entry: the number of the entry of the log that commits to the figures.
        checkpoint: how many entries the tree has that the proof of it is in.
    """

    origin: str
    made_at: str
    made_by: str
    language: str
    entry: int
    checkpoint: int
    files: tuple[Listed, ...]

    def encode(self) -> bytes:
        """Return the bytes of `manifest.json`."""
        said: dict[str, Any] = asdict(self)
        return orjson.dumps({**said, "format": FORMAT}, option=_OPTIONS)


def listed(files: Mapping[str, bytes]) -> tuple[Listed, ...]:
    """Return what a manifest says of files."""
    return tuple(Listed(path, len(data), digest(data)) for path, data in sorted(files.items()))


def digest(data: bytes) -> str:
    """Return the SHA-256 of bytes in hex."""
    return hashlib.sha256(data).hexdigest()


def sign_manifest(data: bytes, signer: SignerKey) -> bytes:
    """Return the bytes of `manifest.note`."""
    text = _text(data)
    return format_note(text, [signer.sign(text)])


def parse_manifest(data: bytes, note: bytes, key: VerifierKey) -> Manifest:
    """Return what a manifest says that a key has signed.

    Raises:
        BadInput: `report_invalid`.
    """
    try:
        signed = verify_note(note, [key])
    except NoteError:
        raise invalid("it is not signed by this key", NOTE) from None
    if signed != _text(data):
        raise invalid("what is signed is another manifest", NOTE)
    try:
        said = orjson.loads(data)
        files = tuple(Listed(**each) for each in said.pop("files"))
        made = Manifest(files=files, **{name: said[name] for name in Manifest.__slots__ if name != "files"})
    except (ValueError, TypeError, AttributeError, KeyError):
        raise invalid("it is no manifest of a format that is known here", MANIFEST) from None
    if made.encode() != data:  # another key, another type, another spelling
        raise invalid("it is not in the one form of a manifest", MANIFEST)
    return made


def invalid(message: str, path: str) -> BadInput:
    """Return that a report is not what it says; `path` is a file of it."""
    return BadInput("report_invalid", f"this is no report that holds: {message}", path=path)


def _text(data: bytes) -> bytes:
    return f"{FORMAT}\nsha256 {digest(data)}\n".encode()
