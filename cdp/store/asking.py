"""The platform's own tables of what people ask for: requests, corrections, letters to them, notices to recipients.

As `cdp.store.platform`, of which they are a part. What somebody wrote, and what is written to her, is sealed under her
key: it goes with her.
"""

from typing import Final

from sqlalchemy import Column, Index, PrimaryKeyConstraint

from cdp.store.columns import BYTES, FLAG, INTEGER, TEXT
from cdp.store.metadata import table

REQUEST: Final = table(
    "cdp_request",
    Column("customer_id", TEXT, nullable=False),
    Column("request_id", TEXT, nullable=False),
    Column("kind", TEXT, nullable=False),
    Column("state", TEXT, nullable=False),
    Column("revision", INTEGER, nullable=False),
    Column("form", TEXT, nullable=False),
    Column("filed_by", TEXT, nullable=False),
    Column("taken_by", TEXT),
    Column("regime", TEXT, nullable=False),
    Column("clock", TEXT, nullable=False),
    Column("language", TEXT, nullable=False),
    Column("received_at", TEXT, nullable=False),
    Column("due_at", TEXT, nullable=False),
    Column("extended", FLAG, nullable=False),
    Column("pauses", TEXT, nullable=False),
    Column("paused_at", TEXT),
    Column("closed_at", TEXT),
    Column("reminded", TEXT, nullable=False),
    Column("identity", TEXT, nullable=False),
    Column("sealed", BYTES, nullable=False),
    PrimaryKeyConstraint("customer_id", "request_id"),
    Index("cdp_request_id", "request_id", unique=True),
    Index("cdp_request_form", "customer_id", "form", unique=True),
    Index("cdp_request_due", "state", "due_at"),
    Index("cdp_request_waiting", "closed_at", "due_at", "request_id"),
    owner="customer_id",
)
"""What a person asked for, and how far it is. `form` is a keyed token: a form that is sent twice makes one request.
`identity` is a keyed digest of what named her when she asked; `reminded` says which reminders were sent.
`due_at` is empty while the clock stands."""

REQUEST_STEP: Final = table(
    "cdp_request_step",
    Column("customer_id", TEXT, nullable=False),
    Column("request_id", TEXT, nullable=False),
    Column("number", INTEGER, nullable=False),
    Column("step", TEXT, nullable=False),
    Column("actor", TEXT, nullable=False),
    Column("at", TEXT, nullable=False),
    Column("entry", INTEGER),
    Column("sealed", BYTES, nullable=False),
    PrimaryKeyConstraint("customer_id", "request_id", "number"),
    owner="customer_id",
)
"""Every step of a request: who, when, which entry of the log; why, sealed."""

CORRECTION: Final = table(
    "cdp_correction",
    Column("customer_id", TEXT, nullable=False),
    Column("request_id", TEXT, nullable=False),
    Column("entity", TEXT, nullable=False),
    Column("row_id", TEXT, nullable=False),
    Column("field", TEXT, nullable=False),
    Column("state", TEXT, nullable=False),
    Column("revision", INTEGER, nullable=False),
    Column("decided_by", TEXT),
    Column("decided_at", TEXT),
    Column("sealed", BYTES, nullable=False),
    PrimaryKeyConstraint("customer_id", "request_id", "entity", "row_id", "field"),
    Index("cdp_correction_request", "request_id"),
    owner="customer_id",
)
"""The new value that she proposes for a field, what stood there then, and what became of it; values are sealed."""

ATTACHMENT: Final = table(
    "cdp_attachment",
    Column("customer_id", TEXT, nullable=False),
    Column("request_id", TEXT, nullable=False),
    Column("attachment_id", TEXT, nullable=False),
    Column("type", TEXT, nullable=False),
    Column("size", INTEGER, nullable=False),
    Column("name", BYTES, nullable=False),
    Column("sealed", BYTES, nullable=False),
    PrimaryKeyConstraint("customer_id", "request_id", "attachment_id"),
    owner="customer_id",
)
"""What she added to a request: the name and the bytes of a file, sealed under her key."""

LETTER: Final = table(
    "cdp_letter",
    Column("customer_id", TEXT, nullable=False),
    Column("letter_id", TEXT, nullable=False),
    Column("request_id", TEXT, nullable=False),
    Column("template", TEXT, nullable=False),
    Column("language", TEXT, nullable=False),
    Column("state", TEXT, nullable=False),
    Column("attempts", INTEGER, nullable=False),
    Column("next_at", TEXT, nullable=False),
    Column("created_at", TEXT, nullable=False),
    Column("sent_at", TEXT),
    Column("sealed", BYTES, nullable=False),
    PrimaryKeyConstraint("customer_id", "letter_id"),
    Index("cdp_letter_next", "state", "next_at"),
    owner="customer_id",
)
"""Letters to a person: address and text, sealed; queued with what they tell of, and sent until the mail takes them."""

LAST_LETTER: Final = table(
    "cdp_last_letter",
    Column("customer_id", TEXT, primary_key=True),
    Column("erasure_id", TEXT, nullable=False),
    Column("attempts", INTEGER, nullable=False),
    Column("next_at", TEXT, nullable=False),
    Column("until", TEXT, nullable=False),
    Column("sealed", BYTES, nullable=False),
    Index("cdp_last_letter_next", "next_at"),
    owner="customer_id",
)
"""The last letters to people who were erased, for as long as the mail does not take them, a week at most. `customer_id`
is that of nobody: a random id made for a letter, whose key seals it and goes with it."""

NOTICE: Final = table(
    "cdp_recipient_notice",
    Column("customer_id", TEXT, nullable=False),
    Column("notice_id", TEXT, nullable=False),
    Column("request_id", TEXT, nullable=False),
    Column("recipient", TEXT, nullable=False),
    Column("cause", TEXT, nullable=False),
    Column("fields", TEXT, nullable=False),
    Column("entry", INTEGER, nullable=False),
    Column("created_at", TEXT, nullable=False),
    Column("told_at", TEXT),
    Column("told_by", TEXT),
    PrimaryKeyConstraint("customer_id", "notice_id"),
    Index("cdp_recipient_notice_told", "told_at"),
    owner="customer_id",
)
"""Who was given data of hers that was corrected since, by which entry of the log, and is to be told (GDPR Art. 19)."""

TABLES: Final = (REQUEST, REQUEST_STEP, CORRECTION, ATTACHMENT, LETTER, LAST_LETTER, NOTICE)
