"""Dropping what the log said before its retention (`audit.retention`); each step has its entry."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from audit.checkpoint import parse_checkpoint
from audit.entries import Entry, Principal, timestamp
from audit.note import parse_note
from audit.retention import DROP, DROPPED_TO, drop_tiles, dropped
from cdp.bootstrap import Platform
from cdp.services.log_public import read_checkpoint


class _Nothing(Exception):
    """There is nothing more to drop."""


def drop_log(
    platform: Platform,
    before: datetime,
    *,
    principal: Principal,
    progress: Callable[[int], None] = lambda _gone: None,
) -> int:
    """Drop entries older than a time by whole tiles of 256; return how many of the log are gone by now.

    Steps of at most 16,384 entries, each in one transaction with its entry; whoever interrupts it goes on later.

    Raises:
        NotFound: nothing was signed yet.
        Unavailable: the database or the log cannot serve.
    """
    signed = parse_checkpoint(parse_note(read_checkpoint(platform))[0]).size
    gone = -1
    while gone != (gone := _step(platform, timestamp(before), signed, principal)):
        progress(gone)
    platform.door.clean_up(())
    return gone


def _step(platform: Platform, before: str, signed: int, principal: Principal) -> int:
    """Drop some tiles and say so, or do and say nothing; return how many entries are gone by now."""
    entry = Entry("change", DROP, principal, platform.in_force().versions, {"before": before})
    end = -1
    with suppress(_Nothing), platform.door.record(entry) as change:
        start = dropped(change.conn)
        end = drop_tiles(change.conn, before=before, signed=signed)
        _require_more(start, end)
        change.facts[DROPPED_TO] = end
    return end


def _require_more(start: int, end: int) -> None:
    if start == end:
        raise _Nothing
