"""Every fault of keys and sealed values as one `Unavailable`: a code, a sentence, what to do.

What goes wrong with the database of the key store is told by `cdp.database.faults`, as for every database.
"""

from pathlib import Path
from typing import Final

from cdp.errors import Unavailable

_FAULTS: Final[dict[str, tuple[str, str]]] = {
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
    "key_missing": ("a key that is needed is not in the key store", "restore the key store from its backup"),
    "segment_damaged": (
        "a sealed segment does not open",
        "its row, its key or the segment itself was changed; restore the row from a backup",
    ),
    "parcel_damaged": ("what came in and was kept sealed does not open", "restore its row from a backup"),
    "note_damaged": ("a sealed note does not open", "restore its row from a backup"),
}


def fault(code: str, where: str | Path) -> Unavailable:
    """The error of this code at this place: a file, a host, a table; never a value."""
    message, hint = _FAULTS[code]
    return Unavailable(code, message, path=str(where), hint=hint)
