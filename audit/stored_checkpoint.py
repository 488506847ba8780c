"""The signed checkpoints in the database: what is published, and what proofs are made for.

One row for each tree that was signed; of those that were signed within one minute only the last is kept, so there are
at most 1,440 a day.
"""

from typing import Any, Final

from sqlalchemy import Connection, Select, delete, insert, select, text, update

from audit.checkpoint import parse_checkpoint
from audit.note import parse_note
from cdp.store.platform import LOG_CHECKPOINT

MINUTE: Final = len("2026-01-01T00:00")


def newest_query() -> Select[Any]:
    """Return the query for the note of the newest checkpoint."""
    return select(LOG_CHECKPOINT.c.note).order_by(LOG_CHECKPOINT.c.size.desc()).limit(1)


def read_newest(conn: Connection) -> bytes | None:
    """Return the note of the newest checkpoint, if there is one; nothing is verified by that."""
    note = conn.execute(newest_query()).scalar_one_or_none()
    return None if note is None else bytes(note)


def store_checkpoint(conn: Connection, size: int, note: bytes, at: str) -> bytes:
    """Store a checkpoint, in place of those of the same minute that are smaller, and return what is stored.

    A tree is signed once: the first note stays, with the cosignatures it has, unless the log has a new public URL.

    Raises:
        NoteError: `note_malformed`, `checkpoint_malformed`, when something else is stored there.
    """
    c = LOG_CHECKPOINT.c
    if conn.dialect.name == "postgresql":  # machines that sign at once wait for each other; readers do not
        conn.execute(text(f"LOCK TABLE {LOG_CHECKPOINT.name} IN SHARE ROW EXCLUSIVE MODE"))
    conn.execute(delete(LOG_CHECKPOINT).where(c.size < size, c.signed_at >= at[:MINUTE]))
    before = conn.execute(select(c.note).where(c.size == size)).scalar_one_or_none()
    if before is None:
        conn.execute(insert(LOG_CHECKPOINT).values(size=size, note=note, signed_at=at))
        return note
    if _origin(bytes(before)) == _origin(note):
        return bytes(before)
    replace_note(conn, size, note)
    return note


def replace_note(conn: Connection, size: int, note: bytes) -> None:
    """Put the same checkpoint with other signatures in its place."""
    conn.execute(update(LOG_CHECKPOINT).where(LOG_CHECKPOINT.c.size == size).values(note=note))


def _origin(note: bytes) -> str:
    return parse_checkpoint(parse_note(note)[0]).origin
