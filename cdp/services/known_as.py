"""Under which numbers the log knows a customer: her own, and by merges those of others, for as long as they stood.

    while a merge stands     of whom became part of her all that there is: she is that person, too
    after it was taken back  of the one in whose row she was what came between: it was about her, too

Erasing the other one takes that away: it is the other one's number.
"""

from sqlalchemy import Connection, func, select

from audit.about import Known
from cdp.erasure.register import part_of
from cdp.services.customers import Found
from cdp.store.people import MERGE
from cdp.store.tables import Schema


def known_as(conn: Connection, schema: Schema, found: Found) -> list[Known]:
    """Return her numbers, her own first; two small look-ups for somebody who never was part of a merge."""
    parts = part_of(conn, [found.customer_id])
    own = [Known(found.ordinal, found.customer_id), *(Known(ordinal, each) for each, ordinal in parts.items())]
    return [*own, *_between(conn, schema, [each.whose for each in own])]


def _between(conn: Connection, schema: Schema, customer_ids: list[str]) -> set[Known]:
    """Return the numbers of those of whom they once were a part, and so on, each with the time for which they were."""
    customer, c, again = schema.customer.c, MERGE.c, MERGE.alias()
    hers = select(customer.ordinal).where(customer.customer_id == c.customer_id).scalar_subquery()
    as_part = select(func.min(again.c.ordinal)).where(again.c.absorbed == c.customer_id).scalar_subquery()
    undone = select(c.customer_id, c.merged_at, c.undone_at, func.coalesce(hers, as_part)).where(c.undone_at > "")
    found: set[Known] = set()
    seen: set[tuple[str, str, str]] = set()
    waiting = {(each, "", "") for each in customer_ids}
    while waiting:
        whose, since, until = waiting.pop()
        for survivor, merged_at, undone_at, ordinal in conn.execute(undone.where(c.absorbed == whose)):
            span = max(since, merged_at), min(until or undone_at, undone_at)
            if ordinal is not None and span[0] < span[1] and (survivor, *span) not in seen:
                seen.add((survivor, *span))
                waiting.add((survivor, *span))
                found.add(Known(int(ordinal), "", *span))
    return found
