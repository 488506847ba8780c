"""What a driver says, as one `Unavailable` each: a code, a sentence, what to do.

SQLite primary result codes (sqlite.org/rescode.html) and SQLSTATE (PostgreSQL manual, appendix A). The driver's own
text is dropped, because it can hold parameters.
"""

import sqlite3
from dataclasses import dataclass
from typing import Final

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from cdp.errors import Unavailable


@dataclass(frozen=True, slots=True)
class Which:
    """Which of the two databases an error is about: its code's prefix, its name, and the setting that says where."""

    prefix: str
    noun: str
    setting: str
    if_lost: str


STORE: Final = Which("store", "the database", "CDP_DATABASE_URL", "run `cdp init`, or restore it from its backup")
KEYS: Final = Which(
    "keystore",
    "the key store",
    "CDP_KEYS_URL",
    "restore the key store from its backup: a new one cannot open what is already sealed",
)

_FAULTS: Final[dict[str, tuple[str, str]]] = {
    "missing": ("{noun} is not there", "check {setting}; {if_lost}"),
    "moved": (
        "{noun} was moved away or replaced while it was open",
        "put the right file where {setting} says, and start all processes anew",
    ),
    "exposed": ("others than its owner may read or write {noun}", "chmod 600 the file"),
    "unreadable": (
        "{noun} cannot be read",
        "check that the file and its folder belong to the user of this process and that the disk is well",
    ),
    "unwritable": (
        "{noun} cannot be written",
        "check the permissions of the file and its folder, or of the database role, and that it is no read-only copy",
    ),
    "unreachable": (
        "there is no connection to the server of {noun}",
        "check that it runs, and host, database, user and password in {setting}",
    ),
    "locked": ("another process holds {noun} for too long", "try again when that process is done"),
    "conflict": ("another change of {noun} came first", "try again"),
    "full": ("there is no space left for {noun}", "free space on its disk, then try again"),
    "damaged": ("{noun} is damaged, or no database at all", "restore it from its backup"),
    "failed": ("{noun} refused a statement", "look into the log of its server, and run `cdp model plan`"),
}

_SQLITE: Final = {
    sqlite3.SQLITE_READONLY_DBMOVED: "moved",
    sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY: "conflict",
    sqlite3.SQLITE_CONSTRAINT_UNIQUE: "conflict",
    sqlite3.SQLITE_FULL: "full",
    sqlite3.SQLITE_BUSY: "locked",
    sqlite3.SQLITE_LOCKED: "locked",
    sqlite3.SQLITE_READONLY: "unwritable",
    sqlite3.SQLITE_PERM: "unwritable",
    sqlite3.SQLITE_AUTH: "unwritable",
    sqlite3.SQLITE_CANTOPEN: "unreadable",
    sqlite3.SQLITE_IOERR: "unreadable",
    sqlite3.SQLITE_CORRUPT: "damaged",
    sqlite3.SQLITE_NOTADB: "damaged",
}

# By the longest prefix that fits: two characters are a class, five one condition.
_SQLSTATE: Final = {
    "08": "unreachable",
    "28": "unreachable",
    "40": "locked",
    "53": "unreachable",
    "57": "unreachable",
    "XX": "damaged",
    "23505": "conflict",
    "25006": "unwritable",
    "42501": "unwritable",
    "53100": "full",
    "55P03": "locked",
    "57014": "locked",
}

_CONFLICTS: Final = ("40001", "40P01")
"""A serialisation failure and a deadlock: the server asks for the transaction again."""


def fault(which: Which, code: str, where: str) -> Unavailable:
    """Return the error of this code, for one of the two databases, at this place."""
    message, hint = _FAULTS[code]
    words = {"noun": which.noun, "setting": which.setting, "if_lost": which.if_lost}
    return Unavailable(f"{which.prefix}_{code}", message.format(**words), path=where, hint=hint.format(**words))


def driver_fault(which: Which, error: Exception, where: str) -> Unavailable:
    """Return the error that an error of SQLAlchemy or of a driver becomes; nothing of its text is kept."""
    if isinstance(error, DBAPIError):
        return fault(which, _code(error.orig), where)
    if isinstance(error, SQLAlchemyError):  # no connection came free in the pool in time
        return fault(which, "locked", where)
    return fault(which, _code(error), where)


def will_pass(error: Exception) -> bool:
    """Return whether the same transaction, run again at once, may well succeed: a conflict, or a dead connection."""
    if not isinstance(error, DBAPIError):
        return False
    return error.connection_invalidated or getattr(error.orig, "sqlstate", None) in _CONFLICTS


def _code(error: BaseException | None) -> str:
    number = getattr(error, "sqlite_errorcode", None)
    if number is not None:
        return _SQLITE.get(number) or _SQLITE.get(number & 0xFF, "failed")
    state = getattr(error, "sqlstate", None)
    if state is None:  # psycopg: there was no answer to take a state from
        return "failed" if isinstance(error, sqlite3.Error) else "unreachable"
    return _SQLSTATE.get(state) or _SQLSTATE.get(state[:2], "failed")
