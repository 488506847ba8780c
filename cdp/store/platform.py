"""The platform's own tables.

Made by the migrations in `migrations/platform`; a test compares the two. Each table says whose data it holds:
`owner` is the column that names the customer, or None. The door lets `lookup` read only tables without an owner.
Times are UTC in ISO 8601.
"""

from typing import Final

from sqlalchemy import CheckConstraint, Column, Index, PrimaryKeyConstraint, Table, text

from cdp.store.agreeing import TABLES as _AGREEING
from cdp.store.arriving import TABLES as _ARRIVING
from cdp.store.asking import TABLES as _ASKING
from cdp.store.columns import BYTES, FLAG, INTEGER, TEXT
from cdp.store.exporting import TABLES as _EXPORTING
from cdp.store.keeping import TABLES as _KEEPING
from cdp.store.metadata import METADATA as _METADATA, table as _table
from cdp.store.opening import TABLES as _OPENING
from cdp.store.origins import TABLES as _ORIGINS
from cdp.store.people import TABLES as _PEOPLE
from cdp.store.proposing import TABLES as _PROPOSING
from cdp.store.regulating import TABLES as _REGULATING
from cdp.store.reporting import TABLES as _REPORTING
from cdp.store.searching import TABLES as _SEARCHING
from cdp.store.sign_in import TABLES as _SIGN_IN
from cdp.store.staff import TABLES as _STAFF
from cdp.store.stating import TABLES as _STATING
from cdp.store.watching import TABLES as _WATCHING

METADATA: Final = _METADATA

ELSEWHERE: Final = {
    "agreeing": _AGREEING, "arriving": _ARRIVING, "asking": _ASKING, "exporting": _EXPORTING,
    "keeping": _KEEPING, "opening": _OPENING, "origins": _ORIGINS, "people": _PEOPLE,
    "proposing": _PROPOSING, "regulating": _REGULATING, "reporting": _REPORTING, "searching": _SEARCHING,
    "sign_in": _SIGN_IN, "staff": _STAFF, "stating": _STATING, "watching": _WATCHING,
}  # fmt: skip
"""Those that other modules of `cdp.store` describe, by module."""


def _version_table(name: str) -> Table:
    return _table(
        name,
        Column("version", INTEGER, primary_key=True, autoincrement=False),
        Column("digest", TEXT, nullable=False),
        Column("body", TEXT, nullable=False),
        Column("author", TEXT, nullable=False),
        Column("created_at", TEXT, nullable=False),
        owner=None,
    )


CATALOGUE_VERSION: Final = _version_table("cdp_catalogue_version")
POLICY_VERSION: Final = _version_table("cdp_policy_version")

IN_FORCE: Final = _table(
    "cdp_in_force",
    Column("one", INTEGER, CheckConstraint("one = 1"), primary_key=True, autoincrement=False),
    Column("catalogue_version", INTEGER, nullable=False),
    Column("catalogue_digest", TEXT, nullable=False),
    Column("policy_version", INTEGER, nullable=False),
    Column("policy_digest", TEXT, nullable=False),
    Column("applying", INTEGER),
    Column("vault", TEXT, nullable=False),
    owner=None,
)
"""One row: what decides every read now. `applying` is the catalogue version that rows are being re-shaped for; `vault`
is the fingerprint of the vault that sealed what is here."""

COUNTER: Final = _table(
    "cdp_counter",
    Column("name", TEXT, primary_key=True),
    Column("next", INTEGER, nullable=False),
    owner=None,
)
"""Where the next block of ordinals of an entity begins."""

IDENTIFIER: Final = _table(
    "cdp_identifier",
    Column("customer_id", TEXT, nullable=False),
    Column("entity", TEXT, nullable=False),
    Column("row_id", TEXT, nullable=False),
    Column("kind", TEXT, nullable=False),
    Column("token", TEXT, nullable=False),
    Column("verified", FLAG, nullable=False),
    Column("alias", FLAG, nullable=False, server_default=text("0")),
    PrimaryKeyConstraint("customer_id", "entity", "row_id", "kind", "token"),
    Index("cdp_identifier_token", "entity", "kind", "token"),
    Index(
        "cdp_identifier_verified",
        "entity",
        "kind",
        "token",
        unique=True,
        sqlite_where=text("verified = 1"),
        postgresql_where=text("verified"),
    ),
    owner="customer_id",
)
"""The keyed blind index: who bears an identifier. A verified one has one bearer. An alias stands in no field of the
row: what events call a person, a former address, what a merge has brought; it stays when the row is written anew."""

WORD: Final = _table(
    "cdp_word",
    Column("customer_id", TEXT, nullable=False),
    Column("entity", TEXT, nullable=False),
    Column("row_id", TEXT, nullable=False),
    Column("field", TEXT, nullable=False),
    Column("token", TEXT, nullable=False),
    PrimaryKeyConstraint("customer_id", "entity", "row_id", "field", "token"),
    Index("cdp_word_token", "entity", "field", "token"),
    owner="customer_id",
)
"""The keyed blind index of the words of fields with `search: words`."""

TOKEN: Final = _table(
    "cdp_token",
    Column("customer_id", TEXT, nullable=False),
    Column("entity", TEXT, nullable=False),
    Column("row_id", TEXT, nullable=False),
    Column("scope", TEXT, nullable=False),
    Column("token", TEXT, nullable=False),
    PrimaryKeyConstraint("customer_id", "entity", "row_id", "scope"),
    Index("cdp_token_token", "scope", "entity", "token", unique=True),
    owner="customer_id",
)
"""Random pseudonyms: one per row, recipient and purpose. Deleting the row erases the link."""

TOKEN_SCOPE: Final = _table(
    "cdp_token_scope",
    Column("scope", TEXT, nullable=False),
    Column("entity", TEXT, nullable=False),
    PrimaryKeyConstraint("scope", "entity"),
    owner=None,
)
"""For which scopes rows of an entity are given a token when they are written."""

CONSENT_EVENT: Final = _table(
    "cdp_consent_event",
    Column("customer_id", TEXT, nullable=False),
    Column("event_id", TEXT, nullable=False),
    Column("choice", TEXT, nullable=False),
    Column("state", TEXT, CheckConstraint("state IN ('refused', 'allowed')"), nullable=False),
    Column("effective_at", TEXT, nullable=False),
    Column("received_at", TEXT, nullable=False),
    Column("source", TEXT, nullable=False),
    Column("evidence", TEXT, nullable=False),
    Column("jurisdiction", TEXT),
    Column("reference", TEXT),
    PrimaryKeyConstraint("customer_id", "event_id"),
    owner="customer_id",
)
"""What a person refused or allowed, append-only: triggers refuse UPDATE, and DELETE but for those being erased."""

LOG_ENTRY: Final = _table(
    "cdp_log_entry",
    Column("number", INTEGER, primary_key=True, autoincrement=False),
    Column("entry", BYTES, nullable=False),
    Column("leaf", BYTES, nullable=False),
    owner=None,
)
LOG_TILE: Final = _table(
    "cdp_log_tile",
    Column("level", INTEGER, nullable=False),
    Column("number", INTEGER, nullable=False),
    Column("hash", BYTES, nullable=False),
    PrimaryKeyConstraint("level", "number"),
    owner=None,
)
"""For each full tile of 256 hashes the hash over it (`audit.tiles`)."""

LOG_HEAD: Final = _table(
    "cdp_log_head",
    Column("one", INTEGER, CheckConstraint("one = 1"), primary_key=True, autoincrement=False),
    Column("frontier", BYTES, nullable=False),
    owner=None,
)
"""One row: the right edge of the tree. Its lock is what orders appends."""

LOG_CHECKPOINT: Final = _table(
    "cdp_log_checkpoint",
    Column("size", INTEGER, primary_key=True, autoincrement=False),
    Column("note", BYTES, nullable=False),
    Column("signed_at", TEXT, nullable=False),
    owner=None,
)
"""What the log signed, and witnesses cosigned, of trees of these sizes (`audit.stored_checkpoint`)."""

LOG_DROPPED: Final = _table(
    "cdp_log_dropped",
    Column("number", INTEGER, primary_key=True, autoincrement=False),
    Column("leaves", BYTES, nullable=False),
    owner=None,
)
"""The 256 leaf hashes of each full tile whose entries were dropped (`audit.retention`): proofs go on without them."""

LOG_SUBJECT: Final = _table(
    "cdp_log_subject",
    Column("block", INTEGER, nullable=False),
    Column("entry", INTEGER, nullable=False),
    Column("salt", BYTES, nullable=False),
    Column("members", BYTES, nullable=False),
    Column("low", INTEGER, nullable=False, server_default="0"),
    Column("high", INTEGER, nullable=False, server_default="65535"),
    PrimaryKeyConstraint("block", "entry"),
    Index("cdp_log_subject_entry", "entry"),
    Index("cdp_log_subject_member", "block", "low", "high"),
    owner="block",
)
"""Whom an entry is about: roaring bitmaps of ordinals, by blocks of 65,536; the entry commits to them, salted. No
member is below `low` or above `high`, so that most rows need not be looked into."""

LOG_NOTE: Final = _table(
    "cdp_log_note",
    Column("entry", INTEGER, primary_key=True, autoincrement=False),
    Column("salt", BYTES, nullable=False),
    Column("sealed", BYTES, nullable=False),
    owner="entry",
)
"""The reason a person gave for a read, sealed; the entry commits to it, salted."""

RELEASE: Final = _table(
    "cdp_release",
    Column("release", INTEGER, primary_key=True, autoincrement=False),
    Column("view", TEXT, nullable=False),
    Column("plan_digest", TEXT, nullable=False),
    Column("columns", TEXT, nullable=False),
    Column("k", INTEGER, nullable=False),
    Column("diversity", INTEGER, nullable=False),
    Column("size", INTEGER, nullable=False),
    Column("suppressed", INTEGER, nullable=False),
    Column("created_at", TEXT, nullable=False),
    owner=None,
)
"""The register of anonymised releases; each has a table `cdp_release_<number>` that refuses UPDATE and DELETE."""

IMPORT: Final = _table(
    "cdp_import",
    Column("digest", TEXT, primary_key=True),
    Column("entity", TEXT, nullable=False),
    Column("bytes_done", INTEGER, nullable=False),
    Column("rows_done", INTEGER, nullable=False),
    Column("created", INTEGER, nullable=False),
    Column("updated", INTEGER, nullable=False),
    Column("unchanged", INTEGER, nullable=False),
    Column("rejected", INTEGER, nullable=False),
    Column("finished", FLAG, nullable=False),
    owner=None,
)
"""How far an import has come; committed with its rows, so that it resumes exactly."""

IDEMPOTENCY: Final = _table(
    "cdp_idempotency",
    Column("principal", TEXT, nullable=False),
    Column("key", TEXT, nullable=False),
    Column("request", TEXT, nullable=False),
    Column("status", INTEGER, nullable=False),
    Column("etag", TEXT, nullable=False),
    Column("created_at", TEXT, nullable=False),
    PrimaryKeyConstraint("principal", "key"),
    Index("cdp_idempotency_age", "created_at"),
    owner=None,
)
"""What became of apps' changes in the last day, by keyed digests; what was asked cannot be read from them."""


APP: Final = _table(
    "cdp_app",
    Column("client_id", TEXT, primary_key=True),
    Column("name", TEXT, nullable=False),
    Column("role", TEXT, nullable=False),
    Column("purpose", TEXT, nullable=False),
    Column("views", TEXT, nullable=False),
    Column("secret", BYTES, nullable=False),
    Column("created_at", TEXT, nullable=False),
    Column("created_by", TEXT, nullable=False),
    Column("expires_at", TEXT),
    Column("revoked_at", TEXT),
    Column("renewed", INTEGER, nullable=False, server_default=text("0")),
    Column("used_at", TEXT),
    Column("confirmed_at", TEXT),
    Column("confirmed_by", TEXT),
    Column("provenance", INTEGER),
    Index(
        "cdp_app_name",
        "name",
        unique=True,
        sqlite_where=text("revoked_at IS NULL"),
        postgresql_where=text("revoked_at IS NULL"),
    ),
    owner=None,
)
"""Downstream apps: what each may read, the digest of its secret and how often that was renewed, when it last asked for
a token, and who confirmed when that it still needs what it reads. Programs, not people."""
