"""A batch that does not fold: row by row, then event by event, until what poisons it is aside and the rest is folded.

Each step commits by itself. Killed in between, it begins again; what was folded comes a second time then, and counts
as such.
"""

import time
from collections import Counter
from typing import Final

from sqlalchemy import delete, select

from audit.entries import Entry
from cdp.bootstrap import Platform
from cdp.errors import CdpError, Unavailable
from cdp.events.counts import QUARANTINED, Counted, count
from cdp.ingest.fold import Folder, Nothing, Part
from cdp.ingest.sources import Source
from cdp.store.arriving import SPOOL, SPOOL_BODY

ROWS: Final = 100
"""So many rows of the queue are looked at before the rest is tried together again."""

PAUSES: Final = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
"""How long it waits, in seconds, before it folds an event again that another change came before."""

_PASSING: Final = ("superseded", "catalogue_applying", "keystore_foreign", "not_initialised")
_OF_DATABASES: Final = (
    "locked", "conflict", "unreachable", "full", "unwritable", "unreadable", "missing", "damaged", "exposed",
)  # fmt: skip


def passes(error: BaseException) -> bool:
    """Return whether an error is about the platform as it is now, and not about what is folded."""
    if not isinstance(error, Unavailable):
        return False
    prefix, _, rest = error.code.partition("_")
    return error.code in _PASSING or prefix == "log" or (prefix in ("store", "keystore") and rest in _OF_DATABASES)


def isolate(platform: Platform, source: Source) -> None:
    """Fold what waits of a source so that what cannot be folded ends aside.

    Raises:
        Unavailable: what passes.
    """
    folder = Folder(platform, source)
    mine = select(SPOOL.c.spool_id).where(SPOOL.c.source == source.source).order_by(SPOOL.c.spool_id).limit(ROWS)
    for (spool_id,) in platform.door.lookup(mine):
        try:
            folder.fold(Part(spool_id))
        except Nothing:
            continue
        except Exception as error:
            if passes(error) and not _is_conflict(error):
                raise
            _one_by_one(platform, folder, source, spool_id)


def _one_by_one(platform: Platform, folder: Folder, source: Source, spool_id: str) -> None:
    try:
        messages = folder.messages(spool_id)
    except Nothing:
        return
    except CdpError as error:
        if passes(error):
            raise
        _discard(platform, source, spool_id, error.code)
        return
    for message in messages:
        try:
            _patiently(folder, Part(spool_id, message))
        except Nothing:
            return
        except Exception as error:
            if passes(error) and not _is_conflict(error):
                raise
            folder.fold(Part(spool_id, message, poison=True))
    folder.fold(Part(spool_id, finish=True))


def _patiently(folder: Folder, part: Part) -> None:
    """Fold one event; where another change came first, again, until that can be no coincidence any more."""
    for pause in PAUSES:
        try:
            folder.fold(part)
        except Unavailable as error:
            if not _is_conflict(error):
                raise
            time.sleep(pause)
        else:
            return
    folder.fold(part)


def _is_conflict(error: BaseException) -> bool:
    return getattr(error, "code", "") == "store_conflict"


def _discard(platform: Platform, source: Source, spool_id: str, reason: str) -> None:
    """Let go of a row that cannot even be opened, and say so in the counts and on the log."""
    entry = Entry("change", "ingest", source.principal, platform.in_force().versions, {"source": source.name})
    with platform.door.record(entry) as change:
        c = SPOOL.c
        lost = change.conn.execute(delete(SPOOL).where(c.spool_id == spool_id).returning(c.events)).scalar_one_or_none()
        change.conn.execute(delete(SPOOL_BODY).where(SPOOL_BODY.c.spool_id == spool_id))
        change.facts["lost"] = lost or 0
        count(change.conn, Counter({Counted(source.source, QUARANTINED, reason): lost or 0}))
