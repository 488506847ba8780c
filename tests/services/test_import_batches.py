"""The end is the same for any size of batches, any split of a file, and whoever else imports meanwhile."""

import random
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from cdp.bootstrap import Platform, open_platform
from cdp.errors import Unavailable
from cdp.services.imports import batches, found, loader
from cdp.services.imports.load import ImportResult
from cdp.services.publish import publish_policy
from cdp.store import lookup
from tests import samples
from tests.services import importing
from tests.services.importing import bring, counts, entries, fresh_store, people, reasons, sizes, store, write

HEADER = "name,email,phone,age,direct_marketing\n"


@pytest.fixture
def platform(tmp_path: Path, database_url: str, keys_url: str) -> Iterator[Platform]:
    with store(tmp_path / "home", database_url, keys_url) as opened:
        yield opened


def rows(seed: int, count: int) -> list[str]:
    """Rows about few people: identifiers are shared, moved, and in conflict, and some rows are wrong."""
    choice = random.Random(seed)

    def email() -> str:
        return choice.choice(["", *(f"p{n}@example.org" for n in range(6))])

    def phone() -> str:
        return choice.choice(["", "", *(f"+4477009000{n:02}" for n in range(6))])

    return [
        f"{choice.choice(['', 'Ann', 'Bob'])},{email()},{phone()},{choice.choice(['', '1', '2', 'x'])},"
        f"{choice.choice(['', 'no', 'yes'])}\n"
        for _ in range(count)
    ]


def outcome(platform: Platform, results: list[ImportResult]) -> Any:
    """Everything that is to be the same."""
    done = [sum(column) for column in zip(*map(counts, results), strict=True)]
    return done, people(platform), sizes(platform)


@pytest.mark.parametrize("seed", range(4))
def test_any_size_of_batches_ends_the_same(
    tmp_path: Path, engine_name: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest, seed: int
) -> None:
    path = write(tmp_path / "people.csv", HEADER + "".join(rows(seed, 60)))
    ends = []
    for size in (1, 7, 60):
        with fresh_store(request, engine_name, tmp_path / str(size)) as platform:
            monkeypatch.setattr(batches, "BATCH_ROWS", size)
            result = bring(platform, path)
            ends.append((outcome(platform, [result]), reasons(result)))
            assert len(entries(platform)) == -(-60 // size)
    assert ends[0] == ends[1] == ends[2]
    assert ends[0][1]


def test_a_file_that_is_split_ends_the_same(tmp_path: Path, engine_name: str, request: pytest.FixtureRequest) -> None:
    lines = rows(9, 60)
    ends = []
    for cut in (0, 1, 31):
        with fresh_store(request, engine_name, tmp_path / str(cut)) as platform:
            parts = [lines[:cut], lines[cut:]] if cut else [lines]
            files = [write(tmp_path / f"{n}.csv", HEADER + "".join(part)) for n, part in enumerate(parts)]
            ends.append(outcome(platform, [bring(platform, file) for file in files]))
    assert ends[0] == ends[1] == ends[2]


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_batch_ends_at_its_bytes(platform: Platform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "BATCH_BYTES", 100)
    lines = [f"p{n}@example.org,{'x' * 60}\n" for n in range(8)]
    bring(platform, write(tmp_path / "people.csv", "email,nickname\n" + "".join(lines)))
    assert [entry["created"] for entry in entries(platform)] == [2, 2, 2, 2]


def test_two_imports_of_the_same_people(
    tmp_path: Path, database_url: str, keys_url: str, engine_name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On PostgreSQL both have looked before either writes; SQLite lets one in at a time."""
    meet, find, looks = threading.Barrier(2), loader.find, []
    people_of = [f"p{n}@example.org" for n in range(30)]

    def looked(*arguments: Any) -> Any:
        seen, me = find(*arguments), threading.get_ident()
        looks.append(me)
        if engine_name == "postgresql" and looks.count(me) == 1:
            meet.wait(60)
        return seen

    def run(number: int) -> ImportResult:
        order = people_of if number else people_of[::-1]
        file = write(tmp_path / f"{number}.csv", "email,age\n" + "".join(f"{each},{number}\n" for each in order))
        with open_platform(importing.settings(tmp_path / "home", database_url, keys_url)) as mine:
            return bring(mine, file)

    monkeypatch.setattr(loader, "find", looked)
    with store(tmp_path / "home", database_url, keys_url) as platform, ThreadPoolExecutor(2) as pool:
        results = list(pool.map(run, range(2)))
        assert sorted(map(counts, results)) == [(0, 30, 0, 0), (30, 0, 0, 0)]
        assert sorted(row["email"] for row in people(platform)) == sorted(people_of)
        assert len({row["age"] for row in people(platform)}) == 1
        assert sizes(platform)["cdp_identifier"] == 30
        assert len(looks) == (3 if engine_name == "postgresql" else 2)  # the second of the two looked again


def test_an_identifier_that_moves_between_looking_and_locking(
    platform: Platform, tmp_path: Path, database_url: str, keys_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if platform.door.dialect == "sqlite":
        return  # its writers come one after the other: nothing moves
    bring(platform, write(tmp_path / "first.csv", "email,phone,age\na@example.org,+447700900001,1\n"))
    moved: list[int] = []

    def meanwhile(*arguments: Any) -> Any:
        if not moved:
            moved.append(1)
            with open_platform(importing.settings(tmp_path / "home", database_url, keys_url)) as other:
                bring(other, write(tmp_path / "other.csv", "email,phone\nb@example.org,+447700900001\n"))
        return lookup.lock_customers(*arguments)

    monkeypatch.setattr(found, "lock_customers", meanwhile)
    assert counts(bring(platform, write(tmp_path / "mine.csv", "email,age\na@example.org,2\n"))) == (1, 0, 0, 0)
    assert sorted((row["email"], row["age"]) for row in people(platform)) == [
        ("a@example.org", 2),
        ("b@example.org", 1),
    ]


def test_a_conflict_that_does_not_pass_is_an_error(
    platform: Platform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[int] = []

    def never(*_arguments: Any) -> Any:
        tries.append(1)
        raise Unavailable("store_conflict", "another change came first")

    monkeypatch.setattr(loader, "find", never)
    with pytest.raises(Unavailable):
        bring(platform, write(tmp_path / "people.csv", "email\na@example.org\n"))
    assert len(tries) == batches.ATTEMPTS
    assert people(platform) == []


def test_a_policy_that_changes_meanwhile(platform: Platform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "BATCH_ROWS", 2)
    policies = iter([importing.POLICY + "  more: {kind: full, purpose: administration, roles: [officer]}\n"])

    def meanwhile(_done: int, _total: int, rows: int) -> None:
        if rows == 2:
            publish_policy(platform, samples.policy(next(policies)), principal=samples.TESTER)

    path = write(
        tmp_path / "people.csv", "email,age\n" + "".join(f"{n}@example.org,{n % 3 or 'x'}\n" for n in range(6))
    )
    result = bring(platform, path, progress=meanwhile)
    assert (counts(result), [line for line, _, _ in reasons(result)]) == ((4, 0, 0, 2), [2, 5])
    assert len({entry["policy"] for entry in entries(platform)}) == 2
