"""The platform's own tables by which customers get in: sign-in links and sessions.

As `cdp.store.platform`, of which they are a part.
"""

from typing import Final

from sqlalchemy import Column, Index

from cdp.store.columns import BYTES, TEXT
from cdp.store.metadata import table

SIGN_IN_LINK: Final = table(
    "cdp_sign_in_link",
    Column("link", TEXT, primary_key=True),
    Column("browser", TEXT, nullable=False),
    Column("holder", BYTES, nullable=False),
    Column("asked", TEXT, nullable=False),
    Column("created_at", TEXT, nullable=False),
    Column("expires_at", TEXT, nullable=False),
    Column("used_at", TEXT),
    Index("cdp_sign_in_link_asked", "asked", "created_at"),
    owner=None,
)
"""Links by which customers sign in: hashes of secrets, whose each is sealed, and a keyed token of the address."""

SESSION: Final = table(
    "cdp_session",
    Column("session", TEXT, primary_key=True),
    Column("holder", BYTES, nullable=False),
    Column("bearer", TEXT, nullable=False),
    Column("created_at", TEXT, nullable=False),
    Column("seen_at", TEXT, nullable=False),
    Column("expires_at", TEXT, nullable=False),
    Column("proven_at", TEXT, nullable=False),
    Index("cdp_session_bearer", "bearer"),
    owner=None,
)
"""Who is signed in: hashes of secrets; whose each is sealed, and a keyed token, so that all of hers end together."""

TABLES: Final = (SIGN_IN_LINK, SESSION)
