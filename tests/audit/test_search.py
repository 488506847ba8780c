"""Searching the log: what is found is what reading every entry finds, whatever of it is taken in, on both engines."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from pyroaring import BitMap
from sqlalchemy import text

from audit import indexing, newest, pieces, search, verify_index
from audit.entries import Entry, Principal, parse_entry
from audit.indexing import daily, indexed_to, take_in, tallies
from audit.pieces import PARTS, Tally
from audit.search import Search, Sought, beginning, find_entries
from cdp.errors import Unavailable
from cdp.services.drop_log import drop_log
from cdp.services.verify_log import verify_log
from tests.support import organisation
from tests.support.worlds import TESTER, World, opened

WIDE = 256
WHO = [Principal("staff:iris", "privacy_officer"), Principal("staff:ian"), Principal("app:shop", "newsletter_app")]


@pytest.fixture
def world(tmp_path: Path, database_url: str, keys_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    for module in (pieces, indexing, newest, search, verify_index):
        monkeypatch.setattr(module, "PIECE", WIDE)
    with opened(tmp_path / "home", database_url, keys_url, organisation.catalogue(), organisation.policy()) as made:
        append(made, 900)
        yield made
        (tmp_path / "home" / "checkpoint").unlink()  # some tests tamper, and would rightly not be signed for
        made.sql("DELETE FROM cdp_log_checkpoint")


def append(world: World, count: int) -> None:
    random = Random(7)
    made = [
        Entry(
            random.choice(["disclosure", "disclosure", "refusal", "change"]), random.choice(["read", "who_saw"]),
            random.choice(WHO), None,
            {"view": random.choice(["care_desk", "newsletter"]), "chunk": random.choice([0, 0, 1]), "rows": 3},
            subjects=random.sample(range(50), 2),
        )
        for _ in range(count)
    ]  # fmt: skip
    world.platform.door._log.append_many(made)


def everything(world: World) -> dict[int, dict[str, object]]:
    rows = world.query("SELECT number, entry FROM cdp_log_entry ORDER BY number")
    return {number: parse_entry(bytes(data)) for number, data in rows}


def take_all_in(world: World) -> int:
    while take_in(world.platform.door.lookup, world.platform.door.keep):
        pass
    return indexed_to(world.platform.door.lookup)


SEARCHES = (
    Search(),
    Search({"principal": [Sought("staff:iris")]}),
    Search({"principal": [beginning("staff:")], "what": [Sought("refusal")]}),
    Search({"view": [Sought("newsletter")], "act": [Sought("read"), Sought("who_saw")], "what": [Sought("change")]}),
    Search({"purpose": [Sought("nothing says so")]}),
    Search({"role": [Sought("", "z")]}),
    Search(among=BitMap(range(100, 800, 7))),
    Search({"view": [Sought("care_desk")]}, BitMap(range(100, 800, 7))),
    Search({"day": [Sought("2000-01-01", "2999-01-01")], "view": [Sought("care_desk")]}),
    Search({"day": [Sought("2000-01-01", "2001-01-01")]}),
)  # fmt: skip


def naive(world: World, wanted: Search) -> list[int]:
    def fits(body: dict[str, object]) -> bool:
        said = {**{name: body.get(name) or "" for name in PARTS}, "day": body["at"][:10]}
        return all(
            any(said[part] and (each.low == said[part] or each.low <= said[part] <= each.high) for each in sought)
            for part, sought in wanted.parts.items()
        )

    return sorted(
        (n for n, body in everything(world).items() if fits(body) and (wanted.among is None or n in wanted.among)),
        reverse=True,
    )


def paged(world: World, wanted: Search, limit: int) -> list[int]:
    found, before = [], None
    while True:
        known = world.platform.door.newest.known
        page = find_entries(world.platform.door.lookup, wanted, before=before, limit=limit, known=known)
        assert len(page.numbers) <= limit
        found += page.numbers
        if page.below is None:
            return found
        before = page.below


@pytest.mark.parametrize("taken", ["nothing", "all", "some"])
def test_a_search_finds_what_reading_every_entry_finds(
    world: World, taken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "_FEW", 1)
    if taken == "all":
        assert take_all_in(world) == 768
    elif taken == "some":
        assert take_in(world.platform.door.lookup, world.platform.door.keep)
        monkeypatch.setattr(search, "READ", 100)  # so that one look does not reach what is taken in
    for wanted in SEARCHES:
        expected = naive(world, wanted)
        for limit in (90, 1000):
            assert paged(world, wanted, limit) == expected, wanted
    assert find_entries(world.platform.door.lookup, Search(), before=3, limit=9).numbers == [2, 1, 0]


def test_what_is_counted_is_what_counting_every_entry_gives(world: World) -> None:
    def counted() -> dict[object, Tally]:
        found: dict[object, Tally] = defaultdict(Tally)
        for line, tally in tallies(world.platform.door.lookup):
            found[line].add(tally)
        return found

    before = counted()
    take_all_in(world)
    assert counted() == before
    bodies = everything(world).values()
    acts = Counter((body["act"], body["principal"], body["what"]) for body in bodies if not body.get("chunk"))
    told: Counter[tuple[str, str, str]] = Counter()
    for line, tally in before.items():
        told[line.act, line.principal, line.what] += tally.acts
    assert +told == acts
    assert sum(each.customers for each in before.values()) == sum(body["customers"] for body in bodies)
    hour = max(line.hour for line in before)
    assert {line.hour for line, _ in tallies(world.platform.door.lookup, since=hour)} == {hour}


def test_days_are_counted_as_their_hours_are(world: World) -> None:
    hour = max(line.hour for line, _ in tallies(world.platform.door.lookup))
    for apart in (set(), {hour}):
        for _ in range(2):
            expected: dict[object, Tally] = defaultdict(Tally)
            for line, tally in tallies(world.platform.door.lookup):
                if line.what == "refusal" or (line.what == "disclosure" and tally.customers):
                    expected[line.principal, line.what, line.hour[:10], line.hour in apart].add(tally)
            told: dict[object, Tally] = defaultdict(Tally)
            for line, tally in daily(world.platform.door.lookup, since="2000", apart=apart):
                told[line.principal, line.what, line.hour[:10], line.hour in apart].add(tally)
            assert {key: (each.acts, each.customers) for key, each in told.items()} == {
                key: (each.acts, each.customers) for key, each in expected.items()
            }
            take_in(world.platform.door.lookup, world.platform.door.keep)


def test_what_is_dropped_is_forgotten_and_verifies(world: World) -> None:
    take_all_in(world)
    assert any("what it is searched by, 3 piece(s)" in step for step in verify_log(world.platform).steps)
    world.platform.keeper.sign()
    assert drop_log(world.platform, datetime.now(UTC) + timedelta(days=1), principal=TESTER) == 768
    assert world.query("SELECT count(*) FROM cdp_log_posting") == [(0,)]
    assert min(paged(world, Search({"principal": [beginning("staff:")]}), 50)) >= 768
    verify_log(world.platform)


def test_a_piece_dropped_in_part_says_nothing_of_what_is_gone(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (pieces, indexing, newest, search, verify_index):
        monkeypatch.setattr(module, "PIECE", 2 * WIDE)
    assert take_all_in(world) == 512
    with world.platform.door.record(Entry("change", "test", TESTER, None)) as change:
        change.conn.execute(text("DELETE FROM cdp_log_entry WHERE number < 256"))
        indexing.forget_dropped(change.conn, 256)
    assert paged(world, Search({"view": [beginning("")]}), 90) == naive(world, Search({"view": [beginning("")]}))
    assert sum(tally.entries for _, tally in tallies(world.platform.door.lookup)) == len(everything(world))


def test_who_read_a_piece_before_entries_were_dropped_writes_nothing_of_it(world: World) -> None:
    door = world.platform.door

    def keep(*statements: object) -> bool:
        world.sql("UPDATE cdp_log_indexed SET drops = drops + 1")
        return door.keep(*statements)

    take_in(door.lookup, keep)
    assert world.query("SELECT count(*) FROM cdp_log_posting") == [(0,)]
    assert indexed_to(door.lookup) == 0


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM cdp_log_posting WHERE piece = 1 AND value = 'staff:iris'",
        "UPDATE cdp_log_tally SET acts = acts + 1 WHERE piece = 0 AND line = 0",
        "UPDATE cdp_log_indexed SET pieces = 2",
        "UPDATE cdp_log_indexed SET pieces = 90",
        "UPDATE cdp_log_tally SET piece = 7 WHERE piece = 2 AND line = 0",
    ],
)  # fmt: skip
def test_whoever_hides_an_entry_from_the_search_is_seen(world: World, change: str) -> None:
    take_all_in(world)
    world.sql(change)
    with pytest.raises(Unavailable, match="searched by"):
        verify_log(world.platform)
