"""A store of the sample organisation on each engine, with people in it, and the application over it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI

from cdp.asgi import create_app
from cdp.bootstrap import Platform
from tests import samples


@pytest.fixture(autouse=True)
def unlimited(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is left of a quota would make two answers differ; tests of quotas set their own."""
    for name in ("APP", "SUBJECT", "ADDRESS"):
        monkeypatch.setenv(f"CDP_LIMIT_{name}", "0")
    monkeypatch.setenv("CDP_REQUEST_LOG", "0")


@pytest.fixture
def platform(tmp_path: Path, database_url: str, keys_url: str) -> Iterator[Platform]:
    with samples.store(tmp_path / "home", database_url, keys_url) as made:
        samples.add_people(made, 12)
        yield made


@pytest.fixture
def app(platform: Platform) -> Iterator[FastAPI]:
    made = create_app(platform)
    yield made
    made.state.traffic.close()
