"""Hearing a canary named from outside: by an import, an event, a sign-in. Nobody was ever told of her.

It is noted in the transaction of whatever names her, under its entry; `cdp.services.canaries.look` makes an alarm of
it. The one who names her is answered as for anybody.
"""

import secrets
from collections.abc import Collection

import orjson
from sqlalchemy import Connection, delete, insert, select

from audit.door import Change
from cdp.services.canaries.known import KEY, canaries_in
from cdp.store.watching import CANARY_NAMED
from cdp.vault.parcel import open_parcel, seal_parcel
from cdp.vault.vault import Vault


def hear(change: Change, vault: Vault, tokens: Collection[tuple[str, str]]) -> None:
    """Note it if one of these identifiers is a canary's.

    Args:
        tokens: kinds and blind tokens in hex.
    """
    named = set(tokens)
    found = [each.ordinal for each in canaries_in(change.conn, vault) if not named.isdisjoint(each.tokens)]
    if not found:
        return
    before, conn, name = change.when_numbered, change.conn, secrets.token_hex(16)
    sealed = seal_parcel(vault.platform_key(KEY), f"named/{name}", orjson.dumps(found[:100]))

    def numbered(entry: int) -> None:
        if before is not None:
            before(entry)
        conn.execute(insert(CANARY_NAMED).values(named=name, entry=entry, sealed=sealed))

    change.when_numbered = numbered


def heard(conn: Connection, vault: Vault) -> dict[int, set[int]]:
    """Return under which entries whom of them was named, by their ordinals."""
    found: dict[int, set[int]] = {}
    for name, entry, sealed in conn.execute(select(CANARY_NAMED)):
        opened = open_parcel(vault.platform_key(KEY), f"named/{name}", bytes(sealed))
        found.setdefault(int(entry), set()).update(orjson.loads(opened))
    return found


def forget(conn: Connection, entries: Collection[int]) -> None:
    """Let go of what has become an alarm."""
    conn.execute(delete(CANARY_NAMED).where(CANARY_NAMED.c.entry.in_(sorted(entries))))
