"""What a merge of two customers does to their refusals, and how it is undone.

The identity's side calls, within its own transaction:

    merge_refusals(conn, catalogue, Merge(id, survivor, absorbed), at=…)     before the absorbed row goes
    unmerge_refusals(conn, catalogue, Merge(id, survivor, absorbed), at=…)   after it is back

Both only append. A merge gives the survivor a refusal for whatever stands refused of the absorbed, with the merge's id
as its reference; undoing it appends, for each of those, an event that takes back what this very merge brought
(`consent.precedence`, rule 3). The absorbed keeps her own history under her own id, whether or not her row stays; so an
erasure of the survivor takes theirs, too (`cdp.erasure.register.part_of`).

While a merge stands, nobody can know which of the two a refusal comes from: `consent.flags.add_events` writes each one
of the survivor into the history of the absorbed as well (`consent.profiles`). So undoing a merge resubscribes nobody.
What was *allowed* meanwhile stays with the survivor alone.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, select

from cdp.catalogue.model import Catalogue
from cdp.catalogue.places import flag_column
from cdp.store.tables import build_schema
from consent.choices import PROFILE, Choices
from consent.events import Event, Evidence, Source, State
from consent.flags import add_events, project_flags
from consent.history import read_histories
from consent.precedence import refused_choices, refused_flags
from consent.profiles import MERGED


@dataclass(frozen=True, slots=True)
class Merge:
    """One merge: its id, who stays, and who becomes part of her."""

    merge_id: str
    survivor: str
    absorbed: str


def merge_refusals(
    conn: Connection, catalogue: Catalogue, merge: Merge, *, at: str, evidence: Evidence = Evidence()  # noqa: B008
) -> None:  # fmt: skip
    """Give the survivor the union of refusals; a merge that is there already changes nothing.

    Raises:
        NotFound: `unknown_customer`, for a survivor without a row.
    """
    histories = read_histories(conn, [merge.survivor, merge.absorbed])
    if any(event.reference == merge.merge_id for event in histories[merge.survivor].values()):
        return
    said = Evidence(actor=evidence.actor, request_id=evidence.request_id, more={MERGED: merge.absorbed})
    choices = Choices.of(catalogue)
    standing = _standing(conn, catalogue, merge.absorbed, list(histories[merge.absorbed].values()))
    events = [
        Event(merge.survivor, choice, State.REFUSED, Source.MERGE, at, at, said, reference=merge.merge_id)
        for choice in (PROFILE, *_fewest(standing, choices))
    ]
    add_events(conn, catalogue, events)


def unmerge_refusals(
    conn: Connection, catalogue: Catalogue, merge: Merge, *, at: str, evidence: Evidence = Evidence()  # noqa: B008
) -> None:  # fmt: skip
    """Take back what a merge brought, and give the absorbed the flags of her own history."""
    known = read_histories(conn, [merge.survivor])[merge.survivor].values()
    mine = [event for event in known if event.source is Source.MERGE and event.reference == merge.merge_id]
    brought = {event.choice for event in mine if event.state is State.REFUSED}
    undone = {event.choice for event in mine if event.state is State.ALLOWED}
    said = Evidence(actor=evidence.actor, request_id=evidence.request_id, more={MERGED: merge.absorbed})
    events = [
        Event(merge.survivor, choice, State.ALLOWED, Source.MERGE, at, at, said, reference=merge.merge_id)
        for choice in sorted(brought - undone)
    ]
    add_events(conn, catalogue, events)
    project_flags(conn, catalogue, merge.absorbed)


def _standing(conn: Connection, catalogue: Catalogue, customer_id: str, history: list[Event]) -> list[str]:
    """Return the choices and flags that stand refused of a customer, odd flags among them, widest first."""
    choices, customer = Choices.of(catalogue), build_schema(catalogue, conn.dialect.name).customer
    row = conn.execute(
        select(*(customer.c[flag_column(name)].is_(False) for name in choices.names)).where(
            customer.c.customer_id == customer_id
        )
    ).one_or_none()
    odd = [name for name, free in zip(choices.names, row, strict=True) if not free] if row else []
    flags = sorted({*refused_flags(history, choices), *odd}, key=lambda name: len(choices.lineage(name)))
    return [*sorted(refused_choices(history, choices)), *flags]


def _fewest(standing: list[str], choices: Choices) -> list[str]:
    """Return those that the ones before do not imply: taking back a refusal shall not leave parts of it behind."""
    kept: list[str] = []
    implied: set[str] = set()
    for choice in standing:
        if choice in kept or (choice in choices.names and choice in implied):
            continue
        kept.append(choice)
        implied |= choices.withheld(choice)
    return kept
