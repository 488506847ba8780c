"""The tables of the key store, as `migrations/keys` makes them; a test compares the two.

Design section 5. `owner` names the column that says whose row it is, or None.
"""

from typing import Final

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
)

METADATA: Final = MetaData()

TEXT: Final = Text().with_variant(Text(collation="C"), "postgresql")
"""Ordered by bytes on both engines, so that sorted ids are sorted everywhere."""

WRAPPING_KEY: Final = Table(
    "wrapping_key",
    METADATA,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("kek_id", TEXT, nullable=False),
    Column("wrapped", LargeBinary),
    Column("created_at", TEXT, nullable=False),
    Column("retired_at", TEXT),
    CheckConstraint("(wrapped IS NULL) = (retired_at IS NOT NULL)", name="wrapping_key_retired"),
    info={"owner": None},
    sqlite_strict=True,
)
"""One row, but for the time of a rotation. A retired row has lost its key and waits for that of its `kek_id`."""

CUSTOMER_KEY: Final = Table(
    "customer_key",
    METADATA,
    Column("customer_id", TEXT, primary_key=True),
    Column("wrapping_version", Integer, ForeignKey(WRAPPING_KEY.c.version), nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
    info={"owner": "customer_id"},
    sqlite_strict=True,
    sqlite_with_rowid=False,
)
"""One row for each customer. No row, no key: what was sealed for her cannot be opened again."""

PLATFORM_KEY: Final = Table(
    "platform_key",
    METADATA,
    Column("name", TEXT, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("wrapping_version", Integer, ForeignKey(WRAPPING_KEY.c.version), nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
    info={"owner": None},
    sqlite_strict=True,
    sqlite_with_rowid=False,
)
"""The platform's own keys by name: blind index, notes, and others that the layers above ask for."""

TOMBSTONE: Final = Table(
    "tombstone",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("customer_id", TEXT, nullable=False, unique=True),
    Column("erased_at", TEXT, nullable=False),
    info={"owner": "customer_id"},
    sqlite_strict=True,
)
"""Who was erased, numbered without gaps in the order in which their keys went: a random id and nothing else."""

SUPPRESSED: Final = Table(
    "suppressed",
    METADATA,
    Column("token", TEXT, primary_key=True),
    Column("cause", TEXT, nullable=False),
    Column("since", TEXT, nullable=False),
    info={"owner": "token"},
    sqlite_strict=True,
    sqlite_with_rowid=False,
)
"""Identifiers that are not taken in again, as keyed tokens; `cause` is `erased` or `suppressed`."""

REFUSAL: Final = Table(
    "refusal",
    METADATA,
    Column("customer_id", TEXT, primary_key=True),
    Column("event_id", TEXT, primary_key=True),
    Column("choice", TEXT, nullable=False),
    Column("effective_at", TEXT, nullable=False),
    Column("size", BigInteger().with_variant(Integer, "sqlite"), nullable=False),
    Index("refusal_by_size", "size"),
    info={"owner": "customer_id"},
    sqlite_strict=True,
    sqlite_with_rowid=False,
)
"""Acts by which customers refused; `size` is how many entries the log had just before."""
