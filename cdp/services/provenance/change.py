"""Changing sets of provenance: a purpose is withdrawn, or allowed besides, for every row that has the set.

One write, whatever the number of rows. It counts from the next read that begins after it: what decides is read by the
statement that reads the rows (`views.rows`).
"""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, select

from audit.entries import Entry, Principal, timestamp
from cdp.bootstrap import Platform
from cdp.errors import BadInput, Refused
from cdp.services.provenance.declare import check_period, check_purpose, check_recipient
from cdp.services.provenance.sets import ProvenanceSet, read_sets, unknown_set
from cdp.store.origins import PROVENANCE, PROVENANCE_PART
from cdp.store.provenance_changes import allow, disclose_to, lock_sets, say_changed, withdraw


@dataclass(frozen=True)
class Which:
    """Which declared sets: by number, or all that a source declared, or declared with one version of its statement."""

    provenance: int | None = None
    source: str = ""
    statement: str | None = None
    all: bool = False


@dataclass(frozen=True)
class SetChange:
    """What is to be different.

    Attributes:
        withdraw: purposes that are allowed no more.
        allow: purposes that are allowed besides.
        retention: for how long rows are kept from now on; empty for no limit of their own, None to leave it.
        recipients: to whom alone rows may be disclosed from now on; None to leave it.
    """

    withdraw: Collection[str] = ()
    allow: Collection[str] = ()
    retention: str | None = None
    recipients: Collection[str] | None = None


def change_sets(
    platform: Platform, which: Which, wanted: SetChange, *, principal: Principal, reason: str
) -> list[ProvenanceSet]:
    """Change declared sets, and with them what rows may be read for that come from them and from others besides.

    Raises:
        NotFound: `unknown_provenance`.
        BadInput: `empty_change`, `unknown_purpose`, `bad_recipient`, `bad_retention`.
        Refused: `reason_needed`; `set_of_parts`, for one that follows from others.
    """
    in_force = platform.in_force(fresh=True)
    _check(platform, wanted, reason)
    facts = {
        "withdrawn": sorted(wanted.withdraw), "allowed": sorted(wanted.allow), "retention": wanted.retention,
        "recipients": None if wanted.recipients is None else sorted(wanted.recipients),
    }  # fmt: skip
    said = {name: value for name, value in facts.items() if value not in ([], None)}
    entry = Entry("change", "change_provenance", principal, in_force.versions, said, reason=reason)
    with platform.door.record(entry) as change:
        conn = change.conn
        numbers = _named(conn, which)
        lock_sets(conn, numbers)
        if wanted.withdraw:
            withdraw(conn, numbers, wanted.withdraw)
        if wanted.allow:
            allow(conn, numbers, wanted.allow)
        if wanted.recipients is not None:
            disclose_to(conn, numbers, wanted.recipients)
        say_changed(conn, numbers, at=timestamp(), retention=wanted.retention)
        change.facts["provenance"] = numbers
    sets = read_sets(platform.door)
    return [sets[number] for number in numbers]


def _check(platform: Platform, wanted: SetChange, reason: str) -> None:
    if not reason.strip():
        hint = "say it with `--reason`"
        raise Refused("reason_needed", "a change of provenance needs a reason", path="reason", hint=hint)
    if not (wanted.withdraw or wanted.allow) and wanted.retention is None and wanted.recipients is None:
        raise BadInput("empty_change", "nothing is to be different", path="provenance")
    policy = platform.in_force().policy
    for name in wanted.allow:
        check_purpose(policy, name)
    used = {name for each in read_sets(platform.door).values() for name in each.purposes}
    for name in wanted.withdraw:
        if name not in used:  # the policy may have lost it since
            check_purpose(policy, name)
    for name in wanted.recipients or ():
        check_recipient(name)
    check_period(wanted.retention or "")


def _named(conn: Connection, which: Which) -> list[int]:
    """Return the declared sets that are meant."""
    c, part = PROVENANCE.c, PROVENANCE_PART.c
    declared = select(part.part).where(part.part == part.provenance)
    wanted = select(c.provenance).where(c.provenance.in_(declared))
    if which.provenance is not None:
        wanted = wanted.where(c.provenance == which.provenance)
        there = conn.execute(select(c.provenance).where(c.provenance == which.provenance)).first()
        if there and not conn.execute(wanted).first():
            hint = "change the sets that are its parts"
            raise Refused("set_of_parts", "what this set allows follows from its parts", path="provenance", hint=hint)
    elif which.source:
        wanted = wanted.where(c.source == which.source)
        wanted = wanted if which.statement is None else wanted.where(c.statement == which.statement)
    elif not which.all:
        hint = "name a set, a source, or all of them"
        raise BadInput("empty_change", "no set is named", path="provenance", hint=hint)
    numbers = list(conn.execute(wanted.order_by(c.provenance)).scalars())
    if not numbers:
        raise unknown_set()
    return numbers
