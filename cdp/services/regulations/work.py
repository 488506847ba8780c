"""Doing what regulators asked for, the oldest first.

    1. begin    in one transaction: suppress or lift, note it in the list, say that it runs
    2. erase    whoever bears one of the ids, with all that an erasure does (`cdp.services.erase`)
    3. finish   say so; whom it named goes

Each may be done twice. One that was cut off is gone on with by whichever worker looks next. INVARIANT: a regulation
that was acknowledged is finished, or fails after some attempts and says so.
"""

from typing import Final

import orjson
from sqlalchemy import Connection, delete, select, true, update

from audit.entries import Entry, Principal, timestamp
from cdp.bootstrap import Platform
from cdp.catalogue.kinds import known_kinds, scoped
from cdp.errors import NotFound, Unavailable
from cdp.services.erase import erase
from cdp.services.regulations.ask import FAILED, FINISHED, INITIALIZED, KEY, LIFT, RUNNING, SUPPRESS
from cdp.services.regulations.suppressed import forget, remember
from cdp.store.arriving import SOURCE
from cdp.store.given import Given
from cdp.store.people import LINK
from cdp.store.platform import IDENTIFIER
from cdp.store.regulating import REGULATION, REGULATION_BODY
from cdp.terms import CUSTOMER, USER_ID
from cdp.vault.parcel import open_parcel
from cdp.vault.suppression import Identifier

ATTEMPTS: Final = 5
DAMAGED: Final = "parcel_damaged"
"""What no trying again will mend."""

WORKER: Final = Principal("system:regulations")
_G: Final = REGULATION.c
_WAITING: Final = _G.status.in_((INITIALIZED, RUNNING))


def carry_out(platform: Platform) -> int:
    """Do all that waits; return how many came to an end.

    Raises:
        Unavailable: the database, the keys or the log cannot serve.
    """
    done, fault = 0, None
    for number, type_ in platform.door.lookup(
        select(_G.regulation_id, _G.type).where(_WAITING).order_by(_G.regulation_id)
    ):
        try:
            done += _one(platform, str(number), str(type_))
        except Unavailable as error:  # it is tried again; those behind it need not wait for that
            fault = fault or error
    if fault is not None:
        raise fault
    return done


def _one(platform: Platform, number: str, type_: str) -> bool:
    erases = type_ not in (SUPPRESS, LIFT)
    try:
        people = _begin(platform, number, type_, erases=erases)
        if erases and people:
            erase(platform, people, principal=WORKER, reason=f"regulation {number}")
    except Unavailable as error:
        if error.code != DAMAGED:
            raise
        return _fail(platform, number)
    except NotFound:  # one of them went meanwhile: whoever is left is looked for again
        return _fail(platform, number)
    if erases:
        with platform.door.record(_entry(number, "finish")) as change:
            _end(change.conn, number, FINISHED)
    return True


def _begin(platform: Platform, number: str, type_: str, *, erases: bool) -> list[str]:
    """Do all but the erasure; return whom to erase."""
    vault, at = platform.vault, timestamp()
    key = vault.platform_key(KEY)
    kinds = _kinds(platform)
    with platform.door.record(_entry(number, "begin")) as change:
        conn = change.conn
        status = conn.execute(
            select(_G.status).where(_G.regulation_id == number).with_for_update()
        ).scalar_one_or_none()  # fmt: skip
        sealed = conn.execute(select(REGULATION_BODY.c.sealed).where(REGULATION_BODY.c.regulation_id == number))
        body = sealed.scalar_one_or_none()
        if body is None:  # another worker has done it, or it was called off
            return []
        names: list[str] = orjson.loads(open_parcel(key, number, bytes(body)))
        blinded = dict(_blind(platform, USER_ID, names))
        tokens = {vault.suppression.token(each): name for name, each in blinded.items()}
        if status == INITIALIZED:
            # Before the entry commits, as `cdp.services.suppress` does; done again it changes nothing.
            if type_ == LIFT:
                vault.suppression.lift(blinded.values())
            elif type_.startswith("SUPPRESS"):
                vault.suppression.suppress(blinded.values(), at=at)
            if type_ == SUPPRESS:
                remember(conn, key, tokens, at=at)
            else:
                forget(conn, tokens)
        if not erases:
            _end(conn, number, FINISHED)
            return []
        conn.execute(update(REGULATION).where(_G.regulation_id == number).values(status=RUNNING))
        wanted = [each for kind in kinds for _, each in _blind(platform, kind, names)]
        return _bearers(conn, wanted, [token for _, token in blinded.values()], platform)


def _blind(platform: Platform, kind: str, names: list[str]) -> list[tuple[str, Identifier]]:
    blind = platform.vault.blind
    return [(name, (kind, token.hex())) for name in names if (token := blind.token(CUSTOMER, kind, name))]


def _kinds(platform: Platform) -> list[str]:
    """Return under which kinds a user id is borne: verified, and as each source's own word for somebody."""
    names = [str(name) for (name,) in platform.door.lookup(select(SOURCE.c.name).order_by(SOURCE.c.source))]
    return [USER_ID, *(scoped(USER_ID, name) for name in names)]


def _bearers(conn: Connection, wanted: list[tuple[str, str]], claimed: list[str], platform: Platform) -> list[str]:
    """Return who bears these, and whoever claims one and verifiably is nobody: a browser's profile, after a sign-in."""
    i, given = IDENTIFIER.c, Given(conn.dialect.name, 1)
    found: set[str] = set()
    by_kind: dict[str, list[str]] = {}
    for kind, token in wanted:
        by_kind.setdefault(kind, []).append(token)
    for kind, tokens in by_kind.items():
        mine = select(i.customer_id).where(i.entity == CUSTOMER, i.kind == kind, given.holds(i.token))
        found |= set(conn.execute(mine, given.texts(tokens)).scalars())
    claims = select(LINK.c.customer_id).where(LINK.c.kind == USER_ID, given.holds(LINK.c.token))
    claiming = set(conn.execute(claims, given.texts(claimed)).scalars()) - found
    kinds = known_kinds(platform.in_force().catalogue)
    known = select(i.customer_id).where(
        i.entity == CUSTOMER, i.verified == true(), i.kind.in_(sorted(kinds)), given.holds(i.customer_id)
    )  # fmt: skip
    somebody = set(conn.execute(known, given.texts(claiming)).scalars())
    return sorted(found | (claiming - somebody))


def _fail(platform: Platform, number: str) -> bool:
    with platform.door.record(_entry(number, "again")) as change:
        mine = _G.regulation_id == number
        change.conn.execute(update(REGULATION).where(mine).values(attempts=_G.attempts + 1))
        if (change.conn.execute(select(_G.attempts).where(mine)).scalar_one_or_none() or 0) < ATTEMPTS:
            return False
        _end(change.conn, number, FAILED)
    return True


def _end(conn: Connection, number: str, status: str) -> None:
    mine = update(REGULATION).where(_G.regulation_id == number, _WAITING)
    conn.execute(mine.values(status=status, finished_at=timestamp()))
    conn.execute(delete(REGULATION_BODY).where(REGULATION_BODY.c.regulation_id == number))


def _entry(number: str, step: str) -> Entry:
    return Entry("change", "regulation", WORKER, None, {"regulation": number, "step": step})
