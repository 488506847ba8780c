"""Writing rows: what is written comes back, every shape is there, keys, indexes and tokens go with it."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, text

from audit.entries import Entry
from cdp.bootstrap import Platform
from cdp.errors import Unavailable
from cdp.services.publish import publish_policy
from cdp.store.ordinals import BLOCK, take_ordinals
from cdp.store.records import Stored, read_rows
from cdp.store.write import NewRow, Writer
from tests import samples


@pytest.fixture
def platform(tmp_path: Path, database_url: str, keys_url: str) -> Iterator[Platform]:
    """A store of the sample organisation."""
    with samples.store(tmp_path / "home", database_url, keys_url) as opened:
        yield opened


def read_back(platform: Platform, rows: list[Stored], entity: str = "customer") -> dict[str, Stored]:
    """The rows as they are stored now, unsealed."""
    force = platform.in_force()
    found = force.catalogue.entities[entity]
    with platform.door.record(Entry("change", "test", samples.TESTER, force.versions)) as change:
        ids = [(row.customer_id, row.row_id) for row in rows]
        stored = read_rows(change.conn, force.catalogue, found, ids, keys=platform.vault)
    return {row.row_id: row for row in stored}


def query(platform: Platform, database_url: str, sql: str) -> list[tuple[object, ...]]:
    """What the database itself holds."""
    engine = create_engine(database_url)
    with engine.connect() as conn:
        rows = [tuple(row) for row in conn.execute(text(sql))]
    engine.dispose()
    return rows


ORDER = {
    "placed_at": "2024-05-01T10:00:00+00:00",
    "total": "129.90",
    "paid": False,
    "address": "1 Analytical Row, 伦敦",
}


def test_what_is_written_comes_back(platform: Platform) -> None:
    people = samples.add_people(platform, 20)
    orders = samples.add(platform, [NewRow(ORDER, customer_id=people[0].customer_id) for _ in range(10)], "order")
    back = read_back(platform, people)
    assert [back[row.row_id].values for row in people] == [samples.person(number) for number in range(20)]
    assert all(row.values == ORDER for row in read_back(platform, orders, "order").values())
    assert {row.customer_id for row in orders} == {people[0].customer_id}


def test_missing_values_stay_missing(platform: Platform) -> None:
    created = samples.add(platform, [NewRow({"loyalty": "none"})])
    assert rows_values(read_back(platform, created)) == [{"loyalty": "none"}]


def rows_values(rows: dict[str, Stored]) -> list[dict[str, object]]:
    """The values that are not null."""
    return [{name: value for name, value in row.values.items() if value is not None} for row in rows.values()]


def test_every_shape_is_stored_once(platform: Platform, database_url: str) -> None:
    samples.add_people(platform, 1)
    sql = (
        "SELECT full_name__masked, email__masked, birth_date__general, postcode__general, income__general FROM customer"
    )
    assert query(platform, database_url, sql) == [("A. N.", "a***@e***.org", "1950-1959", "90*", "0-9999")]


def test_replacing_a_row_replaces_everything_that_hangs_on_it(platform: Platform, database_url: str) -> None:
    people = samples.add_people(platform, 2)
    force = platform.in_force()
    customer = force.catalogue.entities["customer"]
    writer = Writer(
        force.catalogue, customer, version=force.catalogue_version, vault=platform.vault, dialect=platform.door.dialect
    )
    moved = Stored(people[0].customer_id, people[0].row_id, people[0].ordinal, {"email": "new@example.org"})
    with platform.door.record(Entry("change", "test", samples.TESTER, force.versions)) as change:
        writer.replace(change.conn, [moved])
    assert rows_values(read_back(platform, [moved])) == [{"email": "new@example.org"}]
    assert samples.rows_of(platform, "privacy_office", ("email", "eq.ann0@example.org")) == []
    assert len(samples.rows_of(platform, "privacy_office", ("email", "eq.new@example.org"))) == 1
    assert samples.rows_of(platform, "privacy_office", ("full_name", "fts.number0")) == []
    segments = query(platform, database_url, "SELECT count(*) FROM customer_sealed")
    assert segments == [(3,)]  # identity for both, sensitive for the other one only


def test_an_identifier_has_one_bearer(platform: Platform) -> None:
    samples.add_people(platform, 1)
    with pytest.raises(Unavailable) as caught:
        samples.add(platform, [NewRow({"email": "ANN0@Example.org"})])
    assert "ann0" not in str(caught.value).lower()
    assert len(samples.rows_of(platform, "care_desk")) == 1  # nothing of the second one is left


def test_rows_have_tokens_whenever_they_come(platform: Platform) -> None:
    early = samples.add_people(platform, 3)
    more = (
        "  beta_share: {kind: selective, purpose: disclosure, recipient: beta, roles: [acme_app], fields: [postcode]}\n"
    )
    publish_policy(platform, samples.policy(samples.POLICY_TEXT + more), principal=samples.TESTER)
    samples.add(platform, [NewRow(samples.person(7))])
    acme = [row[0] for row in samples.rows_of(platform, "acme_share")]
    beta = [row[0] for row in samples.rows_of(platform, "beta_share", role="acme_app")]
    assert len(set(acme)) == len(set(beta)) == len(early) + 1
    assert not set(acme) & set(beta)
    assert acme == sorted(str(token) for token in acme)


def test_tokens_join_within_a_recipient_and_purpose(platform: Platform) -> None:
    people = samples.add_people(platform, 2)
    samples.add(platform, [NewRow(ORDER, customer_id=people[0].customer_id)], "order")
    ((token, order_id, *_),) = samples.rows_of(platform, "acme_orders")
    assert token in {row[0] for row in samples.rows_of(platform, "acme_share")}
    ((customer_id, own_id, *_),) = samples.rows_of(platform, "care_orders")
    assert {token, order_id}.isdisjoint({customer_id, own_id})


def test_ordinals_are_unique_and_in_no_order(platform: Platform) -> None:
    force = platform.in_force()

    def take(conn: Connection, count: int) -> list[int]:
        return take_ordinals(conn, "customer", count, key=bytes(32))

    with platform.door.record(Entry("change", "test", samples.TESTER, force.versions)) as change:
        taken = [ordinal for count in (1, 5, BLOCK, 300) for ordinal in take(change.conn, count)]
    assert len(set(taken)) == len(taken)
    assert max(taken) < 2 * BLOCK
    first = taken[:300]
    assert first != sorted(first)
    risen = sum(left < right for left, right in pairwise(first))
    assert 100 < risen < 200  # as in any random order, about half


def test_a_row_knows_its_catalogue(platform: Platform, database_url: str) -> None:
    samples.add_people(platform, 1)
    assert query(platform, database_url, "SELECT shaped_with FROM customer") == [(1,)]
