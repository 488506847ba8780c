"""Claims: that a profile is the person who bears an identifier, as a source said without having verified it.

Nothing follows from a claim until the officer, or the person herself, has decided: no profile is joined, none is read
by it, none is changed. The identifier lies sealed under the key of the profile that claims it. A claim that is repeated
is there once; a source makes only so many for one profile.
"""

import uuid
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, func, select, update

from cdp.services.identity.caps import LINKS
from cdp.store.bulk import insert_rows
from cdp.store.given import Given
from cdp.store.people import LINK
from cdp.vault.seal import Sealer

PENDING: Final = "pending"
CONFIRMED: Final = "confirmed"
REJECTED: Final = "rejected"

_SEALER: Final = Sealer(LINK.name, "claim")
_FORMAT: Final = 1
_L: Final = LINK.c


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim as it is made.

    Attributes:
        token: the blind token of the identifier.
        text: the identifier as the source wrote it.
    """

    customer_id: str
    source: str
    kind: str
    token: str
    text: str


@dataclass(frozen=True, slots=True)
class Link:
    """A claim as it is kept; its identifier stays sealed until it is confirmed."""

    customer_id: str
    link_id: str
    source: str
    kind: str
    token: str
    state: str
    first_at: str


_LINK: Final = select(_L.customer_id, _L.link_id, _L.source, _L.kind, _L.token, _L.state, _L.first_at)


def add_claims(
    conn: Connection, keys: Mapping[str, bytes], claims: Iterable[Claim], *, at: str, most: int = LINKS
) -> int:
    """Keep claims that are new; return how many were dropped because a source has made `most` for their profile."""
    by_name = {(each.customer_id, each.source, each.kind, each.token): each for each in claims}
    if not by_name:
        return 0
    given = Given(conn.dialect.name, 1)
    known = select(_L.customer_id, _L.source, _L.kind, _L.token).where(given.holds(_L.customer_id))
    there = {tuple(row) for row in conn.execute(known, given.texts({name[0] for name in by_name}))}
    made, dropped, rows = Counter(name[:2] for name in there), 0, []
    for name, claim in sorted(by_name.items()):
        if name in there:
            continue
        if made[name[:2]] >= most:
            dropped += 1
            continue
        made[name[:2]] += 1
        link_id = str(uuid.uuid4())
        sealed = _SEALER.seal(keys[claim.customer_id], link_id, {"text": claim.text}, schema=_FORMAT)
        rows.append((claim.customer_id, link_id, claim.source, claim.kind, claim.token, sealed, PENDING, at, ""))
    insert_rows(conn, LINK, rows)
    return dropped


def read_links(conn: Connection, *, state: str, after: str = "", limit: int) -> list[Link]:
    """Return links in the order of their ids, from one on."""
    wanted = _LINK.where(_L.state == state, _L.link_id > after).order_by(_L.link_id).limit(limit)
    return [Link(*row) for row in conn.execute(wanted)]


def count_links(conn: Connection) -> dict[str, int]:
    """Return how many links there are, by state."""
    return {row[0]: int(row[1]) for row in conn.execute(select(_L.state, func.count()).group_by(_L.state))}


def find_link(conn: Connection, link_id: str) -> Link | None:
    """Return one link, locked."""
    row = conn.execute(_LINK.where(_L.link_id == link_id).with_for_update()).one_or_none()
    return None if row is None else Link(*row)


def open_link(conn: Connection, link: Link, key: bytes) -> str:
    """Return the identifier that is claimed."""
    mine = select(_L.sealed).where(_L.customer_id == link.customer_id, _L.link_id == link.link_id)
    return str(_SEALER.unseal(key, link.link_id, bytes(conn.execute(mine).scalar_one()))["text"])


def decide(conn: Connection, link: Link, state: str, *, by: str) -> None:
    """Say what was decided of a link."""
    mine = update(LINK).where(_L.customer_id == link.customer_id, _L.link_id == link.link_id)
    conn.execute(mine.values(state=state, decided_by=by))


def links_of_source(conn: Connection, source: str) -> Sequence[Link]:
    """Return all links that a source has made."""
    return [Link(*row) for row in conn.execute(_LINK.where(_L.source == source).order_by(_L.link_id))]


def drop_links(conn: Connection, links: Collection[Link]) -> None:
    """Delete links."""
    if links:
        given = Given(conn.dialect.name, 2)
        mine = LINK.delete().where(given.holds(_L.customer_id, _L.link_id))
        conn.execute(mine, given.values((each.customer_id, each.link_id) for each in links))
