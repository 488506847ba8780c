"""Sets of provenance: the same declaration gives the same set, and a set of parts allows what all its parts allow."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from sqlalchemy import Connection

from cdp.database.database import Database
from cdp.database.faults import STORE
from cdp.errors import Unavailable
from cdp.store.periods import periods_of_sets
from cdp.store.provenance import Declared, combine, intern, parts_of, uses_of, without
from cdp.store.provenance_changes import allow, disclose_to, lock_sets, withdraw
from migrations import runner

AT = "2026-01-01T00:00:00.000000+00:00"
PURPOSES, RECIPIENTS = ("service", "letters", "scoring"), ("acme", "globex")


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    made = Database.create(database_url, STORE)
    made.write(lambda conn: runner.upgrade(conn, "platform"))
    yield made
    made.close()


DECLARED = st.builds(
    Declared,
    source=st.sampled_from(["crm", "web"]),
    purposes=st.frozensets(st.sampled_from(PURPOSES)),
    statement=st.sampled_from(["", "v1"]),
    retention=st.sampled_from(["", "P1Y"]),
    recipients=st.none() | st.frozensets(st.sampled_from(RECIPIENTS)),
)
NAMES = st.frozensets(st.sampled_from(PURPOSES), min_size=1)
STEPS = st.one_of(
    st.tuples(st.just("declare"), DECLARED),
    st.tuples(st.just("combine"), st.lists(st.integers(0, 50), min_size=1, max_size=3)),
    st.tuples(st.just("withdraw"), st.integers(0, 50), NAMES),
    st.tuples(st.just("allow"), st.integers(0, 50), NAMES),
    st.tuples(st.just("tell"), st.integers(0, 50), st.frozensets(st.sampled_from(RECIPIENTS))),
)


class Naive:
    """What has to hold, over plain sets: of every declared set what it allows now, of every other its parts."""

    def __init__(self) -> None:
        self.declared: dict[int, tuple[Declared, set[str], set[str] | None]] = {}
        self.parts: dict[int, set[int]] = {}
        self.gone: dict[tuple[str, str], dict[int, set[str]]] = {}

    def allowed(self, number: int) -> tuple[set[str], set[str] | None]:
        mine = [self.declared[part] for part in self.parts[number]]
        purposes = set.intersection(*(purposes for _, purposes, _ in mine))
        limits = [recipients for _, _, recipients in mine if recipients is not None]
        return purposes, set.intersection(*limits) if limits else None


def step(conn: Connection, naive: Naive, act: Any) -> None:
    kind, *what = act
    if kind == "declare":
        declared: Declared = what[0]
        number = intern(conn, declared, at=AT)
        if number not in naive.declared:
            gone = set().union(*naive.gone.get((declared.source, declared.statement), {}).values())
            recipients = None if declared.recipients is None else set(declared.recipients)
            naive.declared[number] = (declared, set(declared.purposes) - gone, recipients)
            naive.parts[number] = {number}
        assert naive.declared[number][0] == declared
        return
    if not naive.declared:
        return
    every, own = sorted(naive.parts), sorted(naive.declared)
    if kind == "combine":
        sets = [every[each % len(every)] for each in what[0]]
        number = combine(conn, sets, at=AT)
        naive.parts.setdefault(number, set())
        naive.parts[number] = set().union(*(naive.parts[each] for each in sets))
        return
    number = own[what[0] % len(own)]
    declared, purposes, recipients = naive.declared[number]
    removed = naive.gone.setdefault((declared.source, declared.statement), {}).setdefault(number, set())
    if kind == "withdraw":
        withdraw(conn, [number], what[1])
        purposes -= what[1]
        removed |= what[1]
    elif kind == "allow":
        allow(conn, [number], what[1])
        purposes |= what[1]
        removed -= what[1]
    else:
        disclose_to(conn, [number], what[1])
        naive.declared[number] = (declared, purposes, set(what[1]))


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(STEPS, max_size=14))
def test_any_sequence_leaves_what_the_parts_allow(database: Database, acts: list[Any]) -> None:
    with database.writing() as conn:
        for table in ("cdp_provenance_use", "cdp_provenance_part", "cdp_provenance"):
            conn.exec_driver_sql(f"DELETE FROM {table}")
        naive = Naive()
        for act in acts:
            step(conn, naive, act)
            for number, uses in uses_of(conn, naive.parts).items():
                purposes, recipients = naive.allowed(number)
                told = {name for kind, name in uses if kind == "recipient"}
                assert {name for kind, name in uses if kind == "purpose"} == purposes
                assert told - {"*"} == (recipients or set())
                assert ("*" in told) == (recipients is None)
        assert parts_of(conn, naive.parts) == naive.parts


def test_sets_on_each_engine(database: Database) -> None:
    with database.writing() as conn:
        one = intern(conn, Declared("crm", frozenset(PURPOSES), "v1", "contract", "P2Y"), at=AT)
        two = intern(conn, Declared("web", frozenset({"letters"}), retention="90 days"), at=AT)
        both = combine(conn, [one, two], at=AT)
        assert len({one, two, both}) == 3
        assert combine(conn, [two, both, one], at=AT) == both
        assert without(conn, both, [two], at=AT) == one
        assert without(conn, one, [one], at=AT) == one  # where nothing would be left, nothing goes
        assert periods_of_sets(conn) == {one: ("P2Y",), two: ("90 days",), both: ("P2Y", "90 days")}
        withdraw(conn, [two], ["letters"])
        assert uses_of(conn, [both])[both] == {("recipient", "*")}
        allow(conn, [two], ["service", "letters"])
        assert {name for _, name in uses_of(conn, [both])[both]} == {"service", "letters", "*"}


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_nobody_changes_a_part_while_a_set_is_made_of_it(database: Database) -> None:
    with database.writing() as conn:
        sets = [intern(conn, Declared(name, frozenset(PURPOSES)), at=AT) for name in ("crm", "web")]
    with database.writing() as conn:
        combine(conn, sets, at=AT)
        with pytest.raises(Unavailable) as caught:
            _changed(database, sets[0])
        assert caught.value.code == "store_locked"


def _changed(database: Database, number: int) -> None:
    """Change a set, as somebody who does not wait."""
    with database.writing() as other:
        other.exec_driver_sql("SET LOCAL lock_timeout = '50ms'")
        lock_sets(other, [number])
