"""Sets of provenance of every sort, and rows that point to them: those that there are, and those that there are not."""

from collections.abc import Iterable, Sequence
from random import Random
from typing import Any

from audit.entries import Entry, timestamp
from cdp.store.provenance import Declared, combine, intern
from cdp.store.records import Stored
from tests.support.worlds import TESTER, World

NO_SET = 4_711


def variety(world: World, purposes: Sequence[str], random: Random) -> list[int]:
    """Numbers of sets: for all purposes, for one, for none, for some, of parts; and such as are no sets."""
    every, at = frozenset(purposes), timestamp()
    said = [
        Declared("crm", every), Declared("web", every, recipients=frozenset()),
        Declared("shop", every, recipients=frozenset({"acme", "globex"})),
        Declared("post", every, recipients=frozenset({"globex"})), Declared("fair", frozenset()),
        *(Declared("form", frozenset({each}), statement=f"v{number}") for number, each in enumerate(purposes)),
        *(Declared("part", frozenset(random.sample(sorted(every), len(every) // 2)), retention=f"P{n}Y")
          for n in (1, 2)),
    ]  # fmt: skip
    with world.platform.door.record(Entry("change", "test", TESTER, None)) as change:
        sets = [intern(change.conn, each, at=at) for each in said]
        pairs = [random.sample(sets, 2) for _ in range(4)]
        sets += [combine(change.conn, pair, at=at) for pair in pairs]
        sets += [combine(change.conn, [sets[0], sets[1]], at=at), combine(change.conn, [sets[0], NO_SET], at=at)]
        sets.append(combine(change.conn, [sets[-2], sets[2]], at=at))
    return [*sets, 0, NO_SET]


def point(world: World, rows: Iterable[tuple[str, Stored, int]]) -> None:
    """Have rows of entities point to sets."""
    world.sql(
        *(f'UPDATE "{entity}" SET cdp__provenance = {number} WHERE ordinal = {row.ordinal}'
          for entity, row, number in rows)
    )  # fmt: skip


def declarations(world: World) -> dict[int, list[dict[str, Any]]]:
    """What every set comes to, as the interpreter takes it: read part by part, past what is kept of the whole."""
    uses = world.query("SELECT provenance, kind, name FROM cdp_provenance_use")
    parts = world.query("SELECT provenance, part FROM cdp_provenance_part")
    found: dict[int, list[dict[str, Any]]] = {}
    for number, part in parts:
        mine = [(kind, name) for each, kind, name in uses if each == part]
        recipients = {name for kind, name in mine if kind == "recipient"}
        purposes = {name for kind, name in mine if kind == "purpose"}
        declared = {"purposes": purposes, "recipients": None if "*" in recipients else recipients}
        found.setdefault(number, []).append(declared)
    return found
