"""The catalogue and the policy in force, and every version before them.

Design section 4, Versions. Every log entry names both digests, so a past answer can be explained as of its date.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, Select, Table, func, insert, select, update

from cdp.store.platform import IN_FORCE, LOG_HEAD


@dataclass(frozen=True, slots=True)
class Force:
    """What is in force: version numbers, 0 for none yet; digests; and which catalogue version is being applied."""

    catalogue_version: int
    catalogue_digest: str
    policy_version: int
    policy_digest: str
    applying: int | None
    vault: str


def force_query() -> Select[tuple[int, str, int, str, int | None, str]]:
    """Return the query whose one row makes a `Force`."""
    c = IN_FORCE.c
    return select(c.catalogue_version, c.catalogue_digest, c.policy_version, c.policy_digest, c.applying, c.vault)


def lock_force(conn: Connection) -> Force:
    """Return what is in force and hold it until the transaction ends.

    The head of the log is locked with it, as every append does: two locks taken in one order cannot deadlock.
    """
    # PostgreSQL locks in the order of FROM, and appends lock the head first.
    both = LOG_HEAD.join(IN_FORCE, LOG_HEAD.c.one == IN_FORCE.c.one)
    query = force_query().select_from(both).with_for_update()
    return Force(**conn.execute(query).mappings().one())


def body_query(table: Table, version: int) -> Select[tuple[str]]:
    """Return the query for the canonical text of one version."""
    return select(table.c.body).where(table.c.version == version)


def add_version(conn: Connection, table: Table, *, digest: str, body: str, author: str, at: str) -> int:
    """Add the next version to `CATALOGUE_VERSION` or `POLICY_VERSION` and return its number; it is not in force yet."""
    last = conn.execute(select(func.max(table.c.version))).scalar_one() or 0
    conn.execute(insert(table).values(version=last + 1, digest=digest, body=body, author=author, created_at=at))
    return int(last) + 1


def put_catalogue_in_force(conn: Connection, version: int, digest: str) -> None:
    """Make a catalogue version the one that decides; whatever was being applied is done with that."""
    conn.execute(update(IN_FORCE).values(catalogue_version=version, catalogue_digest=digest, applying=None))


def put_policy_in_force(conn: Connection, version: int, digest: str) -> None:
    """Make a policy version the one that decides."""
    conn.execute(update(IN_FORCE).values(policy_version=version, policy_digest=digest))


def begin_applying(conn: Connection, version: int) -> None:
    """Say that rows are being re-shaped for a catalogue version; until it is in force nothing is read or written."""
    conn.execute(update(IN_FORCE).values(applying=version))


def bind_vault(conn: Connection, fingerprint: str) -> None:
    """Keep the fingerprint of the vault with the data that it seals."""
    conn.execute(update(IN_FORCE).values(vault=fingerprint))
