"""Fixtures that every test may use: the two databases, each time fresh, and how Hypothesis looks for examples."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from migrations import runner
from tests.postgres import Server, shared_server
from tests.support.recorded import recorded

ENGINES = ("sqlite", "postgresql")

# The same examples on every run, so that a failure is about the change; HYPOTHESIS_PROFILE=explore looks for new ones.
settings.register_profile("fixed", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("explore", settings.get_profile("fixed"), derandomize=False, max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fixed"))


@pytest.fixture(scope="session", autouse=True)
def _migrations_recorded() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runner, "upgrade", recorded(runner.upgrade))
        yield


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of this worker's own: one test's long transaction would keep another's dead rows (`horizon.py`)."""
    with shared_server(tmp_path_factory.getbasetemp()) as server:
        yield server


@pytest.fixture(params=ENGINES)
def engine_name(request: pytest.FixtureRequest) -> str:
    """What the test runs on: both, or one by `@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)`."""
    return str(request.param)


@pytest.fixture
def database_url(engine_name: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of an empty database."""
    with fresh_url(engine_name, tmp_path / "cdp.db", request) as url:
        yield url


@pytest.fixture
def keys_url(engine_name: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of another empty database, of the same kind, for the keys."""
    with fresh_url(engine_name, tmp_path / "keys.db", request) as url:
        yield url


@contextmanager
def fresh_url(engine_name: str, path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """One more empty database of a kind, for a test that needs it."""
    if engine_name == "sqlite":
        yield f"sqlite:///{path}"
        return
    server: Server = request.getfixturevalue("postgres_server")  # only now: a test on SQLite starts no server
    with server.fresh_database() as url:
        yield url
