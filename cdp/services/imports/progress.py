"""How far an import has come: one row, committed with what was written, so that it resumes exactly.

The row is found by what is imported: the content of the file, the entity and the mapping. The digest of those is keyed:
the file may hold one person only, and a bare digest of it would tell who it was to anybody who can guess.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import orjson
from sqlalchemy import Connection, Select, insert, select, update

from cdp.store.platform import IMPORT

_PERSON: Final = b"cdp/import/1"


@dataclass(frozen=True)
class Progress:
    """What is committed of an import. Counts are of rows; `bytes_done` is where the next row begins.

    Of a table, that is a number of rows.
    """

    bytes_done: int = 0
    rows_done: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0
    finished: bool = False


def import_digest(sha256: bytes, entity: str, mapping: Mapping[str, str], *, key: bytes) -> str:
    """Return what names an import."""
    what = orjson.dumps([sha256.hex(), entity, dict(mapping)], option=orjson.OPT_SORT_KEYS)
    return hashlib.blake2b(what, key=key, digest_size=32, person=_PERSON).hexdigest()


def progress_query(digest: str) -> Select[tuple[int, int, int, int, int, int, bool]]:
    """Return the query whose row, if there is one, makes a `Progress`."""
    c = IMPORT.c
    wanted = select(c.bytes_done, c.rows_done, c.created, c.updated, c.unchanged, c.rejected, c.finished)
    return wanted.where(c.digest == digest)


def lock_progress(conn: Connection, digest: str) -> Progress | None:
    """Return what is committed, and keep others from going on with the same import until the transaction ends."""
    row = conn.execute(progress_query(digest).with_for_update()).mappings().one_or_none()
    return None if row is None else Progress(**row)


def save_progress(conn: Connection, digest: str, entity: str, progress: Progress, *, is_new: bool) -> None:
    """Write how far the import is with this transaction."""
    values = {
        **vars(progress),
        "finished": int(progress.finished) if conn.dialect.name == "sqlite" else progress.finished,
    }
    if is_new:
        conn.execute(insert(IMPORT).values(digest=digest, entity=entity, **values))
    else:
        conn.execute(update(IMPORT).where(IMPORT.c.digest == digest).values(values))
