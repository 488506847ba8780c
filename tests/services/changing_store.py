"""Stores for changes of the catalogue: filled with the people of `tests.changing`, before the change or as if after.

The store before is made once and copied for each test. The keys lie in a file for both engines; no change of the
catalogue touches them.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from cdp.bootstrap import Platform, create_platform, open_platform
from cdp.catalogue.model import Catalogue
from cdp.services.opt_out import refuse
from cdp.services.publish import initialise
from cdp.store.write import NewRow
from cdp.terms import Value
from tests import changing, samples
from tests.changing import Becomes
from tests.conftest import fresh_url
from tests.postgres import Server

PEOPLE, ORDERS = 7, 4


@dataclass(frozen=True)
class Place:
    """Where a store lies."""

    home: Path
    database_url: str
    keys_url: str

    @contextmanager
    def open(self) -> Iterator[Platform]:
        """The store, once more."""
        with open_platform(samples.settings(self.home, self.database_url, self.keys_url)) as platform:
            yield platform


def beside(place: Place, folder: Path, database_url: str) -> Place:
    """Where another store lies that has the same keys; the checkpoint of the first one's log is not its own."""
    shutil.copytree(place.home, folder, ignore=shutil.ignore_patterns("checkpoint"))
    return Place(folder, database_url, place.keys_url)


@contextmanager
def base(engine_name: str, folder: Path, request: pytest.FixtureRequest) -> Iterator[Place]:
    """A filled store under the base catalogue, closed, to be copied."""
    folder.mkdir()
    with fresh_url(engine_name, folder / "cdp.db", request) as url:
        place = Place(folder / "home", url, f"sqlite:///{folder}/keys.db")
        with filled(place):
            pass
        yield place


@contextmanager
def copied(place: Place, folder: Path, request: pytest.FixtureRequest) -> Iterator[Place]:
    """A copy of a store."""
    before = place.home.parent
    shutil.copytree(before, folder)
    keys_url = f"sqlite:///{folder}/keys.db"
    if place.database_url.startswith("sqlite"):
        yield Place(folder / "home", f"sqlite:///{folder}/cdp.db", keys_url)
        return
    server: Server = request.getfixturevalue("postgres_server")
    with server.fresh_database(copied_from=place.database_url) as url:
        yield Place(folder / "home", url, keys_url)


@contextmanager
def filled(place: Place, *, catalogue: Catalogue | None = None, becomes: Becomes | None = None) -> Iterator[Platform]:
    """A store with people and orders in it; values that the catalogue has no field for are left out."""
    catalogue = catalogue or changing.edited()
    with create_platform(samples.settings(place.home, place.database_url, place.keys_url)) as platform:
        initialise(platform, catalogue, samples.policy(changing.POLICY_TEXT), principal=samples.TESTER)
        fill(platform, becomes or {})
        yield platform


def fill(platform: Platform, becomes: Becomes) -> None:
    """Write everybody."""
    people = samples.add(
        platform, [NewRow(_values(platform, "customer", changing.person(number), becomes)) for number in range(PEOPLE)]
    )
    if "order" in platform.in_force().catalogue.entities:
        rows = [
            NewRow(_values(platform, "order", changing.order(number), becomes), customer_id=people[number].customer_id)
            for number in range(ORDERS)
        ]
        samples.add(platform, rows, "order")
    refuse(platform, people[3].customer_id, "direct_marketing", principal=samples.TESTER)


def _values(platform: Platform, entity: str, values: dict[str, Value], becomes: Becomes) -> dict[str, Value]:
    fields = platform.in_force().catalogue.entities[entity].fields
    found: dict[str, Value] = {}
    for name in fields:
        convert: Callable[[Value], Value] = becomes.get(f"{entity}.{name}", lambda value: value)
        found[name] = convert(values.get(name))
    return found
