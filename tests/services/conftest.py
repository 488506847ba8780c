"""An open store of the sample organisation, on each engine."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cdp.bootstrap import Platform
from cdp.store import reshape
from tests import samples
from tests.postgres import Server
from tests.services.changing_store import Place, base, copied


@pytest.fixture
def platform(tmp_path: Path, database_url: str, keys_url: str) -> Iterator[Platform]:
    """A store with the two sample files in force and nobody in it."""
    with samples.store(tmp_path / "home", database_url, keys_url) as opened:
        yield opened


@pytest.fixture(scope="session")
def sqlite_base(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A filled store, to be copied."""
    with base("sqlite", tmp_path_factory.mktemp("base") / "sqlite", request) as made:
        yield made


@pytest.fixture(scope="session")
def postgresql_base(
    postgres_server: Server, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Place]:
    """The same on a server, which must not stop before it."""
    with base("postgresql", tmp_path_factory.mktemp("base") / "postgresql", request) as made:
        yield made


@pytest.fixture
def place(engine_name: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Place]:
    """A copy of it, for one test."""
    made: Place = request.getfixturevalue(f"{engine_name}_base")
    with copied(made, tmp_path / "store", request) as found:
        yield found


@pytest.fixture
def changing(place: Place, monkeypatch: pytest.MonkeyPatch) -> Iterator[Platform]:
    """It, open; rows are written anew in small batches."""
    monkeypatch.setattr(reshape, "SPAN", 1500)  # two batches: ordinals are spread over blocks of 4,096
    with place.open() as opened:
        yield opened
