"""Who is a canary. It stands sealed, in one table that no view reads, under names that say nothing."""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from typing import Final

import orjson
from sqlalchemy import Connection, delete, select

from cdp.bootstrap import Platform
from cdp.store.bulk import insert_rows
from cdp.store.watching import CANARY
from cdp.vault.parcel import open_parcel, seal_parcel
from cdp.vault.vault import Vault

KEY: Final = "canaries"
LENGTH: Final = 1024
"""So many bytes each is sealed in: the length says nothing of her either."""


_ALL: Final = select(CANARY.c.canary, CANARY.c.sealed)


@dataclass(frozen=True, slots=True)
class Canary:
    """One of them.

    Attributes:
        since: the first entry of the log that may be about her.
        refuses: whether she refused everything from the start.
        tokens: of her identifiers in the blind index, with their kinds.
    """

    customer_id: str
    ordinal: int
    since: int
    refuses: bool
    tokens: tuple[tuple[str, str], ...] = ()


def canaries(platform: Platform) -> list[Canary]:
    """Return all of them."""
    rows = platform.door.lookup(_ALL)
    return [_opened(platform.vault, str(name), bytes(sealed)) for name, sealed in rows]


def canaries_in(conn: Connection, vault: Vault) -> list[Canary]:
    """Return all of them, in a transaction that is under way."""
    return [_opened(vault, name, bytes(sealed)) for name, sealed in conn.execute(_ALL)]


def canary_ids(conn: Connection, vault: Vault) -> list[str]:
    """Return their customer ids, in a transaction that is under way, for whatever counts people or writes to them."""
    return sorted(each.customer_id for each in canaries_in(conn, vault))


def keep(conn: Connection, vault: Vault, made: Sequence[Canary]) -> None:
    """Keep new ones, in the transaction in which they are made."""
    rows = []
    for each in made:
        name = secrets.token_hex(16)
        said = orjson.dumps(asdict(each)).ljust(LENGTH)
        rows.append([name, seal_parcel(vault.platform_key(KEY), name, said)])
    insert_rows(conn, CANARY, rows)


def forget_canaries(conn: Connection, vault: Vault, ids: Collection[str]) -> None:
    """Let go of who was a canary."""
    names = [name for name, sealed in conn.execute(_ALL) if _opened(vault, name, bytes(sealed)).customer_id in ids]
    conn.execute(delete(CANARY).where(CANARY.c.canary.in_(names)))


def _opened(vault: Vault, name: str, sealed: bytes) -> Canary:
    said = orjson.loads(open_parcel(vault.platform_key(KEY), name, sealed))
    return Canary(**{**said, "tokens": tuple(map(tuple, said["tokens"]))})
