"""The log as static files, for any web server or content network: `cdp log publish FOLDER`.

C2SP tlog-tiles. Only what is new is written: the folder's own checkpoint says how far it is. Each file appears at
once, full tiles before partial ones, and the checkpoint last, so that whoever reads it finds all that it needs. A
folder whose checkpoint is not the beginning of this log is left alone.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from audit.cosignature import Policy
from audit.layout import files_between, format_path
from audit.merkle import ProofError
from audit.note import NoteError
from audit.outside import replace_file, sync_folder
from audit.proof import check_consistency, parse_consistency
from cdp.bootstrap import Platform
from cdp.errors import BadInput, NotFound
from cdp.services.log_public import prove_consistency, read_checkpoint, read_tile, read_vkey

PUBLIC: Final = 0o644


@dataclass(frozen=True, slots=True)
class Published:
    """How many files were written, and for how many entries the folder now is."""

    files: int
    entries: int


def publish_log(
    platform: Platform,
    folder: Path,
    *,
    entries: bool = False,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Published:
    """Bring a folder up to the newest checkpoint.

    Args:
        platform: the open store.
        folder: is made if need be.
        entries: whether entries are published, too.
        progress: is told how many of how many files are written.

    Raises:
        BadInput: `publish_foreign`, when the folder holds another log, or this one before it was rolled back.
        NotFound: nothing was signed yet.
    """
    trusted = Policy(platform.keeper.verifier)
    note = read_checkpoint(platform)
    new = trusted(note)
    old = _published(platform, folder, trusted)
    files = files_between(old, new.size, entries=entries)
    for number, file in enumerate(files, 1):
        path = format_path(file)
        try:
            data = read_tile(platform, path, entries=entries)
        except NotFound:  # entries that were dropped after the retention
            continue
        _write(folder / path, data)
        progress(number, len(files))
    _write(folder / "vkey", read_vkey(platform).encode() + b"\n")
    _write(folder / "checkpoint", note)
    return Published(len(files), new.size)


def _published(platform: Platform, folder: Path, trusted: Policy) -> int:
    """Return how far the folder is."""
    hint = "name another folder, and keep this one: it may show what the log once was"
    foreign = BadInput("publish_foreign", "the folder holds another log than this one", path=str(folder), hint=hint)
    try:
        old = trusted((folder / "checkpoint").read_bytes())
        check_consistency(parse_consistency(prove_consistency(platform, old.size)), old, trusted)
    except FileNotFoundError:
        return 0
    except (NoteError, ProofError, NotFound):
        raise foreign from None
    return old.size


def _write(path: Path, data: bytes) -> None:
    fresh = [each for each in (path.parent, *path.parent.parents) if not each.exists()]
    path.parent.mkdir(parents=True, exist_ok=True)
    for each in fresh:
        sync_folder(each.parent)
    replace_file(path, data, mode=PUBLIC)
