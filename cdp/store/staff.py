"""The platform's own tables of staff: accounts, one-time links, recovery codes, passkeys.

As `cdp.store.platform`, of which they are a part. They are about no customer.
"""

from typing import Final

from sqlalchemy import Column, Index, PrimaryKeyConstraint, text

from cdp.store.columns import BYTES, INTEGER, TEXT
from cdp.store.metadata import table
from cdp.store.sign_in import passkey_table

STAFF: Final = table(
    "cdp_staff",
    Column("staff", TEXT, primary_key=True),
    Column("name", TEXT, nullable=False),
    Column("role", TEXT, nullable=False),
    Column("address", BYTES, nullable=False),
    Column("address_token", TEXT, nullable=False),
    Column("password", TEXT),
    Column("totp", BYTES),
    Column("totp_step", INTEGER, nullable=False),
    Column("subject", TEXT),
    Column("created_at", TEXT, nullable=False),
    Column("created_by", TEXT, nullable=False),
    Column("welcomed_at", TEXT),
    Column("disabled_at", TEXT),
    Column("signed_in_at", TEXT),
    Column("confirmed_at", TEXT),
    Column("confirmed_by", TEXT),
    Index("cdp_staff_name", "name", unique=True),
    Index("cdp_staff_subject", "subject", unique=True),
    Index(
        "cdp_staff_address",
        "address_token",
        unique=True,
        sqlite_where=text("disabled_at IS NULL"),
        postgresql_where=text("disabled_at IS NULL"),
    ),
    owner=None,
)
"""Accounts of staff: the password hashed (Argon2id), address and secret of one-time codes sealed. A name is never given
to somebody else: the log knows people by it."""

STAFF_LINK: Final = table(
    "cdp_staff_link",
    Column("link", TEXT, primary_key=True),
    Column("staff", TEXT, nullable=False),
    Column("expires_at", TEXT, nullable=False),
    owner=None,
)
"""Links by which staff choose how they sign in, each once: hashes."""

RECOVERY_CODE: Final = table(
    "cdp_recovery_code",
    Column("staff", TEXT, nullable=False),
    Column("code", TEXT, nullable=False),
    PrimaryKeyConstraint("staff", "code"),
    owner=None,
)
"""Codes for the day an authenticator is lost: keyed hashes; one that was used is gone."""

STAFF_PASSKEY: Final = passkey_table("cdp_staff_passkey", "staff", owner=None)
"""Passkeys of staff, as those of customers; sealed under a key of the platform."""

TABLES: Final = (STAFF, STAFF_LINK, RECOVERY_CODE, STAFF_PASSKEY)
