"""A large store for the walk, made fast: customers through the product's Writer, entries through the log's own writer.

The log is a valid one: only the clock by which its writer writes is set, so that its entries spread over three months.
"""

import sys
from datetime import UTC, datetime, timedelta
from itertools import count
from random import Random
from unittest import mock

from audit import append as log
from audit.entries import Entry, Principal, timestamp
from cdp.bootstrap import Platform
from cdp.services.watching.take_in import take_all_in
from cdp.store.records import Stored
from consent.events import Event, Source, State
from consent.flags import add_events
from tests import samples

SPAN = timedelta(days=90)
BATCH = 5_000
CHOICES = ("direct_marketing", "third_party_disclosure", "sensitive_data")
READERS = [
    *(Principal(f"staff:agent{number}", "agent") for number in range(40)),
    *(Principal(f"app:{name}", "newsletter_app") for name in ("shop", "letters", "scores")),
    Principal("os:night", "agent"),
]  # fmt: skip


def fill(platform: Platform, customers: int, entries: int) -> list[str]:
    """Fill it; return ids of some customers."""
    people: list[Stored] = []
    samples_made = count()
    for start in range(0, customers, BATCH):
        some = [next(samples_made) for _ in range(min(BATCH, customers - start))]
        people += samples.add(platform, [samples.NewRow(samples.person(number)) for number in some])
        tell("customers", len(people), customers)
    choose(platform, people)
    with mock.patch.object(log, "timestamp", clock(-(-entries // BATCH))):
        for start in range(0, entries, BATCH):
            platform.door._log.append_many([entry(platform, n) for n in range(start, min(start + BATCH, entries))])
            tell("entries", start + BATCH, entries)
    platform.keeper.sign()
    take_all_in(platform, lambda done, total: tell("taken in", done, total))
    return [each.customer_id for each in people[:20]]


def choose(platform: Platform, people: list[Stored]) -> None:
    """Have a third of them say something, over a year and a half."""
    random, now, force = Random(1), datetime.now(UTC), platform.in_force()
    saying = people[::3]
    for start in range(0, len(saying), BATCH):
        some, events = saying[start : start + BATCH], []
        for person in some:
            at = timestamp(now - timedelta(days=random.random() * 540))
            state = State.REFUSED if random.random() < 0.8 else State.ALLOWED
            source = random.choice([Source.PORTAL, Source.STAFF, Source.IMPORT])
            events.append(Event(person.customer_id, random.choice(CHOICES), state, source, at, at))
        with platform.door.record(Entry("change", "import", samples.TESTER, force.versions)) as change:
            add_events(change.conn, force.catalogue, events)
            change.subjects += [person.ordinal for person in some]
    tell("choices", len(saying), len(saying))


def clock(steps: int) -> "object":
    """A clock that goes from three months ago to now, a step each time that it is read."""
    begin, read = datetime.now(UTC) - SPAN, count()
    return lambda *_: timestamp(begin + SPAN * min(next(read) / max(steps, 1), 1))


def entry(platform: Platform, number: int) -> Entry:
    """One of many entries: mostly reads of one customer, some of many, some refusals and changes."""
    reader, versions = READERS[number * 7 % len(READERS)], platform.in_force().versions
    if number % 97 == 0:
        facts = {"view": "newsletter", "purpose": "direct_marketing", "code": "not_permitted"}
        return Entry("refusal", "read", reader, versions, facts)
    if number % 31 == 0:
        return Entry("change", "opt_out", reader, versions, {"choice": "direct_marketing"}, subjects=[number % 100_000])
    many = number % 5_003 == 0
    facts = {
        "view": "newsletter" if many else "care_desk", "purpose": "direct_marketing" if many else "service",
        "kind": "opt_out" if many else "standard", "chunk": 0, "rows": 1_000 if many else 1,
        "fields": [["full_name", "clear"], ["email", "masked"], ["postcode", "general"]],
    }  # fmt: skip
    about = range(number % 90_000, number % 90_000 + 1_000) if many else [number * 13 % 100_000]
    return Entry("disclosure", "read", reader, versions, facts, subjects=list(about))


def tell(what: str, done: int, total: int) -> None:
    if done * 10 // total != (done - BATCH) * 10 // total:
        sys.stderr.write(f"{min(done, total):,} {what}\n")
