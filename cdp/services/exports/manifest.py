"""What is in an archive, by hashes, and the note that signs it.

`manifest.json` lists every other file with its length and its SHA-256. `manifest.note` is a C2SP signed note by the key
of the log, which everybody can get at `/log/vkey`; its text is

    cdp export manifest 1
    sha256 <SHA-256 of manifest.json in hex>

so that `sha256sum` and any verifier of signed notes check an archive without this program.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from audit.note import NoteError, SignerKey, VerifierKey, format_note, verify_note
from cdp.errors import BadInput
from cdp.services.exports.archive import Packed

MANIFEST: Final = "manifest.json"
NOTE: Final = "manifest.note"
FORMAT: Final = "cdp export 1"
_FIRST_LINE: Final = "cdp export manifest 1"
_OPTIONS: Final = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an archive says of itself."""

    export: str
    origin: str
    made_at: str
    language: str
    catalogue: str
    policy: str
    key: str
    files: tuple[Packed, ...]

    def encode(self) -> bytes:
        """Return the bytes of `manifest.json`."""
        said: dict[str, Any] = {name: getattr(self, name) for name in self.__slots__}
        said["format"] = FORMAT
        said["files"] = [{"path": each.path, "bytes": each.size, "sha256": each.sha256} for each in self.files]
        return orjson.dumps(said, option=_OPTIONS)


def sign_manifest(data: bytes, signer: SignerKey) -> bytes:
    """Return the bytes of `manifest.note`."""
    text = _text(data)
    return format_note(text, [signer.sign(text)])


def parse_manifest(data: bytes, note: bytes, keys: Sequence[VerifierKey]) -> Manifest:
    """Return what a manifest says that one of the keys has signed.

    Raises:
        BadInput: `export_invalid`.
    """
    try:
        signed = verify_note(note, keys)
    except NoteError:
        raise invalid("it is not signed by this key", NOTE) from None
    if signed != _text(data):
        raise invalid("what is signed is another manifest", NOTE)
    try:
        said = orjson.loads(data)
        files = tuple(Packed(each["path"], each["bytes"], each["sha256"]) for each in said.pop("files"))
        made = Manifest(files=files, **{name: said[name] for name in Manifest.__slots__ if name != "files"})
    except (ValueError, TypeError, AttributeError, KeyError):
        raise invalid("it is no manifest of a format that is known here", MANIFEST) from None
    if made.encode() != data:  # another key, another type, another spelling
        raise invalid("it is not in the one form of a manifest", MANIFEST)
    return made


def invalid(message: str, path: str) -> BadInput:
    """Return that an archive is not what it says; `path` is a file of it."""
    return BadInput("export_invalid", f"this is no export that holds: {message}", path=path)


def _text(data: bytes) -> bytes:
    return f"{_FIRST_LINE}\nsha256 {hashlib.sha256(data).hexdigest()}\n".encode()
