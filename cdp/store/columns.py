"""Column types that mean the same on SQLite and PostgreSQL.

Text compares by code point on both (PostgreSQL: COLLATE "C"). Decimals, dates and times are stored as canonical text
(`cdp.shapes.values`): one representation, so that both engines give the same bytes. On SQLite the names are those
that STRICT tables take.
"""

from typing import Any, Final

from sqlalchemy import BigInteger, Boolean, Integer, LargeBinary, Text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.types import TypeEngine

from cdp.terms import Type

TEXT: Final[TypeEngine[Any]] = Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
INTEGER: Final[TypeEngine[Any]] = BigInteger().with_variant(sqlite.INTEGER(), "sqlite")
BYTES: Final[TypeEngine[Any]] = LargeBinary()
FLAG: Final[TypeEngine[Any]] = Boolean().with_variant(Integer(), "sqlite")
"""A truth value. Conditions test it only as `IS FALSE` (`IS 0` on SQLite): NULL and every odd value withhold."""

STORED: Final[dict[Type, TypeEngine[Any]]] = {
    Type.TEXT: TEXT,
    Type.CHOICE: TEXT,
    Type.DECIMAL: TEXT,
    Type.DATE: TEXT,
    Type.DATETIME: TEXT,
    Type.JSON: TEXT,
    Type.INTEGER: INTEGER,
    Type.BOOLEAN: FLAG,
}
"""The column type in which a value of each field type is stored."""
