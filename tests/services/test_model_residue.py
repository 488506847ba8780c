"""What a change of the catalogue leaves in the files: nothing that is sealed now, nothing that was dropped."""

import re
import sqlite3
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from cdp.bootstrap import Platform
from cdp.database import database
from cdp.errors import Unavailable
from cdp.services.model import apply_model
from cdp.store.write import NewRow
from tests import samples
from tests.changing import Data, drop, edited, set_field
from tests.postgres import ADMIN, Server
from tests.services.changing_store import Place

COUNT = 400


def canary(number: int) -> str:
    """A value found nowhere else; of many lengths, so that rows lie in pages in many ways."""
    return f"canary-{number:04}-" + "x" * (number % 97) + f"-{number:04}-end"


@pytest.fixture
def traces(place: Place, request: pytest.FixtureRequest) -> Callable[[], set[bytes]]:
    """What of the canaries can be found in the files of the database, however it is cased."""

    def found() -> set[bytes]:
        return {each for path in _files(place, request) for each in PARTS.findall(path.read_bytes())}

    return found


PARTS = re.compile(rb"canary-[0-9]{4}-|-[0-9]{4}-end")
"""The value's beginning and its end: also half of one is too much."""


def _files(place: Place, request: pytest.FixtureRequest) -> list[Path]:
    if place.database_url.startswith("sqlite"):
        path = Path(place.database_url.removeprefix("sqlite:///"))
        return [each for each in path.parent.iterdir() if each.is_file() and each.name.startswith(path.name)]
    server: Server = request.getfixturevalue("postgres_server")
    name = place.database_url.rpartition("/")[2]
    with psycopg.connect(server.url(name, user=ADMIN, driver="postgresql"), autocommit=True) as connection:
        connection.execute("CHECKPOINT")
        [(folder, number)] = connection.execute(
            "SELECT current_setting('data_directory'), oid FROM pg_database WHERE datname = %s", (name,)
        ).fetchall()
    return [path for path in Path(folder, "base", str(number)).iterdir() if path.is_file()]


CHANGES: dict[str, Callable[[Data], object]] = {
    "personal to identifying": set_field("customer.city", sensitivity="identifying", general=None, keep=None),
    "personal to sensitive": set_field("customer.city", sensitivity="sensitive"),
    "sealed at rest": set_field("customer.city", at_rest="sealed", general=None, keep=None),
    "field gone": drop("customer.city"),
}


@pytest.mark.parametrize("edit", CHANGES.values(), ids=CHANGES)
def test_no_value_stays_in_the_files(
    changing: Platform, edit: Callable[[Data], object], traces: Callable[[], set[bytes]]
) -> None:
    samples.add(changing, [NewRow({"city": canary(number)}) for number in range(COUNT)])
    assert len(traces()) == 2 * COUNT
    applied = apply_model(changing, edited(edit), principal=samples.TESTER, allow_destructive=True)
    assert traces() == set()
    if applied.reshaped:
        assert {row[3] for row in samples.rows_of(changing, "office", role="officer")} >= {canary(COUNT - 1)}


def test_other_values_are_not_left_either(changing: Platform, traces: Callable[[], set[bytes]]) -> None:
    """A type that nothing converts to, and choices that are no more."""
    samples.add(changing, [NewRow({"city": canary(number)}) for number in range(COUNT)])
    edit = set_field("customer.city", type="integer", general=None, keep=None)
    applied = apply_model(changing, edited(edit), principal=samples.TESTER, allow_destructive=True)
    assert applied.lost["customer.city"] >= COUNT
    assert traces() == set()


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_reader_that_keeps_the_files_in_use_keeps_the_catalogue_waiting(
    place: Place, traces: Callable[[], set[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not in force as long as what it sealed is still in the files; later the same call goes on."""
    new = edited(CHANGES["personal to identifying"])
    monkeypatch.setattr(database, "_PRAGMAS", (*database._PRAGMAS, "PRAGMA busy_timeout=20"))
    monkeypatch.setattr(database, "WAIT_SECONDS", 0)
    with place.open() as platform:
        samples.add(platform, [NewRow({"city": canary(number)}) for number in range(COUNT)])
        with sqlite3.connect(place.database_url.removeprefix("sqlite:///")) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM customer").fetchone()
            with pytest.raises(Unavailable) as caught:
                apply_model(platform, new, principal=samples.TESTER)
            reader.rollback()
        assert caught.value.code == "store_locked"
        assert platform.force().applying == 2
        assert traces()
        assert apply_model(platform, new, principal=samples.TESTER).resumed
        assert traces() == set()
