"""Small builders of whole platforms: any catalogue, any policy, anyone in it, on either engine."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import select

from audit.entries import Entry, Principal, parse_entry, timestamp
from audit.passage import Row
from cdp.bootstrap import Platform, create_platform
from cdp.catalogue.model import Catalogue
from cdp.config import Settings
from cdp.errors import CdpError
from cdp.services.publish import initialise, publish_policy
from cdp.services.read import read_view
from cdp.store.platform import LOG_ENTRY
from cdp.store.records import Stored
from cdp.store.write import NewRow, Writer
from cdp.terms import CUSTOMER, Value
from consent.events import Event, Source, State
from consent.history import append_events
from tests.samples import of_tests
from views.conditions import parse_conditions
from views.plan import Plan
from views.policy import Policy
from views.request import ViewRequest, parse_order, parse_select
from views.run import ViewReading

READER = "reader"
"""The one role of policies made here."""

TESTER = Principal("os:tester", READER)


@dataclass(frozen=True)
class Person:
    """A customer to be: her values, and what she refuses from the start."""

    values: Mapping[str, Value]
    refused: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True)
class Transcript:
    """All that a caller gets from one request: the chunks of rows, or where it failed, to the byte."""

    columns: tuple[tuple[str, str], ...]
    chunks: tuple[tuple[Row, ...], ...]
    error: tuple[str, str, str, str, str] | None


def catalogue_of(
    fields: Mapping[str, Any], *, others: Mapping[str, Any] | None = None, opt_outs: Sequence[str] = ()
) -> Catalogue:
    """A catalogue with these fields of the customer, other entities, and opt-outs besides the four."""
    data: dict[str, Any] = {"entities": {CUSTOMER: {"fields": dict(fields)}, **(others or {})}}
    if opt_outs:
        data["opt_outs"] = [
            "direct_marketing", "third_party_disclosure", "automated_decisions", "sensitive_data", *opt_outs
        ]  # fmt: skip
    return Catalogue.model_validate(data)


def policy_of(purposes: Mapping[str, Any], views: Mapping[str, Any]) -> Policy:
    """A policy whose views are all for `READER`; purposes give what they are subject to and what they allow."""
    data = {
        "roles": [READER],
        "purposes": {
            name: {"legal_basis": "contract", "subject_to": [], **purpose} for name, purpose in purposes.items()
        },
        "views": {name: {"roles": [READER], **view} for name, view in views.items()},
    }
    return Policy.model_validate(data)


def request_of(
    view: str,
    *where: tuple[str, str],
    order: str = "",
    columns: str = "",
    limit: int | None = None,
    offset: int = 0,
    reason: str = "a test",
) -> ViewRequest:
    """A request as a caller writes it."""
    return ViewRequest(
        view, READER, select=parse_select(columns), where=parse_conditions(list(where)), order=parse_order(order),
        limit=limit, offset=offset, reason=reason,
    )  # fmt: skip


class World:
    """A platform with its two files in force, and how tests fill it, read it and break it."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform

    @property
    def dialect(self) -> str:
        return self.platform.door.dialect

    def add(self, people: Sequence[Person]) -> list[Stored]:
        """Write customers with their history."""

        def history(created: Sequence[Stored]) -> list[Event]:
            at = timestamp()
            return [
                Event(row.customer_id, choice, State.REFUSED, Source.IMPORT, at, at)
                for row, person in zip(created, people, strict=True)
                for choice in sorted(person.refused)
            ]

        rows = [NewRow(person.values, refused=person.refused) for person in people]
        return self._create(CUSTOMER, rows, history)

    def add_rows(self, entity: str, rows: Sequence[NewRow]) -> list[Stored]:
        """Write rows of another entity."""
        return self._create(entity, rows, lambda _created: [])

    def _create(self, entity: str, rows: Sequence[NewRow], history: Any) -> list[Stored]:
        with self.platform.door.record(Entry("change", "import", TESTER, self.platform.in_force().versions)) as change:
            policy = self.platform.in_force().policy
            created = self.writer(entity).create(change.conn, of_tests(change.conn, policy, rows))
            append_events(change.conn, history(created))
            change.subjects += [row.ordinal for row in created]
        return created

    def writer(self, entity: str = CUSTOMER) -> Writer:
        force = self.platform.in_force()
        return Writer(
            force.catalogue, force.catalogue.entities[entity], version=force.catalogue_version,
            vault=self.platform.vault, dialect=self.dialect,
        )  # fmt: skip

    def publish(self, policy: Policy) -> None:
        publish_policy(self.platform, policy, principal=TESTER)
        self.platform.in_force(fresh=True)

    def chunks(self, request: ViewRequest) -> Iterator[Sequence[Row]]:
        """Read through the whole path: service, door, log."""
        return read_view(self.platform, request, principal=TESTER).chunks

    def rows(self, request: ViewRequest) -> list[Row]:
        return [row for chunk in self.chunks(request) for row in chunk]

    def transcript(self, request: ViewRequest) -> Transcript:
        """Read through the whole path and keep everything that the caller gets to see."""
        chunks: list[tuple[Row, ...]] = []
        columns: tuple[tuple[str, str], ...] = ()
        try:
            answer = read_view(self.platform, request, principal=TESTER)
            columns = tuple((each.name, str(each.type)) for each in answer.plan.columns)
            chunks += [tuple(chunk) for chunk in answer.chunks]
        except CdpError as error:
            shown = (type(error).__name__, error.code, error.path, error.message, error.hint)
            return Transcript(columns, tuple(chunks), shown)
        return Transcript(columns, tuple(chunks), None)

    def read_plan(self, plan: Plan) -> list[Row]:
        """Run a plan past the door, for policies that are not in force."""
        reading = ViewReading(plan, vault=self.platform.vault, dialect=self.dialect)
        rows: list[Row] = []
        position: object | None = None
        while True:
            with self.platform._database.reading() as conn:
                chunk = reading.read(conn, position)
            rows += chunk.rows
            position = chunk.next
            if position is None:
                return rows

    def entries(self) -> list[dict[str, Any]]:
        """Every entry of the log."""
        rows = self.platform.door.lookup(select(LOG_ENTRY.c.entry).order_by(LOG_ENTRY.c.number))
        return [parse_entry(bytes(row[0])) for row in rows]

    def sql(self, *statements: str) -> None:
        """Run SQL beneath the platform, as somebody with rights on the database could."""
        with self.platform._database.writing() as conn:
            for statement in statements:
                conn.exec_driver_sql(statement)

    def query(self, statement: str) -> list[Row]:
        """Ask the database itself."""
        with self.platform._database.reading() as conn:
            return [tuple(row) for row in conn.exec_driver_sql(statement)]


@contextmanager
def opened(home: Path, database_url: str, keys_url: str, catalogue: Catalogue, policy: Policy) -> Iterator[World]:
    """An open platform with these two files in force; what is there already stays."""
    settings = Settings(home=home, database_url=database_url, keys_url=keys_url)
    with create_platform(settings) as platform:
        initialise(platform, catalogue, policy, principal=TESTER)
        yield World(platform)
