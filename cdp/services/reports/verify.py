"""Verifying a report, with the public key of the log and nothing else: no database, no network.

1. The manifest is signed by the log.
2. Every file is there as the manifest says, and no other.
3. The entry commits to the figures, and stands in the tree of a checkpoint that the log signed.
"""

import zlib
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final
from zipfile import BadZipFile, ZipFile

from audit.checkpoint import verify_checkpoint
from audit.entries import parse_entry
from audit.entry_format import EntryError
from audit.merkle import ProofError
from audit.note import NoteError, VerifierKey
from audit.proof import check_inclusion, parse_inclusion
from cdp.errors import BadInput
from cdp.services.manifests import MANIFEST, NOTE, digest
from cdp.services.reports.manifest import (
    ENTRY,
    PROOF,
    REPORT,
    SIGNING,
    Manifest,
    invalid,
    listed,
)

MOST: Final = 64 * 1024 * 1024
"""The largest report, unpacked."""
MOST_FILES: Final = 20


@dataclass(frozen=True)
class Verified:
    """A report that holds: what it says of its files, its checkpoint, and in words what was checked."""

    manifest: Manifest
    checkpoint: bytes
    steps: tuple[str, ...]


def verify_report(path: Path, *, log: VerifierKey) -> Verified:
    """Return what a report says of itself, if it holds.

    Args:
        path: its folder, a file in it, or its archive.
        log: the key of the log, as whoever checks knows it.

    Raises:
        BadInput: `report_invalid`, `file_unreadable`.
    """
    files = _read(path)
    for name in (MANIFEST, NOTE, REPORT, ENTRY, PROOF):
        if name not in files:
            raise invalid("a file is missing", name)
    manifest = SIGNING.parse(Manifest, files.pop(MANIFEST), files.pop(NOTE), [log])  # 1
    _check_files(manifest, files)  # 2
    checkpoint = _check_entry(manifest, files, log)  # 3
    steps = (
        f"{log.name} signed the manifest",
        f"{len(manifest.files)} files are as it says, and there is no other",
        f"entry {manifest.entry} of the log commits to the figures",
        f"it stands in the tree of {manifest.checkpoint} entries that {log.name} signed",
    )
    return Verified(manifest, checkpoint, steps)


def _check_files(manifest: Manifest, files: dict[str, bytes]) -> None:
    if sorted(files) != [each.path for each in manifest.files]:
        raise invalid("its files are not those of the manifest", MANIFEST)
    for said, found in zip(manifest.files, listed(files), strict=True):
        if said != found:
            raise invalid("a file is not as the manifest says", said.path)


def _check_entry(manifest: Manifest, files: dict[str, bytes], log: VerifierKey) -> bytes:
    try:
        proof = parse_inclusion(files[PROOF])
        checkpoint = check_inclusion(proof, files[ENTRY], lambda note: verify_checkpoint(note, log))
        said = parse_entry(files[ENTRY])
    except (NoteError, ProofError) as error:
        raise invalid(f"its proof does not hold ({error.code})", PROOF) from None
    except EntryError:
        raise invalid("it has no entry of a log", ENTRY) from None
    if (proof.index, checkpoint.size) != (manifest.entry, manifest.checkpoint):
        raise invalid("its proof is about another entry or checkpoint", PROOF)
    if said.get("sha256") != digest(files[REPORT]):
        raise invalid("the log commits to other figures", REPORT)
    return proof.checkpoint


def _read(path: Path) -> dict[str, bytes]:
    try:
        if path.is_file() and path.name.endswith(".zip"):
            return _unpacked(path)
        folder = path if path.is_dir() else path.parent
        every = (each for each in folder.rglob("*") if each.is_file()) if path.exists() else iter(())
        found = list(islice(every, MOST_FILES + 1))  # of a folder that is none of a report, no more is looked at
        sizes = [each.stat().st_size for each in found]
        _require_small(sizes)
        files = {each.relative_to(folder).as_posix(): each.read_bytes() for each in found}
    except OSError:
        raise _unreadable(path) from None
    if not files:
        raise _unreadable(path)
    return files


def _unpacked(path: Path) -> dict[str, bytes]:
    try:
        with ZipFile(path) as archive:
            infos = archive.infolist()
            _require_small([each.file_size for each in infos])
            if len({each.filename for each in infos}) != len(infos):
                raise invalid("a file is there twice", path.name)
            return {each.filename: archive.read(each) for each in infos}
    except (BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError):
        raise invalid("it is no archive, or damaged", path.name) from None


def _require_small(sizes: list[int]) -> None:
    if len(sizes) > MOST_FILES or sum(sizes) > MOST:
        raise invalid("it has more in it than a report", MANIFEST)


def _unreadable(path: Path) -> BadInput:
    return BadInput("file_unreadable", "the file cannot be read", path=str(path))
