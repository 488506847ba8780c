"""Point reads: an identifier is found by an index, never by looking through everybody; and what is found is checked."""

from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest

import views.run
from audit.passage import Row
from cdp.errors import Refused
from cdp.store.records import Stored
from cdp.store.statement import Statement
from cdp.vault.blind import BlindIndex
from tests.support import organisation
from tests.support.worlds import Person, World, opened, request_of
from views.compile import compile_view
from views.dialects import Pattern
from views.run import ViewReading


@pytest.fixture
def world(tmp_path: Path, database_url: str, keys_url: str) -> Iterator[World]:
    with opened(tmp_path / "home", database_url, keys_url, organisation.catalogue(), organisation.policy()) as made:
        yield made


@pytest.fixture
def people(world: World) -> list[Stored]:
    return world.add(organisation.people(12))


def explained(world: World, view: str, *where: tuple[str, str]) -> str:
    """How the engine would run the first chunk; PostgreSQL is told that no table is small."""
    force = world.platform.in_force()
    plan = compile_view(force.catalogue, force.policy, request_of(view, *where))
    reading = ViewReading(plan, vault=world.platform.vault, dialect=world.dialect)
    statement = Statement(plan.template.chunk, world.dialect)
    values = statement._bound({**reading._values, "after": "" if plan.view.recipient else -1, "take": 10})
    with world.platform._database.reading() as conn:
        cursor: Any = conn.connection.cursor()
        if world.dialect == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(("EXPLAIN QUERY PLAN " if world.dialect == "sqlite" else "EXPLAIN ") + statement.sql, values)
        return "\n".join(str(row[-1]) for row in cursor.fetchall())


@pytest.mark.parametrize(
    "condition", [("email", "eq.ann1@example.org"), ("email", "in.(ann1@example.org,ann2@example.org)")]
)
@pytest.mark.parametrize("view", ["office", "letter", "partner"])
def test_an_identifier_is_looked_up_by_its_index(
    world: World, people: list[Stored], view: str, condition: tuple[str, str]
) -> None:
    plan = explained(world, view, condition)
    assert (
        "cdp_identifier_token" in plan or "cdp_identifier_verified" in plan or "sqlite_autoindex_cdp_identifier" in plan
    )
    if world.dialect == "sqlite":
        scanned = [line for line in plan.splitlines() if line.startswith("SCAN") and "json_each" not in line]
        assert scanned == []
    else:
        assert "Seq Scan" not in plan
        assert "token = ANY" in plan.split("Index Cond", 1)[1]


def test_words_are_looked_up_by_their_index(world: World, people: list[Stored]) -> None:
    assert "cdp_word_token" in explained(world, "office", ("full_name", "fts.ann"))


def emails(rows: list[Row]) -> set[object]:
    return {row[2] for row in rows}


def test_what_the_index_finds_is_checked_after_unsealing(
    world: World, people: list[Stored], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Were two identifiers to share a token, nobody would get another person's row."""
    monkeypatch.setattr(BlindIndex, "_tokens", lambda *_args: [b"\0" * 16])
    world.sql(
        "DELETE FROM cdp_word",
        "DROP INDEX cdp_identifier_verified",
        f"UPDATE cdp_identifier SET token = '{'00' * 16}'",
        "INSERT INTO cdp_word SELECT customer_id, 'customer', customer_id, 'full_name', '"
        + "00" * 16
        + "' FROM customer",
    )
    assert emails(world.rows(request_of("letter", ("email", "eq.ann7@example.org")))) == {"ann7@example.org"}
    assert emails(world.rows(request_of("letter", ("full_name", "fts.number7")))) == {"ann7@example.org"}
    assert emails(world.rows(request_of("letter", ("email", "in.(ann7@example.org,x)")))) == {"ann7@example.org"}


def test_equality_is_of_what_is_shown_not_of_the_person(world: World, people: list[Stored]) -> None:
    """Another spelling of the same address is another text, as for any column."""
    assert world.rows(request_of("letter", ("email", "eq.ANN7@example.org"))) == []
    assert len(world.rows(request_of("letter", ("email", "ilike.ANN7@example.org")))) == 1


def test_a_masked_identifier_is_matched_as_masked(world: World, people: list[Stored]) -> None:
    assert world.rows(request_of("desk", ("email", "eq.ann7@example.org"))) == []
    assert len(world.rows(request_of("desk", ("email", "eq.a***@e***.org")))) == len(people)


def bound_late_rows(monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    """Lower the bound; a chunk is never larger than it."""
    monkeypatch.setattr(views.run, "LATE_ROWS", most)
    monkeypatch.setattr(views.run, "CHUNK_ROWS", max(1, most // 2))


# A condition by what it takes to judge it: nothing sealed, or everybody's segment, or what an index narrows down.
SEALED = [
    ("account", "like.*7"),
    ("account", "gte.AC"),
    ("account", "not.eq.AC-000001"),
    ("or", "(account.eq.x,income.gt.1)"),
]


@pytest.mark.parametrize("most", [0, 1, 11, 12, 13])
def test_beyond_the_bound_nothing_is_opened(
    world: World, people: list[Stored], most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened_rows: list[int] = []
    keys = type(world.platform.vault).keys

    def counted(self: Any, customer_ids: Any) -> Any:
        ids = list(customer_ids)
        opened_rows.append(len(ids))
        return keys(self, ids)

    monkeypatch.setattr(type(world.platform.vault), "keys", counted)
    bound_late_rows(monkeypatch, most)
    for condition, order in [
        *product(SEALED, ("", "income")),
        (("income", "gte.0"), "account"),
        (("income", "gte.0"), "email.desc,income"),
    ]:
        opened_rows.clear()
        if most >= len(people):
            world.rows(request_of("letter", condition, order=order))
            continue
        with pytest.raises(Refused) as caught:
            world.rows(request_of("letter", condition, order=order))
        assert caught.value.code == "too_many_sealed"
        assert opened_rows == []


def test_other_conditions_bring_it_below_the_bound(
    world: World, people: list[Stored], monkeypatch: pytest.MonkeyPatch
) -> None:
    bound_late_rows(monkeypatch, 3)
    for extra in (
        ("income", "lt.3000"),
        ("email", "in.(ann0@example.org,ann1@example.org)"),
        ("full_name", "fts.number1"),
    ):
        assert world.rows(request_of("letter", ("account", "like.AC*"), extra))
    assert world.entries()[-1]["what"] == "disclosure"
    with pytest.raises(Refused):
        world.rows(request_of("letter", ("account", "like.AC*"), ("email", "not.in.(ann0@example.org)")))
    assert (world.entries()[-1]["what"], world.entries()[-1]["code"]) == ("refusal", "too_many_sealed")


def test_only_the_segments_that_are_asked_for_are_opened(
    world: World, people: list[Stored], monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> None:
        raise AssertionError("no key is needed for this")

    monkeypatch.setattr(type(world.platform.vault), "keys", never)
    assert len(world.rows(request_of("letter", columns="customer_id,income"))) == len(people)
    assert len(world.rows(request_of("callers"))) == len(people)
    with pytest.raises(AssertionError):
        world.rows(request_of("letter", columns="email"))


def test_a_refused_customers_key_is_not_even_fetched(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    keys = type(world.platform.vault).keys
    refused = frozenset({"third_party_disclosure", "sensitive_data", "direct_marketing"})
    stored = world.add(
        [Person(organisation.values(number), refused if number % 2 else frozenset()) for number in range(6)]
    )

    def listened(self: Any, customer_ids: Any) -> Any:
        ids = list(customer_ids)
        asked.extend(ids)
        return keys(self, ids)

    monkeypatch.setattr(type(world.platform.vault), "keys", listened)
    for view in ("partner", "letter"):
        world.rows(request_of(view, ("email", "like.*")))
    # The account is personal, and a refusal generalises it: she has no generalised one, so nothing of hers is opened.
    assert set(asked) == {row.customer_id for row in stored[::2]}


@pytest.mark.parametrize(
    "pattern", ["*a" * 40 + "b", "*a*" * 30 + "b", "%_" * 40 + "%b", "*" * 500 + "b", "*aa*ab" * 20 + "*c"]
)
def test_no_pattern_is_slow(pattern: str) -> None:
    """Tried in every way to divide the text, these would outlast the machine."""
    assert Pattern(pattern).as_regex().fullmatch("a" * 5_000) is None


def test_all_the_words_that_are_asked_for_narrow_it_down(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everybody is called Ann; were one word enough, nobody could be found among them."""
    world.add(
        [Person({**organisation.values(number), "full_name": f"Ann 王小{'明' * (number == 3)}"}) for number in range(9)]
    )
    bound_late_rows(monkeypatch, 2)
    for asked in ("ann 小明", "小明", "王小明", "明 ann ann"):
        assert emails(world.rows(request_of("letter", ("full_name", f"fts.{asked}")))) == {"ann3@example.org"}
    assert world.rows(request_of("letter", ("full_name", "fts.ann nobody"))) == []
    assert world.rows(request_of("letter", ("full_name", "fts. !"))) == []
    with pytest.raises(Refused):
        world.rows(request_of("letter", ("full_name", "fts.ann 王小")))
