"""Flags against the history, customer by customer: where the projection is not what the rows say.

A chunk is read in one statement, so that an act between two of them is no difference.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from sqlalchemy import Connection, Row, select

from cdp.catalogue.model import Catalogue
from cdp.catalogue.places import flag_column
from cdp.store.platform import CONSENT_EVENT
from cdp.store.tables import build_schema
from consent.choices import Choices
from consent.flags import BATCH, set_flags
from consent.history import event_of, read_histories
from consent.precedence import refused_flags

CHUNK: Final = 5_000


@dataclass(frozen=True, slots=True)
class Difference:
    """A customer whose flags are not those of her history: what she has refused by it, and which flags differ."""

    customer_id: str
    ordinal: int
    refused: frozenset[str]
    wrong: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """One chunk: whom it was about, who differs, and where the next begins; None when this was the last."""

    ordinals: list[int]
    differences: list[Difference]
    next: int | None


def compare_flags(conn: Connection, catalogue: Catalogue, after: int, *, take: int = CHUNK) -> Compared:
    """Compare the customers that follow an ordinal."""
    choices = Choices.of(catalogue)
    ordinals, found = list[int](), list[Difference]()
    rows = conn.execute(_query(catalogue, conn.dialect.name, after, take))
    for _, group in groupby(rows, key=lambda row: row.her_ordinal):
        several = list(group)
        ordinals.append(several[0].her_ordinal)
        difference = _difference(several, choices)
        if difference is not None:
            found.append(difference)
    return Compared(ordinals, found, ordinals[-1] if len(ordinals) == take else None)


def mend_flags(conn: Connection, catalogue: Catalogue, customer_ids: Collection[str]) -> None:
    """Set the flags of customers, whose rows the caller has locked, to what their histories say now."""
    choices, customer = Choices.of(catalogue), build_schema(catalogue, conn.dialect.name).customer
    wanted = sorted(customer_ids)
    for start in range(0, len(wanted), BATCH):
        for customer_id, history in read_histories(conn, wanted[start : start + BATCH]).items():
            refused = refused_flags(history.values(), choices)
            set_flags(conn, customer, {name: name in refused for name in choices.names}, [customer_id])


def _query(catalogue: Catalogue, dialect: str, after: int, take: int) -> Any:
    customer, c = build_schema(catalogue, dialect).customer, CONSENT_EVENT.c
    flags = [customer.c[flag_column(name)].label(f"flag_{name}") for name in catalogue.opt_outs]
    people = select(customer.c.customer_id.label("her_id"), customer.c.ordinal.label("her_ordinal"), *flags)
    people = people.where(customer.c.ordinal > after).order_by(customer.c.ordinal).limit(take)
    hers = people.subquery("hers")
    joined = hers.outerjoin(CONSENT_EVENT, c.customer_id == hers.c.her_id)
    return select(hers, CONSENT_EVENT).select_from(joined).order_by(hers.c.her_ordinal)


def _difference(rows: Iterable[Row[Any]], choices: Choices) -> Difference | None:
    several = list(rows)
    first = several[0]
    history = [event_of(row) for row in several if row.event_id is not None]
    refused = refused_flags(history, choices)
    wrong = tuple(
        name
        for name in choices.names
        if getattr(first, f"flag_{name}") not in ((1, True) if name in refused else (0, False))
    )
    return Difference(first.her_id, first.her_ordinal, refused, wrong) if wrong else None
