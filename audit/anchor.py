"""The last checkpoint outside the database, to which the log is held when a store is opened, and signing the next one.

Who can change the database can make any log look whole; not this one, if its checkpoint once stood where he cannot
reach (attacks, "Insider with database rights"). C2SP checkpoints (`audit.checkpoint`), signed with a key of the
platform.
"""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Protocol, TypeVar

from sqlalchemy import Connection

from audit.checkpoint import Checkpoint, parse_checkpoint, sign_checkpoint, verify_checkpoint
from audit.entries import timestamp
from audit.merkle import BrokenTree, Frontier, ProofError, verify_consistency
from audit.note import NoteError, SignerKey, VerifierKey, parse_note
from audit.outside import Outside
from audit.stored_checkpoint import read_newest, store_checkpoint
from audit.stored_tree import StoredTiles, read_head
from audit.tiles import TiledTree, consistency_proof
from cdp.errors import Unavailable

T = TypeVar("T")


class Stored(Protocol):
    """The database of the log."""

    def read(self, work: Callable[[Connection], T]) -> T:
        """Return what `work` returns."""

    def write(self, work: Callable[[Connection], T]) -> T:
        """Return what `work` returns, once what it wrote is on disk."""


class Anchor:
    """Holds the log to its checkpoint outside, which only ever moves on.

    Args:
        database: where the log is.
        outside: where its checkpoint is kept besides.
        signer: the key of the log, which bears its origin as name.
        home: a folder of this machine; of the processes that share it one signs at a time.
    """

    def __init__(self, database: Stored, outside: Outside, signer: SignerKey, *, home: Path) -> None:
        self._database = database
        self._outside = outside
        self._signer = signer
        self._home = home

    @property
    def verifier(self) -> VerifierKey:
        """The public key of the log."""
        return self._signer.verifier

    def read(self) -> Checkpoint | None:
        """Return the checkpoint outside, or None when none was written yet.

        Raises:
            Unavailable: `checkpoint_unreadable`, also when it is not this log's.
        """
        try:
            note = self._outside.read()
        except OSError:
            raise self._fault("checkpoint_unreadable", "the checkpoint outside the database cannot be read") from None
        try:
            return None if note is None else self.verified(note)
        except NoteError:
            message = "the checkpoint outside the database is damaged, or that of another log"
            raise self._fault("checkpoint_unreadable", message) from None

    def verified(self, note: bytes) -> Checkpoint:
        """Return the checkpoint of a note that this log signed, under whatever public URL it had then.

        Raises:
            NoteError: it did not.
        """
        return verify_checkpoint(note, VerifierKey(parse_checkpoint(parse_note(note)[0]).origin, self.verifier.public))

    def hold(self) -> None:
        """Return if the stored log still begins with the tree of the checkpoint outside.

        Raises:
            Unavailable: `checkpoint_unreadable`; `log_rolled_back`, when entries are gone; `log_forked`, when they
                are others.
        """
        checkpoint = self.read()
        if checkpoint is not None:
            self._database.read(lambda conn: self._compare(conn, checkpoint, self._head(conn)))

    def hold_to(self, note: bytes) -> Checkpoint:
        """Return the checkpoint that somebody has kept, if the stored log still begins with its tree.

        Raises:
            NoteError: it is not a checkpoint of this log.
            Unavailable: `log_rolled_back`, `log_forked`.
        """
        kept = self.verified(note)
        self._database.read(lambda conn: self._compare(conn, kept, self._head(conn)))
        return kept

    def move(self) -> bytes | None:
        """Sign for the log as it stands, store the checkpoint in the database, then outside.

        INVARIANT: nothing is signed that does not begin with what was signed before. The database has it first: what
        is known outside can always be published and proved.

        Returns:
            The note, None if nothing was new.

        Raises:
            Unavailable: as `hold`; `checkpoint_unwritable`.
        """
        with self._one_at_a_time():
            # 1. Hold the log to what was signed before, outside and inside.
            last = self.read()
            head, inside = self._database.read(lambda conn: self._held(conn, last))
            if all(each is not None and self._is_of(each, head) for each in (last, inside)):
                return None
            # 2. Sign, and store it with the log.
            fresh = sign_checkpoint(Checkpoint(self._signer.name, head.size, head.root()), self._signer)
            note = self._database.write(lambda conn: store_checkpoint(conn, head.size, fresh, timestamp()))
            # 3. Only then write it where the database's administrator cannot.
            if last is None or not self._is_of(last, head):
                self._write(note)
            return note

    def renew(self, note: bytes) -> None:
        """Write the same checkpoint with more cosignatures outside, unless a newer one is there by now.

        Raises:
            Unavailable: `checkpoint_unreadable`, `checkpoint_unwritable`.
        """
        with self._one_at_a_time():
            last = self.read()
            if last is not None and last == self.verified(note):
                self._write(note)

    def _write(self, note: bytes) -> None:
        try:
            self._outside.write(note)
        except OSError:
            message = "the checkpoint outside the database cannot be written"
            raise self._fault("checkpoint_unwritable", message) from None

    def _is_of(self, checkpoint: Checkpoint, head: Frontier) -> bool:
        return (checkpoint.origin, checkpoint.size) == (self._signer.name, head.size)

    def _held(self, conn: Connection, last: Checkpoint | None) -> tuple[Frontier, Checkpoint | None]:
        """Return the right edge of the stored tree and the newest checkpoint inside, if it grew out of both.

        The head is read last: another machine may append and sign meanwhile.
        """
        try:
            stored = read_newest(conn)
            inside = self.verified(stored) if stored else None
        except NoteError:
            raise self._fault("log_forked", "the newest checkpoint in the database is not this log's") from None
        head = self._head(conn)
        for each in (last, inside):
            if each is not None:
                self._compare(conn, each, head)
        return head, inside

    def _compare(self, conn: Connection, old: Checkpoint, head: Frontier) -> None:
        """Return if a consistency proof leads from a checkpoint to the stored tree."""
        if head.size < old.size:
            message = f"the log has {head.size:,} entries, fewer than the {old.size:,} it once signed for"
            raise self._fault("log_rolled_back", message)
        try:
            tree = TiledTree(head.size, StoredTiles(conn.execute))
            proof = consistency_proof(old.size, head.size, reader=tree)
            verify_consistency(proof, old_size=old.size, old_root=old.root, new_size=head.size, new_root=head.root())
        except (BrokenTree, ProofError):
            message = (
                f"the first {old.size:,} entries are not those it once signed for: their root was {old.root.hex()}, and"
                f" no proof leads from there to the {head.size:,} entries stored, root {head.root().hex()}"
            )
            raise self._fault("log_forked", message) from None

    def _head(self, conn: Connection) -> Frontier:
        try:
            return read_head(conn)
        except BrokenTree:
            raise self._fault("log_rolled_back", "the log has lost its head") from None

    @contextmanager
    def _one_at_a_time(self) -> Iterator[None]:
        """Of two processes the one that is behind must not write last; the lock of one that was killed is free."""
        try:
            self._home.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder = os.open(self._home, os.O_RDONLY)
        except OSError:
            raise self._fault("checkpoint_unwritable", "the home folder cannot be opened") from None
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            yield
        finally:
            os.close(folder)

    def _fault(self, code: str, message: str) -> Unavailable:
        return Unavailable(code, message, path=self._outside.where, hint=_HINTS.get(code, _FOUL_PLAY))


_FOUL_PLAY: Final = "the database was changed, or an old copy restored: keep it, and restore the newest backup"
_HINTS: Final = {
    "checkpoint_unreadable": "restore it from where it is kept besides; without it a rollback is not seen",
    "checkpoint_unwritable": "check the place that CDP_CHECKPOINTS names, its permissions and its space",
}
