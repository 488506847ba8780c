"""Telling customers by mail that the statement has changed: one letter each, queued little by little, never twice.

A letter about the terms under which somebody's data is kept is no advertising: it goes to her whatever she refuses,
since who refuses the most has the most to learn from it. It goes to nobody who has read the version by then, and to
nobody without an address: on her first page everybody finds it.

INVARIANT: letters and how far they have come are one transaction, under a lock of the row that says so. Whoever is
killed goes on there. The next few are written only when none waits that is due, so that a letter about somebody's
request never stands behind a million of these.
"""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, func, insert, select, update

from audit.entries import Entry, timestamp
from cdp.bootstrap import InForce, Platform
from cdp.catalogue.field import Language
from cdp.services.canaries.known import canary_ids
from cdp.services.letters.outbox import POST, QUEUED, email_fields, first_address, queue_letter
from cdp.services.letters.spoken import write_spoken
from cdp.services.letters.write import Letter
from cdp.services.statements.known import Published, statement_in_force
from cdp.store.asking import LETTER, REQUEST
from cdp.store.records import read_rows
from cdp.store.stating import STATEMENT_READ, STATEMENT_TELLING
from cdp.store.tables import build_schema
from cdp.terms import CUSTOMER, LANGUAGES

BATCH: Final = 100
TEMPLATE: Final = "statement"
_T: Final = STATEMENT_TELLING.c


@dataclass(frozen=True, slots=True)
class Telling:
    """How far the letters about a version are: how many are written, and since when there are none left."""

    version: int
    letters: int
    began_at: str
    finished_at: str | None


def begin_telling(conn: Connection, version: int, *, at: str, letters: bool) -> None:
    """Have letters about a version written; those about an earlier one, which are still to be written, are not."""
    conn.execute(update(STATEMENT_TELLING).where(_T.finished_at.is_(None)).values(finished_at=at))
    if letters:
        row = {"version": version, "position": -1, "letters": 0, "began_at": at, "finished_at": None}
        conn.execute(insert(STATEMENT_TELLING).values(row))


def tellings(platform: Platform) -> dict[int, Telling]:
    """Return how far the letters are, by the number of the version."""
    rows = platform.door.lookup(select(_T.version, _T.letters, _T.began_at, _T.finished_at))
    return {each.version: each for each in (Telling(*row) for row in rows)}


def tell_some(platform: Platform) -> bool:
    """Write the next letters, if none waits that is due; return whether there is more to write at once.

    Raises:
        Unavailable: the database, the keys or the log cannot serve; it goes on when it is called again.
    """
    waiting = platform.door.lookup(select(_T.version).where(_T.finished_at.is_(None)))
    published = statement_in_force(platform) if waiting else None
    if published is None or platform.door.waits(LETTER, LETTER.c.state == QUEUED, LETTER.c.next_at <= timestamp()):
        return False
    with suppress(_Nothing):
        return _tell(platform, published) == BATCH
    return False


class _Nothing(Exception):
    """Another process is at it, or has just finished: the transaction need not leave a trace."""


def _tell(platform: Platform, published: Published) -> int:
    """Write the letters to the next customers; return how many customers there were."""
    in_force = platform.in_force()
    facts = {"statement": published.statement.version}
    with platform.door.record(Entry("change", "tell_statement", POST, in_force.versions, facts)) as change:
        mine = select(_T.position).where(_T.version == published.number, _T.finished_at.is_(None))
        position = change.conn.execute(mine.with_for_update(skip_locked=True)).scalar_one_or_none()
        if position is None:
            raise _Nothing
        people = _next(change.conn, in_force, published.number, position)
        written, last = _write(platform, change.conn, in_force, published, people)
        done = {"finished_at": timestamp()} if len(people) < BATCH else {"position": last}
        moved = update(STATEMENT_TELLING).where(_T.version == published.number)
        change.conn.execute(moved.values(letters=_T.letters + len(written), **done))
        change.subjects += written
        change.facts["letters"] = len(written)
    return len(people)


def _next(conn: Connection, in_force: InForce, version: int, position: int) -> list[Any]:
    """Return the next customers in the order of their ordinals, with whether they have read it, and their language."""
    customer, read, asked = build_schema(in_force.catalogue, conn.dialect.name).customer, STATEMENT_READ.c, REQUEST.c
    here = read.customer_id == customer.c.customer_id
    has_read = select(read.version).where(here, read.version == version).exists()
    spoken = select(read.language).where(here).order_by(read.version.desc()).limit(1).scalar_subquery()
    wrote = select(func.max(asked.language)).where(asked.customer_id == customer.c.customer_id).scalar_subquery()
    wanted = select(
        customer.c.customer_id, customer.c.ordinal, has_read.label("has_read"),
        func.coalesce(spoken, wrote).label("language"),
    )  # fmt: skip
    later = wanted.where(customer.c.ordinal > position).order_by(customer.c.ordinal).limit(BATCH)
    return list(conn.execute(later))


def _write(
    platform: Platform, conn: Connection, in_force: InForce, published: Published, people: list[Any]
) -> tuple[list[int], int]:
    """Queue a letter to each of some people who has not read it and has an address; return to whom, and the last."""
    nobody = canary_ids(conn, platform.vault)
    due = {row.customer_id: row for row in people if not row.has_read and row.customer_id not in nobody}
    entity, names = in_force.catalogue.entities[CUSTOMER], email_fields(in_force)
    rows = read_rows(conn, in_force.catalogue, entity, [(each, each) for each in due], keys=platform.vault)
    keys, written = platform.vault.keys(sorted(due)), []
    letters = {language: _letter(platform, published, language) for language in ("", *LANGUAGES)}
    for row in rows:
        address, key = first_address(row, names), keys.get(row.customer_id)
        if address and key is not None:
            spoken = due[row.customer_id].language
            language = spoken if spoken in LANGUAGES else ""
            queue_letter(
                conn, row.customer_id, TEMPLATE, letters[language], key=key, language=language or LANGUAGES[0],
                address=address,
            )  # fmt: skip
            written.append(row.ordinal)
    return written, people[-1].ordinal if people else 0


def _letter(platform: Platform, published: Published, language: str) -> Letter:
    """Return the letter in a language; in all of them, one after the other, to whom nobody knows the language of."""
    statement = published.statement
    page = f"{platform.settings.origin.rstrip('/')}/privacy/{statement.version}"

    def values(each: Language) -> dict[str, str]:
        said = {"title": statement.title[each], "summary": statement.summary[each]}
        return said | {"page": f"{page}?lang={each}", "changes": f"{page}/changes?lang={each}"}

    return write_spoken(TEMPLATE, language, values)
