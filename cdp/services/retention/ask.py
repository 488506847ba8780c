"""Writing to people that something waits for their answer: queued in the transaction in which they are asked.

INVARIANT: whoever is asked and has an address is written to, whenever the run is killed. In one run somebody is written
to once, however much it asks her about: one letter that still waits, or was written since the run began, is enough.
"""

from collections.abc import Collection
from datetime import timedelta
from typing import Final

from sqlalchemy import Connection, or_, select

from cdp.bootstrap import Platform
from cdp.services.canaries.known import canary_ids
from cdp.services.letters.outbox import QUEUED, email_fields, first_address, queue_letter
from cdp.services.letters.spoken import language_of, write_spoken
from cdp.services.letters.write import day, known_language
from cdp.services.retention.look import Day
from cdp.store.asking import LETTER
from cdp.store.given import Given
from cdp.store.records import read_rows
from cdp.terms import CUSTOMER

TEMPLATE: Final = "outdated"


def write_to(conn: Connection, platform: Platform, at: Day, customer_ids: Collection[str], *, since: str) -> int:
    """Queue a letter to each of these who has an address and none yet; return how many.

    Args:
        since: when the run began.
    """
    told = {*canary_ids(conn, platform.vault), *_written(conn, customer_ids, since)} if customer_ids else set()
    due = sorted({*customer_ids} - told)
    entity, names = at.in_force.catalogue.entities[CUSTOMER], email_fields(at.in_force)
    keys, written = platform.vault.keys(due), 0
    until = at.today + timedelta(days=at.patience)
    page = f"{platform.settings.origin.rstrip('/')}/portal/renew"
    for row in read_rows(conn, at.in_force.catalogue, entity, [(each, each) for each in due], keys=platform.vault):
        address, language = first_address(row, names), language_of(conn, row.customer_id)
        if address and row.customer_id in keys:  # else she is being erased
            letter = write_spoken(TEMPLATE, language, lambda each: {"page": page, "until": day(until, each)})
            queue_letter(
                conn, row.customer_id, TEMPLATE, letter, key=keys[row.customer_id], address=address,
                language=known_language(language),
            )  # fmt: skip
            written += 1
    return written


def _written(conn: Connection, customer_ids: Collection[str], since: str) -> set[str]:
    c, given = LETTER.c, Given(conn.dialect.name, 1)
    enough = or_(c.state == QUEUED, c.created_at >= since)
    wanted = select(c.customer_id).where(given.holds(c.customer_id), c.template == TEMPLATE, enough)
    return {*conn.execute(wanted, given.values((each,) for each in customer_ids)).scalars()}
