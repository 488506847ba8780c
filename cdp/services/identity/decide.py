"""Deciding claims: what the officer sees of them, and what follows when she confirms one or rejects it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection

from audit.door import Change
from audit.entries import Entry, Principal
from cdp.bootstrap import InForce, Platform
from cdp.catalogue.kinds import field_of_kind
from cdp.erasure.register import part_of
from cdp.errors import NotFound, Refused
from cdp.services.identity.links import (
    CONFIRMED,
    PENDING,
    REJECTED,
    Link,
    count_links,
    decide,
    find_link,
    open_link,
    read_links,
)
from cdp.services.identity.merging import Merged, lock_both, merge
from cdp.store.bulk import insert_rows
from cdp.store.lookup import find_by_tokens, find_ordinals
from cdp.store.platform import IDENTIFIER
from cdp.store.records import read_rows
from cdp.store.write import Writer
from cdp.terms import CUSTOMER

CAUSE = "confirmed"
"""The cause of a merge that follows from a claim."""


@dataclass(frozen=True, slots=True)
class Pending:
    """A claim that waits: who claims what kind of identifier, and who bears it, if anybody does."""

    link: Link
    bearer: str | None


@dataclass(frozen=True, slots=True)
class Seen:
    """What an officer decides on, and as whom.

    Attributes:
        own: the customer that she is herself, if she is one.
        bearer: who was shown to bear the identifier, empty for nobody; None asks nothing.
    """

    own: str | None = None
    bearer: str | None = None


UNSEEN = Seen()


def list_links(platform: Platform, *, principal: Principal, after: str = "", limit: int = 100) -> list[Pending]:
    """Return claims that wait, in the order of their ids; the identifiers themselves stay sealed."""
    in_force = platform.in_force()
    with platform.door.record(Entry("disclosure", "read_links", principal, in_force.versions)) as change:
        found = read_links(change.conn, state=PENDING, after=after, limit=limit)
        pending = [Pending(each, bearer_of(change.conn, each)) for each in found]
        shown = {each.link.customer_id for each in pending} | {each.bearer for each in pending if each.bearer}
        change.subjects += find_ordinals(change.conn, in_force.catalogue, shown)
        change.facts["rows"] = len(found)
    return pending


def count_pending(platform: Platform) -> dict[str, int]:
    """Return how many claims there are, by state."""
    with platform.door.record(Entry("disclosure", "count_links", Principal("cdp"), None)) as change:
        return count_links(change.conn)


def confirm_link(
    platform: Platform, link_id: str, *, principal: Principal, reason: str = "", seen: Seen = UNSEEN
) -> Merged | None:  # fmt: skip
    """Confirm a claim: the profile becomes a part of who bears the identifier, or bears it from now on if nobody does.

    Returns:
        The merge, if there was one; it can be undone.

    Raises:
        NotFound: `unknown_link`.
        Refused: `link_decided`, `merge_capped`, `own_act`, `stale_link`.
    """
    in_force = platform.in_force(fresh=True)
    entry = Entry("change", "confirm_link", principal, in_force.versions, {"link": link_id[:36]}, reason=reason)
    with deciding(platform, entry) as change:
        link = _waiting(change, link_id)
        bearer = bearer_of(change.conn, link)
        _require_fit(change, link, bearer, seen)
        decide(change.conn, link, CONFIRMED, by=principal.name)
        if bearer is not None and bearer != link.customer_id:
            return merge(change, in_force, platform.vault, bearer, link.customer_id, principal=principal, cause=CAUSE)
        if bearer is None:
            _bear(platform, in_force, change, link)
    return None


def reject_link(
    platform: Platform, link_id: str, *, principal: Principal, reason: str = "", seen: Seen = UNSEEN
) -> None:  # fmt: skip
    """Reject a claim; it is not asked again.

    Raises:
        NotFound: `unknown_link`.
        Refused: `link_decided`, `own_act`, `stale_link`.
    """
    in_force = platform.in_force(fresh=True)
    entry = Entry("change", "reject_link", principal, in_force.versions, {"link": link_id[:36]}, reason=reason)
    with deciding(platform, entry) as change:
        link = _waiting(change, link_id)
        _require_fit(change, link, bearer_of(change.conn, link), seen)
        change.subjects += find_ordinals(change.conn, in_force.catalogue, [link.customer_id])
        decide(change.conn, link, REJECTED, by=principal.name)


@contextmanager
def deciding(platform: Platform, entry: Entry) -> Iterator[Change]:
    """Record what is decided about who is who; what is refused has an entry of its own, without what was asked for."""
    try:
        with platform.door.record(entry) as change:
            yield change
    except (NotFound, Refused) as error:
        platform.door.note(Entry("refusal", entry.act, entry.principal, entry.versions, {"code": error.code}))
        raise


def require_others(conn: Connection, customer_ids: Sequence[str], own: str | None) -> None:
    """Do nothing if somebody is none of these customers, nor a part of one of them.

    Raises:
        Refused: `own_act`.
    """
    if own is not None and own in {*customer_ids, *part_of(conn, customer_ids)}:
        hint = "ask another officer"
        raise Refused("own_act", "nobody decides who she herself is", path="customer", hint=hint)


def _require_fit(change: Change, link: Link, bearer: str | None, seen: Seen) -> None:
    """Do nothing if the officer is none of the two, and would join whom she was shown."""
    require_others(change.conn, [link.customer_id, *([bearer] if bearer else [])], seen.own)
    other = "" if bearer in (None, link.customer_id) else bearer
    if seen.bearer not in (None, other):
        hint = "look at it again: `cdp identity links`"
        raise Refused("stale_link", "who bears the identifier has changed since it was shown", path="link", hint=hint)


def _waiting(change: Change, link_id: str) -> Link:
    link = find_link(change.conn, link_id)
    if link is None:
        raise NotFound("unknown_link", "there is no such link", path="link", hint="see `cdp identity links`")
    if link.state != PENDING:
        raise Refused("link_decided", f"the link is {link.state} already", path="link")
    return link


def bearer_of(conn: Connection, link: Link) -> str | None:
    """Return who bears what a link claims, if anybody does."""
    found = find_by_tokens(conn, CUSTOMER, link.kind, [link.token]).get(link.token)
    return None if found is None else found.customer_id


def _bear(platform: Platform, in_force: InForce, change: Change, link: Link) -> None:
    """Have the profile bear what it claimed: in the field of that kind if it is empty, else beside."""
    conn, vault, customer_id = change.conn, platform.vault, link.customer_id
    people, keys = lock_both(conn, in_force, vault, (customer_id,))
    change.subjects.append(people[customer_id].ordinal)
    insert_rows(conn, IDENTIFIER, [(customer_id, CUSTOMER, customer_id, link.kind, link.token, True, True)])
    catalogue, name = in_force.catalogue, field_of_kind(in_force.catalogue).get(link.kind)
    entity = catalogue.entities[CUSTOMER]
    (row,) = read_rows(conn, catalogue, entity, [(customer_id, customer_id)], keys=vault)
    if name is not None and row.values.get(name) is None:
        row.values[name] = open_link(conn, link, keys[customer_id])
        writer = Writer(
            catalogue, entity, version=in_force.catalogue_version, vault=vault, dialect=conn.dialect.name
        )  # fmt: skip
        writer.replace(conn, [row], keys=keys)
