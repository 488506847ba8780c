"""The last checkpoint, kept outside the database, to which the log is held whenever a store is opened.

Who can change the database can make any log look whole; not this one, if it once stood in a file that he cannot reach
(attacks, "Insider with database rights"). C2SP checkpoints (`audit.checkpoint`), signed with a key of the platform.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection

from audit.checkpoint import Checkpoint, parse_checkpoint, sign_checkpoint, verify_checkpoint
from audit.merkle import BrokenTree, Frontier
from audit.note import NoteError, SignerKey, VerifierKey, parse_note
from audit.stored_tree import read_head, read_root
from cdp.errors import Unavailable


class Anchor:
    """A file with one checkpoint, 0600 in the home folder; it only ever moves on.

    Args:
        path: the file.
        signer: the key of the log, which bears its origin as name.
    """

    def __init__(self, path: Path, signer: SignerKey) -> None:
        self._path = path
        self._signer = signer

    @property
    def verifier(self) -> VerifierKey:
        """The public key of the log."""
        return self._signer.verifier

    def read(self) -> Checkpoint | None:
        """Return the checkpoint in the file, or None when none was written yet.

        Raises:
            Unavailable: `checkpoint_unreadable`, also when it is not this log's.
        """
        try:
            note = self._path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError:
            raise self._fault("checkpoint_unreadable", "the checkpoint outside the database cannot be read") from None
        try:
            origin = parse_checkpoint(parse_note(note)[0]).origin  # CDP_ORIGIN may have changed; the key is the same
            return verify_checkpoint(note, VerifierKey(origin, self.verifier.public))
        except NoteError:
            message = "the checkpoint outside the database is damaged, or that of another log"
            raise self._fault("checkpoint_unreadable", message) from None

    def hold(self, conn: Connection) -> None:
        """Return if the stored log still begins with the tree of the checkpoint.

        Raises:
            Unavailable: `checkpoint_unreadable`; `log_rolled_back`, when entries are gone; `log_forked`, when they
                are others.
        """
        checkpoint = self.read()
        if checkpoint is not None:
            self._compare(conn, checkpoint)

    def move(self, conn: Connection) -> None:
        """Sign for the log as it stands, unless the file is as far already.

        INVARIANT: nothing is signed that does not begin with what was signed before.

        Raises:
            Unavailable: as `hold`; `checkpoint_unwritable`.
        """
        with self._locked():
            last = self.read()
            head = self._head(conn) if last is None else self._compare(conn, last)
            if last is not None and head.size == last.size:
                return
            note = sign_checkpoint(Checkpoint(self._signer.name, head.size, head.root()), self._signer)
            try:
                self._write(note)
            except OSError:
                message = "the checkpoint outside the database cannot be written"
                raise self._fault("checkpoint_unwritable", message) from None

    def _compare(self, conn: Connection, checkpoint: Checkpoint) -> Frontier:
        """Return the right edge of the stored tree if the tree of the checkpoint is its beginning."""
        head = self._head(conn)
        if head.size < checkpoint.size:
            message = f"the log has {head.size:,} entries, fewer than the {checkpoint.size:,} it once signed for"
            raise self._fault("log_rolled_back", message)
        try:
            root = read_root(conn, checkpoint.size)
        except BrokenTree:
            root = b""
        if root != checkpoint.root:
            raise self._fault("log_forked", f"the first {checkpoint.size:,} entries are not those it once signed for")
        return head

    def _head(self, conn: Connection) -> Frontier:
        try:
            return read_head(conn)
        except BrokenTree:
            raise self._fault("log_rolled_back", "the log has lost its head") from None

    def _write(self, note: bytes) -> None:
        """Replace the file at once: a reader sees the old checkpoint or the new one, also after a crash."""
        fresh = self._path.with_name(f"{self._path.name}.{os.getpid()}.new")
        with os.fdopen(os.open(fresh, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "wb") as file:
            file.write(note)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._path)
        folder = os.open(self._path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Of two processes the one that is behind must not write last."""
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder = os.open(self._path.parent, os.O_RDONLY)
        except OSError:
            message = "the folder of the checkpoint cannot be opened"
            raise self._fault("checkpoint_unwritable", message) from None
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            yield
        finally:
            os.close(folder)

    def _fault(self, code: str, message: str) -> Unavailable:
        return Unavailable(code, message, path=str(self._path), hint=_HINTS.get(code, _FOUL_PLAY))


_FOUL_PLAY = "the database was changed, or an old copy restored: keep it for an expert, restore the newest backup"
_HINTS = {
    "checkpoint_unreadable": "restore the file from where it is kept besides; without it a rollback is not seen",
    "checkpoint_unwritable": "check the permissions and the space of CDP_HOME",
}
