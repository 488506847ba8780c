"""Regulators: programs that ask for suppressions and erasures. Each has a key, shown once and kept as a digest.

The published clients send one bearer token that stays, so it is no token of an app, and no app has this right: what
reads people and what makes them go are never one credential.
"""

import hashlib
import re
import secrets
from dataclasses import dataclass
from typing import Final

from sqlalchemy import bindparam, insert, select, update

from audit.entries import Entry, Principal, timestamp
from cdp.bootstrap import Platform
from cdp.errors import BadInput, NotFound, Refused, Unauthenticated
from cdp.store.regulating import REGULATOR

NAME: Final = re.compile(r"[a-z][a-z0-9_-]{0,47}")
PREFIX: Final = "cdp_regulate_"
_KEY: Final = re.compile(r"cdp_regulate_[0-9A-Za-z_-]{43}")
_R: Final = REGULATOR.c


@dataclass(frozen=True, slots=True)
class Regulator:
    """Who may ask for regulations."""

    name: str
    created_at: str
    revoked_at: str | None = None

    @property
    def principal(self) -> Principal:
        """Whom the log names."""
        return Principal(f"regulator:{self.name}")


class Regulators:
    """Finds regulators by their keys, for each request anew."""

    def __init__(self, platform: Platform) -> None:
        mine = select(_R.regulator, _R.created_at).where(
            _R.key_digest == bindparam("digest"), _R.revoked_at.is_(None)
        )  # fmt: skip
        self._look_up = platform.door.prepare(mine)

    def of(self, key: str) -> Regulator:
        """Return the regulator of a key.

        Raises:
            Unauthenticated: `bad_regulation_key`; the same for none, one that nobody has, and one that was revoked.
        """
        if _KEY.fullmatch(key):
            for name, created_at in self._look_up({"digest": _digest(key)}):
                return Regulator(str(name), str(created_at))
        raise Unauthenticated("bad_regulation_key", "nobody may ask for regulations by this key", path="Authorization")


def add_regulator(platform: Platform, name: str, *, principal: Principal) -> tuple[Regulator, str]:
    """Add a regulator; return it and its key, which is kept nowhere.

    Raises:
        BadInput: `bad_regulator_name`.
        Refused: `regulator_exists`, for a name that was ever used: what it asked for bears it.
    """
    if not NAME.fullmatch(name):
        message = "a regulator is named in lower-case letters, digits, `-` and `_`"
        raise BadInput("bad_regulator_name", message, path="name")
    key, made = PREFIX + secrets.token_urlsafe(32), Regulator(name, timestamp())
    with platform.door.record(Entry("change", "regulator_added", principal, None, {"regulator": name})) as change:
        if change.conn.execute(select(_R.regulator).where(_R.regulator == name)).first():
            hint = "take another name"
            raise Refused("regulator_exists", "there is, or was, a regulator of this name", path="name", hint=hint)
        row = {"regulator": name, "key_digest": _digest(key), "created_at": made.created_at, "revoked_at": None}
        change.conn.execute(insert(REGULATOR).values(row))
    return made, key


def revoke_regulator(platform: Platform, name: str, *, principal: Principal) -> None:
    """Let a key count no more, from the next request on. What was asked for before is still done.

    Raises:
        NotFound: `unknown_regulator`, also when it is revoked already.
    """
    mine = (_R.regulator == name) & _R.revoked_at.is_(None)
    if not platform.door.lookup(select(_R.regulator).where(mine)):
        hint = "`cdp regulator list` shows them"
        raise NotFound("unknown_regulator", "there is no such regulator", path="name", hint=hint)
    with platform.door.record(Entry("change", "regulator_revoked", principal, None, {"regulator": name})) as change:
        change.conn.execute(update(REGULATOR).where(mine).values(revoked_at=timestamp()))


def list_regulators(platform: Platform) -> list[Regulator]:
    """Return all regulators, also those whose key counts no more."""
    wanted = select(_R.regulator, _R.created_at, _R.revoked_at).order_by(_R.created_at, _R.regulator)
    return [Regulator(*row) for row in platform.door.lookup(wanted)]


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()  # 256 random bits need no salt, and no stretching
