"""Asking for a regulation, and seeing how far it is. Nobody is looked up here: the known and the unknown look the same.

The words are Segment's. What is acknowledged is on disk, sealed, with its entry, and will be done.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import orjson
from sqlalchemy import delete, func, insert, select

from audit.entries import Entry, timestamp
from cdp.bootstrap import Platform
from cdp.errors import BadInput, NotFound, Refused
from cdp.events.normalise import MAX_ID
from cdp.services.regulations.keys import Regulator
from cdp.store.regulating import REGULATION, REGULATION_BODY
from cdp.terms import CUSTOMER, USER_ID
from cdp.vault.parcel import seal_parcel

SUPPRESS, LIFT, ERASE, BOTH = "SUPPRESS_ONLY", "UNSUPPRESS", "DELETE_ONLY", "SUPPRESS_WITH_DELETE"
ARCHIVE: Final = "DELETE_ARCHIVE_ONLY"
"""Of an archive that is none here; kept as not supported, since it asks for less than an erasure."""

TYPES: Final = (SUPPRESS, LIFT, BOTH, f"{BOTH}_INTERNAL", ERASE, "DELETE_INTERNAL", ARCHIVE)
USER, OBJECT = "USER_ID", "OBJECT_ID"
INITIALIZED, RUNNING, FINISHED, FAILED = "INITIALIZED", "RUNNING", "FINISHED", "FAILED"
NOT_SUPPORTED: Final = "NOT_SUPPORTED"
MOST: Final = 5_000
"""So many people one regulation names."""

KEY: Final = "regulations"
_G: Final = REGULATION.c
_SHOWN: Final = (_G.regulation_id, _G.regulator, _G.type, _G.status, _G.created_at, _G.finished_at)


@dataclass(frozen=True, slots=True)
class Regulation:
    """A regulation, without those whom it names."""

    regulation_id: str
    regulator: str
    type: str
    status: str
    created_at: str
    finished_at: str | None


def ask(platform: Platform, regulator: Regulator, type_: str, subject: str, ids: Sequence[object]) -> Regulation:
    """Keep what is asked for; return it. It is done by the worker.

    Objects are none of a customer's names here: what is asked for them is kept as not supported.

    Raises:
        BadInput: `bad_regulation`.
    """
    if type_ not in TYPES:
        raise _bad("there is no such regulation", "regulationType", f"it is one of {', '.join(TYPES)}")
    if subject not in (USER, OBJECT):
        raise _bad("there is no such kind of subject", "subjectType", f"it is {USER}")
    if not 0 < len(ids) <= MOST:
        raise _bad("it names nobody, or too many", "subjectIds", f"name at most {MOST:,}")
    names = [str(each) for each in ids if isinstance(each, str)]
    blind = platform.vault.blind
    if len(names) != len(ids) or not all(_is_id(each) and blind.token(CUSTOMER, USER_ID, each) for each in names):
        hint = f"an id is a text that is not empty, of at most {MAX_ID} characters"
        raise _bad("one of these is no id", "subjectIds", hint)
    now, supported = datetime.now(UTC), subject == USER and type_ != ARCHIVE
    number = f"{int(now.timestamp() * 1e6):016x}{os.urandom(8).hex()}"
    at = timestamp(now)
    made = Regulation(
        number, regulator.name, type_, INITIALIZED if supported else NOT_SUPPORTED, at, None if supported else at
    )
    facts = {"regulation": number, "type": type_, "people": len(names)}
    with platform.door.record(Entry("change", "regulation_asked", regulator.principal, None, facts)) as change:
        values = {column.name: getattr(made, column.name) for column in _SHOWN}
        change.conn.execute(insert(REGULATION).values(**values, attempts=0))
        if supported:
            sealed = seal_parcel(platform.vault.platform_key(KEY), number, orjson.dumps(names))
            change.conn.execute(insert(REGULATION_BODY).values(regulation_id=number, sealed=sealed))
    return made


def find_regulation(platform: Platform, number: str) -> Regulation:
    """Return a regulation.

    Raises:
        NotFound: `unknown_regulation`.
    """
    for row in platform.door.lookup(select(*_SHOWN).where(_G.regulation_id == number)):
        return Regulation(*row)
    raise NotFound("unknown_regulation", "there is no such regulation", path="regulation")


def list_regulations(
    platform: Platform, *, offset: int, limit: int, status: str = "", types: Sequence[str] = ()
) -> tuple[list[Regulation], int]:
    """Return regulations, the newest first, and how many there are in all; of a status and of types, if said."""
    mine = [_G.status == status] if status else []
    mine += [_G.type.in_(types)] if types else []
    wanted = select(*_SHOWN).where(*mine).order_by(_G.regulation_id.desc()).offset(offset).limit(limit)
    total = platform.door.lookup(select(func.count()).select_from(REGULATION).where(*mine))[0][0]
    return [Regulation(*row) for row in platform.door.lookup(wanted)], int(total)


def call_off(platform: Platform, regulator: Regulator, number: str) -> None:
    """Have a regulation not done that is not begun; it goes.

    Raises:
        NotFound: `unknown_regulation`.
        Refused: `regulation_begun`.
    """
    find_regulation(platform, number)
    facts = {"regulation": number}
    with platform.door.record(Entry("change", "regulation_called_off", regulator.principal, None, facts)) as change:
        mine = delete(REGULATION).where(_G.regulation_id == number, _G.status == INITIALIZED)
        if change.conn.execute(mine).rowcount != 1:
            raise Refused("regulation_begun", "the regulation is begun, or done", path="regulation")
        body = delete(REGULATION_BODY).where(REGULATION_BODY.c.regulation_id == number)
        change.conn.execute(body)


def _bad(message: str, path: str, hint: str) -> BadInput:
    return BadInput("bad_regulation", message, path=path, hint=hint)


def _is_id(given: str) -> bool:
    """Return whether an event could name somebody so (`cdp.events.normalise`)."""
    return len(given) <= MAX_ID and "\0" not in given
