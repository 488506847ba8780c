"""Letters to somebody whose language may not be known: then in every language, one after the other."""

from collections.abc import Callable, Mapping
from typing import Final, cast

from sqlalchemy import Connection, func, select

from cdp.catalogue.field import Language
from cdp.services.letters.write import Letter, write_letter
from cdp.store.asking import REQUEST
from cdp.store.stating import STATEMENT_READ
from cdp.terms import LANGUAGES

BETWEEN: Final = "\n— — —\n\n"


def language_of(conn: Connection, customer_id: str) -> str:
    """Return the language that a customer last used with us; empty for somebody who never said."""
    asked = select(func.max(REQUEST.c.received_at)).where(REQUEST.c.customer_id == customer_id).scalar_subquery()
    read = select(func.max(STATEMENT_READ.c.read_at)).where(STATEMENT_READ.c.customer_id == customer_id)
    found = [
        (row.at, row.language)
        for wanted in (
            select(REQUEST.c.received_at.label("at"), REQUEST.c.language).where(
                REQUEST.c.customer_id == customer_id, REQUEST.c.received_at == asked
            ),
            select(STATEMENT_READ.c.read_at.label("at"), STATEMENT_READ.c.language).where(
                STATEMENT_READ.c.customer_id == customer_id, STATEMENT_READ.c.read_at == read.scalar_subquery()
            ),
        )
        for row in conn.execute(wanted)
    ]
    language = max(found, default=("", ""))[1]
    return language if language in LANGUAGES else ""


def write_spoken(template: str, language: str, values: Callable[[Language], Mapping[str, str]]) -> Letter:
    """Return a letter in a language, or in all of them where it is empty.

    Args:
        values: what is filled in, in a language.
    """
    languages = cast("tuple[Language, ...]", (language,) if language else LANGUAGES)
    found = [write_letter(template, each, values(each)) for each in languages]
    return Letter(" / ".join(each.subject for each in found), BETWEEN.join(each.text for each in found))
