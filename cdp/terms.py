"""The words of the platform: kinds, shapes, sensitivities, types, and the limits that every part shares.

Vocabulary: design section 3; the terms follow the W3C Data Privacy Vocabulary and ISO/IEC 20889.
"""

import re
from enum import StrEnum
from typing import Final, TypeAlias

Value: TypeAlias = str | int | bool | float | list["Value"] | dict[str, "Value"] | None
"""A canonical value: JSON-native, decimals, dates and times as text (`cdp.shapes.values`)."""


class Sensitivity(StrEnum):
    """How much a field says about a person, from most to least protected."""

    IDENTIFYING = "identifying"
    SENSITIVE = "sensitive"
    PERSONAL = "personal"
    NONE = "none"


class Shape(StrEnum):
    """One form of a value that a reader can be given. No shape at all (`None`) means suppressed."""

    CLEAR = "clear"
    MASKED = "masked"
    GENERAL = "general"


class Kind(StrEnum):
    """The five kinds of view (design section 4)."""

    STANDARD = "standard"
    FULL = "full"
    ANONYMIZED = "anonymized"
    OPT_OUT = "opt_out"
    SELECTIVE = "selective"


class Type(StrEnum):
    """The type of a field, and of a column of a view."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"
    JSON = "json"
    CHOICE = "choice"


class Mask(StrEnum):
    """How a value is masked; `hidden` is null."""

    EMAIL = "email"
    PHONE = "phone"
    INITIALS = "initials"
    LAST4 = "last4"
    GENERIC = "generic"
    HIDDEN = "hidden"


class Generalisation(StrEnum):
    """How a value is generalised."""

    YEAR = "year"
    YEAR_BAND = "year_band"
    BAND = "band"
    PREFIX = "prefix"
    ROUND = "round"
    TABLE = "table"


class AtRest(StrEnum):
    """Whether the store keeps a value sealed under the customer's key or in the clear."""

    SEALED = "sealed"
    CLEAR = "clear"


class Channel(StrEnum):
    """How a person is reached."""

    EMAIL = "email"
    SMS = "sms"
    PHONE = "phone"
    POST = "post"
    PUSH = "push"


DIRECT_MARKETING: Final = "direct_marketing"
THIRD_PARTY_DISCLOSURE: Final = "third_party_disclosure"
AUTOMATED_DECISIONS: Final = "automated_decisions"
SENSITIVE_DATA: Final = "sensitive_data"
OPT_OUTS: Final = (DIRECT_MARKETING, THIRD_PARTY_DISCLOSURE, AUTOMATED_DECISIONS, SENSITIVE_DATA)

CUSTOMER: Final = "customer"
"""The entity that every other entity belongs to in the end."""

USER_ID: Final = "user_id"
ANONYMOUS_ID: Final = "anonymous_id"
DEVICE_ID: Final = "device_id"
EXTERNAL_ID: Final = "external_id"
EVENT_KINDS: Final = (USER_ID, ANONYMOUS_ID, DEVICE_ID, EXTERNAL_ID)
"""The kinds of identifiers by which events name people, besides those of the catalogue; the stronger first."""

OWN_ROLE: Final = "customer"
"""The role in which customers read about themselves. Nobody else may act in it, and it is shown no one else's rows."""

CHUNK_ROWS: Final = 5_000
"""The most rows that leave under one log entry (design section 6)."""

LATE_ROWS: Final = 10_000
"""The most rows that a condition on a sealed column may be evaluated over (design section 4)."""

ENGLISH: Final = "en"
CHINESE: Final = "zh-Hans"
LANGUAGES: Final = (ENGLISH, CHINESE)
"""The languages of pages, and of what the two files say to people (BCP 47)."""

NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,47}")
"""What a name in the two files looks like; matched whole."""
