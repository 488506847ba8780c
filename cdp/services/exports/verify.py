"""Verifying an archive, with public keys and nothing else: no database, no network.

1. The manifest is signed by the log.
2. Every file is there as the manifest says, and no other.
3. The bundle of the log holds.
4. The receipt holds.
"""

import hashlib
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final
from zipfile import BadZipFile, ZipFile

from audit.bundle import NotVerified
from audit.note import NoteError, VerifierKey
from audit.verify.check import Trust, verify_bundle
from cdp.errors import BadInput
from cdp.services.exports.contents import BUNDLE, RECEIPT
from cdp.services.exports.manifest import SIGNING, Manifest, invalid
from cdp.services.manifests import MANIFEST, NOTE
from cdp.services.receipts.verify import verify_receipt

MOST: Final = 4 * 1024 * 1024
"""The longest manifest, note or receipt."""

_BLOCK: Final = 1024 * 1024


@dataclass(frozen=True)
class Verified:
    """An archive that holds: what it says of itself, and in words what was checked."""

    manifest: Manifest
    steps: tuple[str, ...]


def verify_export(path: Path, *, log: VerifierKey, receipts: VerifierKey | None = None) -> Verified:
    """Return what an archive says, if it holds.

    Args:
        log: the key of the log, as whoever checks knows it.
        receipts: of who signs receipts; without it the receipt is only held to the manifest.

    Raises:
        BadInput: `export_invalid`, `file_unreadable`.
    """
    try:
        with ZipFile(path) as archive:
            return _verify(archive, log, receipts)
    except (BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError):
        raise invalid("it is no archive, or damaged", path.name) from None
    except OSError:
        raise BadInput("file_unreadable", "the file cannot be read", path=str(path)) from None


def _verify(archive: ZipFile, log: VerifierKey, receipts: VerifierKey | None) -> Verified:
    manifest = SIGNING.parse(Manifest, _small(archive, MANIFEST), _small(archive, NOTE), [log])  # 1
    _check_files(archive, manifest)  # 2
    steps = [f"{log.name} signed the manifest", f"{len(manifest.files)} files are as it says, and there is no other"]
    try:
        with archive.open(BUNDLE) as bundle:
            report = verify_bundle(bundle, Trust(log))  # type: ignore[arg-type]
    except (NotVerified, NoteError) as error:
        raise invalid(f"its log does not hold ({error.code})", BUNDLE) from None
    steps.append(f"{report.entries} entries of the log hold")  # 3
    if receipts is not None:  # 4
        verify_receipt(_small(archive, RECEIPT), key=receipts, log=log)
        steps.append("the receipt of her choices holds")
    return Verified(manifest, tuple(steps))


def _check_files(archive: ZipFile, manifest: Manifest) -> None:
    listed = [each.path for each in manifest.files]
    there = archive.namelist()
    if sorted(there) != sorted([*listed, MANIFEST, NOTE]) or not {BUNDLE, RECEIPT} <= set(listed):
        raise invalid("its files are not those of the manifest", MANIFEST)
    for each in manifest.files:
        with archive.open(each.path) as file:
            if (each.bytes, each.sha256) != _digest(file, each.bytes):
                raise invalid("a file is not as the manifest says", each.path)


def _digest(file: IO[bytes], most: int) -> tuple[int, str]:
    """Return length and digest; what is longer than it says is not unpacked to its end."""
    digest, size = hashlib.sha256(), 0
    while size <= most and (block := file.read(_BLOCK)):
        digest.update(block)
        size += len(block)
    return size, digest.hexdigest()


def _small(archive: ZipFile, name: str) -> bytes:
    try:
        with archive.open(name) as file:
            data = file.read(MOST + 1)
    except KeyError:
        raise invalid("a file is missing", name) from None
    if len(data) > MOST:
        raise invalid("a file is too long", name)
    return data
