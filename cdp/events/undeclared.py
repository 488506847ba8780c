"""Events, properties and columns that the catalogue does not know: told by name, so that somebody can decide.

A name comes from a stranger and may itself say something of a person, so names are sealed. Of each source so many are
told at most; what is beyond is kept sealed with its event all the same.
"""

import hashlib
from collections import Counter
from collections.abc import Mapping
from typing import Final, NamedTuple

import orjson
from sqlalchemy import Connection, bindparam, func, select
from sqlalchemy.dialects import postgresql, sqlite

from audit.entries import timestamp
from cdp.store.arriving import UNDECLARED
from cdp.store.given import Given
from cdp.vault.parcel import open_parcel, seal_parcel
from cdp.vault.vault import Vault

MAX_NAMES: Final = 1_000
FILES: Final = 0
"""In place of the number of a source: columns of files that were imported."""

UNDECLARED_KEY: Final = "undeclared"


class Name(NamedTuple):
    """A name that is not known.

    Attributes:
        part: of what: `events`, `traits`, `context`, or the event whose property it is; of a file, the entity.
    """

    part: str
    name: str


def note_names(
    conn: Connection, vault: Vault, source: int, names: Mapping[Name, int], looks: Mapping[Name, Mapping[str, int]]
) -> None:
    """Note that names came so often, and what some of their values looked like."""
    key, at = vault.platform_key(UNDECLARED_KEY), timestamp()
    tokens = {_token(key, source, name): (name, number) for name, number in names.items()}
    if not tokens:
        return
    c, given = UNDECLARED.c, Given(conn.dialect.name, 1)
    wanted = select(c.token, c.looks).where(given.holds(c.token))
    known = {row.token: row.looks for row in conn.execute(wanted, given.texts(tokens))}
    if len(known) < len(tokens):
        room = MAX_NAMES - conn.execute(select(func.count()).where(c.source == source)).scalar_one()
        new = [token for token in sorted(tokens) if token not in known]
        for token in new[max(0, room) :]:
            del tokens[token]
    insert = postgresql.insert if conn.dialect.name == "postgresql" else sqlite.insert
    added = insert(UNDECLARED).values({each.name: bindparam(each.name) for each in c})
    merged = added.on_conflict_do_update(
        index_elements=[c.token], set_={
            "seen": c.seen + added.excluded.seen, "last_at": added.excluded.last_at, "looks": added.excluded.looks,
        }
    )  # fmt: skip
    rows = [
        {
            "token": token, "source": source, "sealed": seal_parcel(key, token, orjson.dumps(list(name))),
            "seen": number, "looks": _added(known.get(token, ""), looks.get(name, {})), "first_at": at, "last_at": at,
        }
        for token, (name, number) in sorted(tokens.items())
    ]  # fmt: skip
    if rows:
        conn.execute(merged, rows)


def open_name(key: bytes, token: str, sealed: bytes) -> Name:
    """Return a name that was noted.

    Raises:
        Unavailable: `parcel_damaged`.
    """
    return Name(*orjson.loads(open_parcel(key, token, bytes(sealed))))


def _added(held: str, more: Mapping[str, int]) -> str:
    counts = Counter(orjson.loads(held or "{}"))
    counts.update(more)
    return orjson.dumps(counts, option=orjson.OPT_SORT_KEYS).decode()


def _token(key: bytes, source: int, name: Name) -> str:
    data = orjson.dumps([source, *name])
    return hashlib.blake2b(data, key=key, digest_size=16, person=b"cdp/undeclared").hexdigest()
