"""A store of the sample organisation on each engine, with people in it, and the application over it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI

from cdp.asgi import create_app
from cdp.bootstrap import Platform
from tests import samples


@pytest.fixture
def platform(tmp_path: Path, database_url: str, keys_url: str) -> Iterator[Platform]:
    with samples.store(tmp_path / "home", database_url, keys_url) as made:
        samples.add_people(made, 12)
        yield made


@pytest.fixture
def app(platform: Platform) -> FastAPI:
    return create_app(platform)
