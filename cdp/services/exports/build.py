"""Making an export, and making it again when a process was killed or something did not serve.

    1. take      the job: who had it before writes nothing more
    2. pack      every file, in pieces that are sealed and stored as they are full
    3. ready     from now on she may fetch it, for a day

Each may be done again from its start. INVARIANT: an export that was acknowledged becomes ready, or fails after some
attempts and says so.
"""

import logging
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, select, update

from audit.entries import Entry, Principal, timestamp
from cdp.bootstrap import Platform
from cdp.errors import CdpError, NotFound, Unavailable, place_of
from cdp.services.exports.archive import Archive
from cdp.services.exports.contents import Packer, Render, count_files, made_at
from cdp.services.exports.jobs import ACT, OPEN, WAITS, Job, State, find_job, holder_of, put, take_job
from cdp.services.exports.parts import Pieces, Store
from cdp.services.herself.own_data import own_views
from cdp.services.sign_in.holders import open_holder
from cdp.store.exporting import EXPORT, EXPORT_PART
from cdp.store.lookup import find_ordinals

LOGGER: Final = logging.getLogger("cdp.exports")
ATTEMPTS: Final = 5
REMEMBERED: Final = timedelta(days=30)
"""How long it is remembered that there was an export, after it has ended."""

BUILDER: Final = Principal("system:exports")
_E: Final = EXPORT.c


def carry_out(platform: Platform, render: Render, *, now: datetime) -> int:
    """Make all that waits; return how many came to an end, ready or failed."""
    done = 0
    while (job := take_job(platform, now=now)) is not None:
        done += build(platform, job, render)
    return done


def build(platform: Platform, job: Job, render: Render) -> bool:
    """Make one export that was taken; whether it came to an end."""
    try:
        size, files = _pack(platform, job, render)
    except Exception as error:  # noqa: BLE001 -- whatever it is, somebody waits to be told; its text may hold values
        code = error.code if isinstance(error, CdpError) else "internal"
        if code == "export_taken":
            return False
        LOGGER.error("an export failed: %s", code if code != "internal" else place_of(error))  # noqa: TRY400
        if isinstance(error, Unavailable) and job.attempt < ATTEMPTS:
            put(platform, job, state=State.WAITING, beat_at=timestamp())
            return False
        return put(platform, job, state=State.FAILED, code=code, ended_at=timestamp())
    return put(platform, job, state=State.READY, size=size, files=files, beat_at=timestamp())


def sweep(platform: Platform, *, now: datetime) -> int:
    """Throw away archives that nobody fetched within a day, and forget what ended long ago; return how many went."""
    over = _E.state.in_((State.READY, State.LEAVING)) & (_E.beat_at < timestamp(now - WAITS))
    done = 0
    for export_id, holder in platform.door.lookup(select(_E.export_id, _E.holder).where(over)):
        customer_id = open_holder(platform.vault, export_id, bytes(holder))
        entry = Entry("change", ACT, BUILDER, None, {"step": "expire", "export": export_id})
        with platform.door.record(entry) as change:
            mine = EXPORT_PART.c.customer_id == (customer_id or "")
            change.conn.execute(delete(EXPORT_PART).where(mine, EXPORT_PART.c.export_id == export_id))
            ended = update(EXPORT).where(_E.export_id == export_id, over)
            done += change.conn.execute(ended.values(state=State.EXPIRED, ended_at=timestamp(now))).rowcount
            in_force = platform.in_force()
            change.subjects += find_ordinals(change.conn, in_force.catalogue, [customer_id] if customer_id else [])
    old = _E.state.not_in(OPEN) & (_E.ended_at < timestamp(now - REMEMBERED))
    if platform.door.lookup(select(_E.export_id).where(old).limit(1)):
        with platform.door.record(Entry("change", ACT, BUILDER, None, {"step": "forget"})) as change:
            change.facts["exports"] = change.conn.execute(delete(EXPORT).where(old)).rowcount
    return done


def _pack(platform: Platform, job: Job, render: Render) -> tuple[int, int]:
    customer_id = holder_of(platform, job)
    if customer_id is None:
        raise NotFound("unknown_customer", "there is no such customer", path="customer")
    views = own_views(platform.in_force(fresh=True))
    put(platform, job, of_files=count_files(views), files=0, rows_done=0)
    store = Store(platform, job, customer_id)
    store.clear()
    pieces = Pieces(store)
    archive = Archive(pieces, at=made_at(job))
    Packer(platform, find_job(platform, job.export_id) or job, customer_id, store, archive).pack(render)
    archive.close()
    pieces.finish()
    return pieces.size, len(archive.files)
