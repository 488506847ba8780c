"""What may be a name in the two files.

A name becomes a table, a column or a key of an answer on SQLite and PostgreSQL, so it must be short, plain and free.
Every identifier is quoted in SQL all the same; this is the second fence.
"""

from typing import Final

from pydantic_core import PydanticCustomError
from sqlalchemy.dialects.postgresql.base import RESERVED_WORDS

from cdp.terms import NAME

REFUSED_PREFIX: Final = "refused__"
MASKED_SUFFIX: Final = "__masked"
GENERAL_SUFFIX: Final = "__general"
SEALED_SUFFIX: Final = "_sealed"

# The last ones are system columns of PostgreSQL, which every table has.
_TAKEN: Final = frozenset({
    "customer_id", "ordinal", "token", "row_id", "parent_id", "shaped_with",
    "ctid", "tableoid", "xmin", "xmax", "cmin", "cmax",
})  # fmt: skip
_OWN: Final = ("cdp_", "sqlite_", "pg_", REFUSED_PREFIX)
_DERIVED: Final = (MASKED_SUFFIX, GENERAL_SUFFIX)


def check_name(name: str) -> str:
    """Return the name when a field, an opt-out, a role, a purpose or a view may bear it.

    Raises:
        PydanticCustomError: with what is wrong with it.
    """
    if name in RESERVED_WORDS:
        raise PydanticCustomError("cdp_reserved_name", "this name is an SQL keyword")
    return _check_form(name)


def check_entity_name(name: str) -> str:
    """Return the name when an entity may bear it: as `check_name`, but companies do have an `order`.

    Raises:
        PydanticCustomError: with what is wrong with it.
    """
    if name.endswith(SEALED_SUFFIX):
        raise PydanticCustomError("cdp_reserved_name", "this name is taken by the platform")
    return _check_form(name) if name == "order" else check_name(name)


def _check_form(name: str) -> str:
    if not NAME.fullmatch(name):
        raise PydanticCustomError("cdp_bad_name", "a name is 1 to 48 of a-z, 0-9 and _, and begins with a letter")
    if name in _TAKEN or name.startswith(_OWN) or name.endswith(_DERIVED):
        raise PydanticCustomError("cdp_reserved_name", "this name is taken by the platform")
    return name
