"""Every fault of the vault as one `Unavailable`: a code, a sentence, what to do; also for what a driver says.

SQLite primary result codes (sqlite.org/rescode.html) and SQLSTATE (PostgreSQL manual, appendix A). The driver's own
text is dropped, because it can hold parameters.
"""

import sqlite3
from pathlib import Path
from typing import Final

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from cdp.errors import Unavailable

_FAULTS: Final[dict[str, tuple[str, str]]] = {
    "keystore_missing": (
        "the key store is not there",
        "check CDP_KEYS_URL, or restore the key store from its backup: a new one cannot open what is already sealed",
    ),
    "keystore_exposed": ("others than its owner may read or write the key store", "chmod 600 the file"),
    "keystore_unreadable": (
        "the key store cannot be read",
        "check that the file and its folder belong to the user of this process and that the disk is well",
    ),
    "keystore_unwritable": (
        "the key store cannot be written",
        "check the permissions of the file and its folder, or of the database role, and that it is no read-only copy",
    ),
    "keystore_denied": ("the database of the key store refuses this role", "check user and password in CDP_KEYS_URL"),
    "keystore_unreachable": ("the database of the key store does not answer", "check that it runs and CDP_KEYS_URL"),
    "keystore_locked": ("another process holds the key store for too long", "try again when that process is done"),
    "keystore_full": ("there is no space left for the key store", "free space on its disk, then try again"),
    "keystore_damaged": ("the key store is damaged or no key store at all", "restore it from its backup"),
    "keystore_failed": ("the key store refused a statement", "look into the log of its database"),
    "kek_missing": (
        "the file of the key-encryption key is not there",
        "check CDP_KEK, or restore the file from its copy: a new key cannot open what is already sealed",
    ),
    "kek_exposed": ("others than its owner may read or write the file of the key-encryption key", "chmod 600 the file"),
    "kek_unreadable": ("the file of the key-encryption key cannot be read", "check its permissions and its folder's"),
    "kek_unwritable": (
        "the file of the key-encryption key cannot be written",
        "check the permissions of its folder and the space on the disk",
    ),
    "kek_malformed": ("this is no file of a key-encryption key", "restore it from its copy"),
    "kek_unknown": (
        "the key-encryption key is not the one that wrapped the keys of this key store",
        "check CDP_KEK and CDP_KEYS_URL, or restore the file and the key store as of the same day",
    ),
    "key_damaged": ("a wrapped key does not open", "restore the key store from its backup"),
    "key_retired": ("a key is wrapped under a wrapping key that has gone", "restore the key store from its backup"),
    "key_missing": ("a customer has no key", "make the keys before sealing"),
    "segment_damaged": (
        "a sealed segment does not open",
        "its row, its key or the segment itself was changed; restore the row from a backup",
    ),
    "note_damaged": ("a sealed note does not open", "restore its row from a backup"),
}

_SQLITE: Final = {
    sqlite3.SQLITE_FULL: "keystore_full",
    sqlite3.SQLITE_BUSY: "keystore_locked",
    sqlite3.SQLITE_LOCKED: "keystore_locked",
    sqlite3.SQLITE_READONLY: "keystore_unwritable",
    sqlite3.SQLITE_PERM: "keystore_unwritable",
    sqlite3.SQLITE_AUTH: "keystore_unwritable",
    sqlite3.SQLITE_CANTOPEN: "keystore_unreadable",
    sqlite3.SQLITE_IOERR: "keystore_unreadable",
    sqlite3.SQLITE_CORRUPT: "keystore_damaged",
    sqlite3.SQLITE_NOTADB: "keystore_damaged",
}

# By the longest prefix that fits: two characters are a class, five one condition.
_SQLSTATE: Final = {
    "08": "keystore_unreachable",
    "28": "keystore_denied",
    "40": "keystore_locked",
    "53": "keystore_unreachable",
    "57": "keystore_unreachable",
    "XX": "keystore_damaged",
    "25006": "keystore_unwritable",
    "3D000": "keystore_missing",
    "42501": "keystore_unwritable",
    "53100": "keystore_full",
    "55P03": "keystore_locked",
    "57014": "keystore_locked",
}

_CONFLICTS: Final = ("40001", "40P01")
"""A serialisation failure and a deadlock: the server asks for the transaction again."""


def fault(code: str, where: str | Path) -> Unavailable:
    """The error of this code at this place: a file, a host, a table; never a value."""
    message, hint = _FAULTS[code]
    return Unavailable(code, message, path=str(where), hint=hint)


def driver_fault(error: SQLAlchemyError, where: str) -> Unavailable:
    """The error that an error of the driver becomes."""
    if isinstance(error, DBAPIError):
        return fault(_code(error.orig), where)
    return fault("keystore_locked", where)  # no connection came free in the pool in time


def will_pass(error: SQLAlchemyError) -> bool:
    """Whether the same transaction, run again at once, may well succeed: a conflict, or a connection that had died."""
    if not isinstance(error, DBAPIError):
        return False
    return error.connection_invalidated or getattr(error.orig, "sqlstate", None) in _CONFLICTS


def _code(error: BaseException | None) -> str:
    number = getattr(error, "sqlite_errorcode", None)
    if number is not None:
        return _SQLITE.get(number & 0xFF, "keystore_failed")
    state = getattr(error, "sqlstate", None)
    if state is None:  # psycopg: there was no answer to take a state from
        return "keystore_failed" if isinstance(error, sqlite3.Error) else "keystore_unreachable"
    return _SQLSTATE.get(state) or _SQLSTATE.get(state[:2], "keystore_failed")
