"""One sample organisation: the two files of the design's section 4, completed, and people to fill a store with."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path

from sqlalchemy import Connection

from audit.entries import Entry, Principal
from cdp.bootstrap import Platform, create_platform
from cdp.catalogue.document import parse_document, validate
from cdp.catalogue.model import Catalogue
from cdp.config import Settings
from cdp.services.provenance.declare import unstated
from cdp.services.publish import initialise
from cdp.services.read import read_view
from cdp.store.provenance import UNSAID, Origin, intern, seconds
from cdp.store.records import Stored
from cdp.store.write import NewRow, Writer
from cdp.terms import Value
from views.conditions import parse_conditions
from views.policy import Policy
from views.request import ViewRequest, parse_order

CATALOGUE_TEXT = """\
entities:
  customer:
    fields:
      full_name:  {type: text, category: user.name, mask: initials, search: words}
      email:      {type: text, category: user.contact.email, mask: email, identifier: email}
      birth_date: {type: date, sensitivity: personal, general: year_band, width: 10, quasi_identifier: true}
      postcode:   {type: text, sensitivity: personal, general: prefix, keep: 2, quasi_identifier: true}
      income:     {type: integer, category: user.financial, general: band, width: 10000}
      religion:   {type: text, category: user.demographic.religious_belief}
      loyalty:    {type: choice, choices: [gold, silver, none], sensitivity: none}
  order:
    belongs_to: customer
    fields:
      placed_at: {type: datetime, sensitivity: personal, general: year}
      total:     {type: decimal, sensitivity: none}
      paid:      {type: boolean, sensitivity: none}
      address:   {type: text, category: user.contact.address, mask: generic}
"""

POLICY_TEXT = """\
roles: [agent, privacy_officer, analyst, newsletter_app, acme_app]
purposes:
  direct_marketing:       {legal_basis: consent, subject_to: [direct_marketing]}
  disclosure:             {legal_basis: contract, subject_to: [third_party_disclosure]}
  service:                {legal_basis: contract, subject_to: []}
  analytics:              {legal_basis: legitimate_interest, subject_to: []}
  privacy_administration: {legal_basis: legal_obligation, subject_to: []}
views:
  care_desk:      {kind: standard, purpose: service, roles: [agent], clear: [full_name]}
  care_orders:    {kind: standard, entity: order, purpose: service, roles: [agent]}
  privacy_office: {kind: full, purpose: privacy_administration, roles: [privacy_officer], needs: [reason]}
  insight:
    {kind: anonymized, purpose: analytics, roles: [analyst], fields: [birth_date, postcode, income, loyalty], k: 5}
  newsletter:     {kind: opt_out, purpose: direct_marketing, roles: [newsletter_app], fields: [email, full_name]}
  acme_share:
    {kind: selective, purpose: disclosure, recipient: acme, roles: [acme_app], fields: [full_name, postcode, income]}
  acme_orders:
    {kind: selective, entity: order, purpose: disclosure, recipient: acme, roles: [acme_app], fields: [total, paid]}
"""

COLLECTED = "2026-05-04T03:02:01.000000+00:00"
TESTER = Principal("os:tester", "tester")
ROLES = {"insight": "analyst", "newsletter": "newsletter_app", "privacy_office": "privacy_officer"}


_parsed = cache(parse_document)  # and no model: it keeps its digest, also when it is copied and changed


def catalogue(text: str = CATALOGUE_TEXT) -> Catalogue:
    """The sample catalogue."""
    return validate(Catalogue, _parsed(text, "catalogue.yaml"))


def policy(text: str = POLICY_TEXT) -> Policy:
    """The sample policy."""
    return validate(Policy, _parsed(text, "policy.yaml"))


def settings(home: Path, database_url: str, keys_url: str) -> Settings:
    """Settings for a store of the sample organisation."""
    return Settings(home=home, database_url=database_url, keys_url=keys_url)


@contextmanager
def store(home: Path, database_url: str, keys_url: str) -> Iterator[Platform]:
    """An open store with the two files in force and nobody in it."""
    with create_platform(settings(home, database_url, keys_url)) as platform:
        initialise(platform, catalogue(), policy(), principal=TESTER)
        yield platform


def person(number: int) -> dict[str, Value]:
    """The fields of one customer; numbers that agree modulo 6 fall into one group of quasi-identifiers."""
    return {
        "full_name": f"Ann Number{number}",
        "email": f"ann{number}@example.org",
        "birth_date": f"19{50 + number % 2 * 10}-03-02",
        "postcode": f"9{number % 3}107",
        "income": 10_000 * number,
        "religion": f"creed {number}",
        "loyalty": "gold" if number % 2 else "silver",
    }


def add(platform: Platform, rows: Sequence[NewRow], entity: str = "customer") -> list[Stored]:
    """Write rows through the door."""
    force = platform.in_force()
    writer = Writer(
        force.catalogue, force.catalogue.entities[entity], version=force.catalogue_version, vault=platform.vault,
        dialect=platform.door.dialect,
    )  # fmt: skip
    with platform.door.record(Entry("change", "import", TESTER, force.versions)) as change:
        created = writer.create(change.conn, of_tests(change.conn, force.policy, rows))
        change.subjects += [row.ordinal for row in created]
    return created


def of_tests(conn: Connection, policy: Policy, rows: Sequence[NewRow]) -> list[NewRow]:
    """The rows with an origin: collected at one time for every purpose there is, where they say nothing."""
    origin = Origin(intern(conn, unstated(policy, "tests"), at=COLLECTED), seconds(COLLECTED))
    return [replace(row, origin=origin) if row.origin == UNSAID else row for row in rows]


def add_people(platform: Platform, count: int) -> list[Stored]:
    """Write `count` customers."""
    return add(platform, [NewRow(person(number)) for number in range(count)])


def add_people_and_an_order(platform: Platform, count: int) -> list[Stored]:
    """Write `count` customers, and an order of the first."""
    made = add_people(platform, count)
    order = {"placed_at": "2026-03-02T10:00:00Z", "total": "12.50", "paid": True, "address": "1 First Street"}
    add(platform, [NewRow(order, customer_id=made[0].customer_id)], "order")
    return made


def rows_of(
    platform: Platform, view: str, *where: tuple[str, str], role: str = "", order: str = "", limit: int | None = None
) -> list[tuple[object, ...]]:
    """Read a view whole, as the role it is for."""
    role = role or ROLES.get(view) or ("acme_app" if view.startswith("acme") else "agent")
    request = ViewRequest(
        view, role, where=parse_conditions(list(where)), order=parse_order(order), limit=limit, reason="a test"
    )
    answer = read_view(platform, request, principal=Principal("os:tester", role))
    return [row for chunk in answer.chunks for row in chunk]
