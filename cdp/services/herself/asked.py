"""How much waits for her answer, for a line on her first page."""

from sqlalchemy import func, select

from audit.entries import HERSELF, Entry
from cdp.bootstrap import Platform
from cdp.services.customers import find_customer
from cdp.store.keeping import RENEWAL


def count_questions(platform: Platform, customer_id: str) -> int:
    """Return how many questions wait for her."""
    in_force, c = platform.in_force(), RENEWAL.c
    waiting = select(func.count()).where(c.customer_id == customer_id, c.confirmed_on.is_(None))
    with platform.door.record(Entry("disclosure", "renewal", HERSELF, in_force.versions, {"step": "count"})) as change:
        change.subjects.append(find_customer(change.conn, in_force, platform.vault, customer_id).ordinal)
        return int(change.conn.execute(waiting).scalar_one())
