"""Telling a customer of a statement that she has not read yet, and recording that she has."""

from dataclasses import dataclass

from sqlalchemy import func, select

from audit.entries import HERSELF, Entry, timestamp
from cdp.bootstrap import Platform
from cdp.erasure.register import part_of
from cdp.errors import BadInput
from cdp.services.customers import find_customer
from cdp.services.statements.known import Published, statement_in_force
from cdp.store.lookup import lock_customers
from cdp.store.stating import STATEMENT_READ


@dataclass(frozen=True)
class Notice:
    """The statement in force, as she has it: the number of the last version that she read, 0 for none."""

    published: Published
    read: int

    @property
    def is_due(self) -> bool:
        """Whether she is to be told."""
        return self.read < self.published.number


def notice_for(platform: Platform, customer_id: str) -> Notice | None:
    """Return what a customer is to be told; None while there is no statement. The look is on the log.

    Raises:
        NotFound: `unknown_customer`.
    """
    published = statement_in_force(platform)
    if published is None:
        return None
    in_force = platform.in_force()
    with platform.door.record(Entry("disclosure", "own_notices", HERSELF, in_force.versions)) as change:
        found = find_customer(change.conn, in_force, platform.vault, customer_id)
        change.subjects.append(found.ordinal)
        c = STATEMENT_READ.c
        hers = [found.customer_id, *part_of(change.conn, [found.customer_id])]  # what a part of her has read, she has
        last = select(func.max(c.version)).where(c.customer_id.in_(hers))
        read = int(change.conn.execute(last).scalar_one() or 0)
    return Notice(published, read)


def acknowledge(platform: Platform, customer_id: str, version: str, *, language: str) -> None:
    """Record that a customer has read the statement in force; a second time changes nothing.

    Raises:
        BadInput: `statement_moved`: the page that she had read shows a version that is no longer in force.
        NotFound: `unknown_customer`.
    """
    published = statement_in_force(platform)
    if published is None or published.statement.version != version:
        hint = "read the one in force, and say so there"
        raise BadInput("statement_moved", "this version is not in force any more", path="version", hint=hint)
    in_force = platform.in_force()
    facts = {"statement": version}
    with platform.door.record(Entry("change", "read_statement", HERSELF, in_force.versions, facts)) as change:
        found = find_customer(change.conn, in_force, platform.vault, customer_id)
        lock_customers(change.conn, in_force.catalogue, [found.customer_id])
        change.subjects.append(found.ordinal)
        c = STATEMENT_READ.c
        mine = (c.customer_id == found.customer_id) & (c.version == published.number)
        if change.conn.execute(select(c.version).where(mine)).first() is None:
            change.conn.execute(
                STATEMENT_READ.insert().values(
                    customer_id=found.customer_id, version=published.number, language=language, read_at=timestamp()
                )
            )
