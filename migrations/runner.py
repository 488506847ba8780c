"""Runs the migrations of one folder, and says whether a database is older or newer than this program.

Alembic's version folders; each has a version table of its own (`keys_version`, `platform_version`), so that the key
store and the data may lie in one database as well as in two.
"""

import threading
from enum import StrEnum
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, text

from cdp.errors import Unavailable

_HERE: Final = Path(__file__).parent

_LOCK: Final = 0x6364_705F_6D69_6772
"""The advisory lock of PostgreSQL that a migration holds to its end: `cdp_migr` in ASCII."""

_ONE_AT_A_TIME: Final = threading.Lock()
"""Alembic hands its context to `env.py` through a module, so only one thread may run it."""


class State(StrEnum):
    """How a database stands to this program's migrations."""

    EMPTY = "empty"
    OLDER = "older"
    EQUAL = "equal"
    NEWER = "newer"


def upgrade(bind: Engine | Connection, folder: str) -> None:
    """Brings the tables of the folder to the newest version, in one transaction; processes may call it at once.

    Args:
        bind: an engine, or a connection whose transaction the caller commits. For SQLite the transaction should hold
            the write lock (`BEGIN IMMEDIATE`); if none has begun, it is begun here.
        folder: `keys` or `platform`.

    Raises:
        Unavailable: `database_newer`.
    """
    if isinstance(bind, Engine):
        with bind.begin() as connection:
            upgrade(connection, folder)
        return
    _lock(bind)
    if state(bind, folder) is State.NEWER:  # looked at only now: another process may just have upgraded
        raise _newer(folder)
    config = Config()
    config.set_main_option("script_location", _literal(_HERE))
    config.set_main_option("version_locations", _literal(_HERE / folder))
    config.set_main_option("path_separator", "newline")  # the default splits folders whose names have a space or colon
    config.attributes.update(connection=bind, folder=folder)
    with _ONE_AT_A_TIME:
        command.upgrade(config, "head")


def state(bind: Engine | Connection, folder: str) -> State:
    """How the tables of the folder stand to this program."""
    if isinstance(bind, Engine):
        with bind.connect() as connection:
            return state(connection, folder)
    script = ScriptDirectory(str(_HERE), version_locations=[str(_HERE / folder)])
    there = MigrationContext.configure(bind, opts={"version_table": version_table(folder)}).get_current_heads()
    if not there:
        return State.EMPTY
    if there == tuple(script.get_heads()):
        return State.EQUAL
    try:
        script.get_revisions(there)
    except CommandError:  # a version that this program has never heard of
        return State.NEWER
    return State.OLDER


def check(bind: Engine | Connection, folder: str) -> None:
    """Does nothing if database and program fit.

    Raises:
        Unavailable: `database_empty`, `database_older`, `database_newer`.
    """
    match state(bind, folder):
        case State.EMPTY:
            raise Unavailable("database_empty", f"the {folder} tables are not there yet", hint="run `cdp init`")
        case State.OLDER:
            message = f"the {folder} tables are older than this program"
            raise Unavailable("database_older", message, hint="run `cdp init`, which upgrades them and keeps all data")
        case State.NEWER:
            raise _newer(folder)
        case State.EQUAL:
            return


def version_table(folder: str) -> str:
    """The table that names the version of this folder's tables."""
    return f"{folder}_version"


def _newer(folder: str) -> Unavailable:
    message = f"the {folder} tables are newer than this program"
    return Unavailable("database_newer", message, hint="run the newer version of the program")


def _lock(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        return
    if not connection.in_transaction():
        connection.begin()
    if not getattr(connection.connection.dbapi_connection, "in_transaction", True):
        connection.exec_driver_sql("BEGIN IMMEDIATE")  # else Python's driver commits each DDL statement by itself


def _literal(path: Path) -> str:
    return str(path).replace("%", "%%")
