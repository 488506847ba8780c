"""The user ids that regulators had suppressed, kept so that they can be listed; of the erased none is kept."""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import Connection, delete, func, insert, select

from audit.entries import Entry
from cdp.bootstrap import Platform
from cdp.services.regulations.ask import KEY
from cdp.services.regulations.keys import Regulator
from cdp.store.given import Given
from cdp.store.regulating import SUPPRESSED_NAME
from cdp.vault.parcel import open_parcel, seal_parcel

_S: Final = SUPPRESSED_NAME.c


def list_suppressed(platform: Platform, regulator: Regulator, *, offset: int, limit: int) -> tuple[list[str], int]:
    """Return user ids that are suppressed, in a fixed order, and how many there are in all."""
    key = platform.vault.platform_key(KEY)
    with platform.door.record(Entry("disclosure", "read_suppressions", regulator.principal, None)) as change:
        total = change.conn.execute(select(func.count()).select_from(SUPPRESSED_NAME)).scalar_one()
        wanted = select(_S.token, _S.sealed).order_by(_S.since, _S.token).offset(offset).limit(limit)
        rows = change.conn.execute(wanted).all()
        change.facts["rows"] = len(rows)
    return [open_parcel(key, row.token, bytes(row.sealed)).decode() for row in rows], int(total)


def remember(conn: Connection, key: bytes, names: Mapping[str, str], *, at: str) -> None:
    """Keep names, by their tokens, each once."""
    given = Given(conn.dialect.name, 1)
    held = select(_S.token).where(given.holds(_S.token))
    known = set(conn.execute(held, given.texts(names)).scalars())
    new = [
        {"token": token, "sealed": seal_parcel(key, token, name.encode()), "since": at}
        for token, name in names.items() if token not in known
    ]  # fmt: skip
    if new:
        conn.execute(insert(SUPPRESSED_NAME), new)


def forget(conn: Connection, names: Mapping[str, str]) -> None:
    """Keep names no more."""
    given = Given(conn.dialect.name, 1)
    conn.execute(
        delete(SUPPRESSED_NAME).where(given.holds(_S.token)), given.texts(names)
    )  # fmt: skip
