"""Sources: from where events come. Each has a write key, which is shown once and kept as a digest.

A write key may only add. It reads nothing, and what it adds is what a stranger said, unless the source is trusted:
then it speaks for the organisation, and the identifiers that it sends count as verified.
"""

import hashlib
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

import orjson
from sqlalchemy import bindparam, func, insert, select, update

from audit.entries import Entry, Principal, timestamp
from cdp.bootstrap import InForce, Platform
from cdp.catalogue.document import nearest
from cdp.errors import BadInput, NotFound, Refused, Unauthenticated
from cdp.ingest.caps import checked
from cdp.services.provenance.declare import Declaration, declared, set_of, unstated
from cdp.store.arriving import SOURCE
from consent.choices import parse_choice

NAME: Final = re.compile(r"[a-z][a-z0-9_-]{0,47}")
KEY_PREFIX: Final = "cdp_write_"
_KEY: Final = re.compile(r"cdp_write_[0-9A-Za-z]{32}")
_LETTERS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_CATEGORY: Final = re.compile(r"[^\x00-\x1f]{1,100}")


@dataclass(frozen=True)
class Source:
    """A source.

    Attributes:
        trusted: whether what it says of identifiers counts as verified.
        consent: by category of its consent banner, which choice of a person it stands for.
        caps: how much it may make (`cdp.ingest.caps`).
        provenance: the set of what it declares of what it collects; None where it declares nothing.
    """

    source: int
    name: str
    trusted: bool
    created_at: str
    revoked_at: str | None = None
    consent: Mapping[str, str] = field(default_factory=dict)
    provenance: int | None = None
    caps: Mapping[str, int] = field(default_factory=dict)

    @property
    def principal(self) -> Principal:
        """Who acts when its events are folded."""
        return Principal(f"source:{self.name}")


class Sources:
    """Finds sources by their write keys, on the way of every request."""

    def __init__(self, platform: Platform) -> None:
        c = SOURCE.c
        mine = select(*c).where(c.key_digest == bindparam("digest"), c.revoked_at.is_(None))
        self._look_up = platform.door.prepare(mine)

    def of(self, write_key: str) -> Source:
        """Return the source of a write key.

        Raises:
            Unauthenticated: `bad_write_key`; the same for none, one that nobody has, and one that was revoked.
        """
        if _KEY.fullmatch(write_key):
            for row in self._look_up({"digest": digest_of(write_key)}):
                return _source(row)
        raise bad_write_key()


def add_source(
    platform: Platform,
    name: str,
    *,
    principal: Principal,
    trusted: bool = False,
    consent: Mapping[str, str] | None = None,
    declaration: Declaration | None = None,
    caps: Mapping[str, int] | None = None,
) -> tuple[Source, str]:
    """Add a source; return it and its write key, which is kept nowhere.

    Raises:
        BadInput: `bad_source_name`, `bad_category`, `unknown_opt_out`, `bad_choice_name`, `bad_cap`; as `declared`.
        Refused: `source_exists`, for a name that was ever used: what came from it bears it.
    """
    if not NAME.fullmatch(name):
        raise BadInput("bad_source_name", "a source is named in lower-case letters, digits, `-` and `_`", path="name")
    in_force = platform.in_force(fresh=True)
    for category, choice in (consent or {}).items():
        known = in_force.catalogue.opt_outs
        if not _CATEGORY.fullmatch(category):
            raise BadInput("bad_category", "this names no category of consent", path="consent")
        if parse_choice(choice).opt_out not in known:
            hint = nearest(choice, known) or f"they are {', '.join(known)}"
            raise BadInput("unknown_opt_out", "the catalogue has no such opt-out", path="consent", hint=hint)
    provenance, bounds = _declared(platform, in_force, declaration, principal), checked(caps or {})
    write_key = _new_key()
    facts = {"source": name, "trusted": trusted}
    with platform.door.record(Entry("change", "source_added", principal, in_force.versions, facts)) as change:
        if change.conn.execute(select(SOURCE.c.source).where(SOURCE.c.name == name)).first():
            hint = "take another name"
            raise Refused("source_exists", "there is, or was, a source of this name", path="name", hint=hint)
        number = (change.conn.execute(select(func.max(SOURCE.c.source))).scalar_one() or 0) + 1
        row = {
            "source": number, "name": name, "key_digest": digest_of(write_key), "trusted": trusted,
            "consent": orjson.dumps(dict(consent or {})).decode(), "created_at": timestamp(), "revoked_at": None,
            "provenance": provenance, "caps": orjson.dumps(bounds).decode(),
        }  # fmt: skip
        change.conn.execute(insert(SOURCE).values(row))
    return Source(
        number, name, trusted, str(row["created_at"]), None, dict(consent or {}), provenance, bounds
    ), write_key


def declare_source(platform: Platform, declaration: Declaration, *, principal: Principal) -> Source:
    """Have what a source sends from now on be collected under another declaration; what it sent keeps the older one.

    Raises:
        NotFound: `unknown_source`.
        BadInput: as `declare.declared`.
    """
    source, in_force = named(platform, declaration.source), platform.in_force(fresh=True)
    provenance = _declared(platform, in_force, declaration, principal)
    facts = {"source": source.name, "provenance": provenance}
    with platform.door.record(Entry("change", "source_declared", principal, in_force.versions, facts)) as change:
        change.conn.execute(update(SOURCE).where(SOURCE.c.source == source.source).values(provenance=provenance))
    return replace(source, provenance=provenance)


def cap_source(platform: Platform, name: str, caps: Mapping[str, int | None], *, principal: Principal) -> Source:
    """Change caps of a source, None for none; they hold from the next batch that is folded.

    Raises:
        NotFound: `unknown_source`.
        BadInput: `bad_cap`.
    """
    source, versions = named(platform, name), platform.in_force(fresh=True).versions
    checked({each: most or 1 for each, most in caps.items()})
    both = {**source.caps, **caps}
    bounds = checked({each: most for each, most in both.items() if most is not None})
    facts = {"source": name, "caps": bounds}
    with platform.door.record(Entry("change", "source_capped", principal, versions, facts)) as change:
        mine = update(SOURCE).where(SOURCE.c.source == source.source)
        change.conn.execute(mine.values(caps=orjson.dumps(bounds).decode()))
    return replace(source, caps=bounds)


def set_of_source(platform: Platform, source: Source) -> int:
    """Return the set of what a source collects now; of one that declares nothing, for the purposes there are now.

    Raises:
        Unavailable: the database or the log cannot serve.
    """
    for (provenance,) in platform.door.lookup(select(SOURCE.c.provenance).where(SOURCE.c.source == source.source)):
        if provenance is not None:
            return int(provenance)
    silent = unstated(platform.in_force().policy, source.name)
    return set_of(platform, silent, principal=source.principal)


def _declared(platform: Platform, in_force: InForce, said: Declaration | None, principal: Principal) -> int | None:
    return None if said is None else set_of(platform, declared(in_force, said), principal=principal)


def renew_source(platform: Platform, name: str, *, principal: Principal) -> str:
    """Give a source a new write key, and return it; the old one counts no more from the next request on.

    Raises:
        NotFound: `unknown_source`, also for one whose write key was revoked: it is over for ever.
    """
    source, versions, write_key = named(platform, name), platform.in_force(fresh=True).versions, _new_key()
    with platform.door.record(Entry("change", "source_renewed", principal, versions, {"source": name})) as change:
        mine = update(SOURCE).where(SOURCE.c.source == source.source, SOURCE.c.revoked_at.is_(None))
        if change.conn.execute(mine.values(key_digest=digest_of(write_key))).rowcount != 1:
            hint = "add another one"
            raise NotFound("unknown_source", "there is no such source any more", path="name", hint=hint)
    return write_key


def revoke_source(platform: Platform, name: str, *, principal: Principal) -> None:
    """Let the write key of a source count no more, from the next request on; doing it again changes nothing.

    Raises:
        NotFound: `unknown_source`.
    """
    source = named(platform, name)
    if source.revoked_at is not None:
        return
    versions = platform.in_force(fresh=True).versions
    with platform.door.record(Entry("change", "source_revoked", principal, versions, {"source": name})) as change:
        mine = SOURCE.c.source == source.source
        change.conn.execute(update(SOURCE).where(mine).values(revoked_at=timestamp()))


def named(platform: Platform, name: str) -> Source:
    """Return the source of a name.

    Raises:
        NotFound: `unknown_source`.
    """
    known = {source.name: source for source in list_sources(platform)}
    if name not in known:
        hint = nearest(name, known) or "`cdp source list` shows them"
        raise NotFound("unknown_source", "there is no such source", path="name", hint=hint)
    return known[name]


def list_sources(platform: Platform) -> list[Source]:
    """Return all sources, also those whose write key counts no more."""
    return [_source(row) for row in platform.door.lookup(select(SOURCE).order_by(SOURCE.c.source))]


def digest_of(write_key: str) -> str:
    """Return what is kept of a write key: 190 random bits need no salt, and no stretching."""
    return hashlib.sha256(write_key.encode()).hexdigest()


def _new_key() -> str:
    return KEY_PREFIX + "".join(secrets.choice(_LETTERS) for _ in range(32))


def bad_write_key() -> Unauthenticated:
    """Return what a request is answered without a write key that counts."""
    return Unauthenticated("bad_write_key", "there is no source with this write key", path="Authorization")


def _source(row: tuple[object, ...]) -> Source:
    number, name, _, trusted, consent, created_at, revoked_at, provenance, caps = row
    return Source(
        int(str(number)), str(name), trusted in (True, 1), str(created_at),
        None if revoked_at is None else str(revoked_at), orjson.loads(str(consent)),
        None if provenance is None else int(str(provenance)), orjson.loads(str(caps)),
    )  # fmt: skip
