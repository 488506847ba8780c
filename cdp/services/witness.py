"""A witness's own folder: its key (`key`, 0600) and what it remembers (`witness.db`). No store of customers is near."""

import os
import sqlite3
import time
from pathlib import Path
from typing import Final

from audit.cosignature import Cosigner, WitnessKey
from audit.note import NoteError, VerifierKey
from audit.outside import replace_file
from audit.witness import Witness
from audit.witness_store import SqliteWitnessStore
from cdp.errors import BadInput, Unavailable

KEY: Final = "key"
STORE: Final = "witness.db"


def make_witness(folder: Path, name: str) -> WitnessKey:
    """Make a folder with a fresh key; never replaces one.

    Raises:
        BadInput: `witness_exists`, `bad_witness_name`.
        Unavailable: `witness_unwritable`.
    """
    cosigner = Cosigner(name, os.urandom(32))
    try:
        key = cosigner.key
    except NoteError:
        message = "the name of a witness is not empty and has no space and no plus"
        raise BadInput("bad_witness_name", message, path="NAME") from None
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        SqliteWitnessStore.create(folder / STORE)
        replace_file(folder / KEY, f"{name} {cosigner.seed.hex()}\n".encode())
    except FileExistsError:
        raise BadInput("witness_exists", "there is a witness in this folder already", path=str(folder)) from None
    except (OSError, sqlite3.Error):
        raise Unavailable(
            "witness_unwritable", "the folder of the witness cannot be written", path=str(folder)
        ) from None
    return key


def trust_log(folder: Path, vkey: str) -> str:
    """Have a witness know a log by the key that `cdp log checkpoint --vkey` prints; return its origin.

    Raises:
        BadInput: `bad_vkey`.
        Unavailable: `witness_missing`.
    """
    try:
        key = VerifierKey.parse(vkey.strip())
    except NoteError:
        hint = "give the line that `cdp log checkpoint --vkey` prints"
        raise BadInput("bad_vkey", "this is not the key of a log", path="VKEY", hint=hint) from None
    open_witness(folder)
    try:
        SqliteWitnessStore(folder / STORE).trust(key)
    except sqlite3.Error:
        raise _missing(folder) from None
    return key.name


def open_witness(folder: Path) -> Witness:
    """Open the witness of a folder.

    Raises:
        Unavailable: `witness_missing`, when key or memory are not there or not private.
    """
    try:
        if (folder / KEY).stat().st_mode & 0o077:
            raise _missing(folder)
        name, _, seed = (folder / KEY).read_text().strip().partition(" ")
        store = SqliteWitnessStore(folder / STORE)
        store.seen()
        cosigner = Cosigner(name, bytes.fromhex(seed))
        return Witness(cosigner, store, lambda: int(time.time()))
    except (OSError, ValueError, NoteError, sqlite3.Error):
        raise _missing(folder) from None


def seen_by(folder: Path) -> list[tuple[str, int, int]]:
    """Return for each log that a witness knows its origin, the size it cosigned last, and how many notes do not fit.

    Raises:
        Unavailable: `witness_missing`.
    """
    open_witness(folder)
    return SqliteWitnessStore(folder / STORE).seen()


def _missing(folder: Path) -> Unavailable:
    hint = "restore its folder: a witness without its memory cosigns whatever it is shown first"
    return Unavailable("witness_missing", "there is no witness in this folder", path=str(folder), hint=hint)
