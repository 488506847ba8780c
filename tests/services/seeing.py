"""Sightings for tests of identity: a source that verifies, and one whose write key anybody may have."""

import itertools
from collections.abc import Sequence

from audit.entries import Entry
from cdp.bootstrap import Platform
from cdp.services.identity.caps import Caps
from cdp.services.identity.fold import fold
from cdp.services.identity.sighting import Folded, Named, Sighting
from tests.samples import TESTER

TRUSTED, WEB = "crm", "web"
_NUMBERS = itertools.count(1)


def at(second: int) -> str:
    return f"2026-01-01T00:{second // 60 % 60:02}:{second % 60:02}.000000+00:00"


def seen(*named: tuple[str, str], source: str = WEB, second: int = 0, message: str = "", **traits: object) -> Sighting:
    """One event; what the trusted source says it has verified."""
    identifiers = tuple(Named(kind, value, verified=source == TRUSTED) for kind, value in named)
    return Sighting(source, message or f"m{next(_NUMBERS)}", at(second), identifiers, traits)


def folded(platform: Platform, *sightings: Sighting, caps: Caps | None = None) -> list[Folded]:
    """Fold them in one transaction."""
    with platform.door.record(Entry("change", "ingest", TESTER, platform.in_force().versions)) as change:
        found = fold(platform, change, sightings, caps)
        change.subjects += sorted({each.ordinal for each in found if each.ordinal is not None})
    return found


def one_by_one(platform: Platform, sightings: Sequence[Sighting]) -> list[Folded]:
    return [folded(platform, each)[0] for each in sightings]
