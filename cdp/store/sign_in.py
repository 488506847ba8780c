"""The platform's own tables by which customers get in: sign-in links, sessions, passkeys, what is held meanwhile.

As `cdp.store.platform`, of which they are a part.
"""

from typing import Final

from sqlalchemy import Column, Index, PrimaryKeyConstraint, Table

from cdp.store.columns import BYTES, INTEGER, TEXT
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
    Column("letter", BYTES),
    Column("next_at", TEXT),
    Index("cdp_sign_in_link_asked", "asked", "created_at"),
    Index("cdp_sign_in_link_next", "next_at"),
    owner=None,
)
"""Links by which customers sign in: hashes of secrets, whose each is sealed, and a keyed token of the address. `letter`
is what is sent with it, sealed, until that is done."""

SESSION: Final = table(
    "cdp_session",
    Column("session", TEXT, primary_key=True),
    Column("kind", TEXT, nullable=False),
    Column("secret", TEXT, nullable=False),
    Column("next", TEXT),
    Column("holder", BYTES, nullable=False),
    Column("bearer", TEXT, nullable=False),
    Column("device", TEXT, nullable=False),
    Column("proved_by", TEXT, nullable=False),
    Column("created_at", TEXT, nullable=False),
    Column("seen_at", TEXT, nullable=False),
    Column("expires_at", TEXT, nullable=False),
    Column("proved_at", TEXT, nullable=False),
    Column("rotated_at", TEXT, nullable=False),
    Index("cdp_session_secret", "secret", unique=True),
    Index("cdp_session_next", "next", unique=True),
    Index("cdp_session_bearer", "bearer"),
    owner=None,
)
"""Who is signed in: hashes of the secret that the browser holds and of the one it is being given next; whose each is
sealed, and a keyed token, so that all of one person's end together. `device` is one of a few words."""

SPENT_SECRET: Final = table(
    "cdp_spent_secret",
    Column("secret", TEXT, primary_key=True),
    Column("session", TEXT, nullable=False),
    Column("stops_at", TEXT, nullable=False),
    Column("spent_at", TEXT, nullable=False),
    Index("cdp_spent_secret_session", "session"),
    owner=None,
)
"""Secrets that a session had before: whoever comes with one later has copied it, and the session ends."""

HELD_FORM: Final = table(
    "cdp_held_form",
    Column("held", TEXT, primary_key=True),
    Column("session", TEXT, nullable=False),
    Column("bearer", TEXT, nullable=False),
    Column("sealed", BYTES, nullable=False),
    Column("expires_at", TEXT, nullable=False),
    Index("cdp_held_form_session", "session"),
    owner=None,
)
"""What somebody had typed when she had to prove first who she is; sealed under a secret that only her browser holds."""

CHALLENGE: Final = table(
    "cdp_challenge",
    Column("challenge", TEXT, primary_key=True),
    Column("browser", TEXT, nullable=False),
    Column("use", TEXT, nullable=False),
    Column("expires_at", TEXT, nullable=False),
    Index("cdp_challenge_age", "expires_at"),
    owner=None,
)
"""Challenges that passkeys sign, each once, and only in the browser that asked for it: hashes."""


def passkey_table(name: str, holder: str, *, owner: str | None) -> Table:
    """Return a table of passkeys of whoever the column `holder` names."""
    return table(
        name,
        Column(holder, TEXT, nullable=False),
        Column("passkey", TEXT, nullable=False),
        Column("sealed", BYTES, nullable=False),
        Column("sign_count", INTEGER, nullable=False),
        Column("created_at", TEXT, nullable=False),
        Column("used_at", TEXT),
        Column("doubted_at", TEXT),
        PrimaryKeyConstraint(holder, "passkey"),
        Index(f"{name}_passkey", "passkey", unique=True),
        owner=owner,
    )


PASSKEY: Final = passkey_table("cdp_passkey", "customer_id", owner="customer_id")
"""Passkeys of customers, by the hash of the id that the authenticator gave them; public key and name are sealed under
the key of the customer. `doubted_at` says when one was used that counts behind: there is a copy of it."""

OIDC_JOURNEY: Final = table(
    "cdp_oidc_journey",
    Column("state", TEXT, primary_key=True),
    Column("browser", TEXT, nullable=False),
    Column("kind", TEXT, nullable=False),
    Column("sealed", BYTES, nullable=False),
    Column("expires_at", TEXT, nullable=False),
    Index("cdp_oidc_journey_age", "expires_at"),
    owner=None,
)
"""Who is on the way to an organisation's provider and back: hashes; nonce and verifier are sealed."""

OIDC_CUSTOMER: Final = table(
    "cdp_oidc_customer",
    Column("customer_id", TEXT, nullable=False),
    Column("subject", TEXT, nullable=False),
    Column("linked_at", TEXT, nullable=False),
    PrimaryKeyConstraint("customer_id", "subject"),
    Index("cdp_oidc_customer_subject", "subject", unique=True),
    owner="customer_id",
)
"""Which subject of a provider is which customer, by keyed tokens."""

TABLES: Final = (SIGN_IN_LINK, SESSION, SPENT_SECRET, HELD_FORM, CHALLENGE, PASSKEY, OIDC_JOURNEY, OIDC_CUSTOMER)
