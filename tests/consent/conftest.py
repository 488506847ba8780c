"""An open store of the sample organisation, on each engine."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import samples
from tests.support.worlds import World


@pytest.fixture
def world(tmp_path: Path, database_url: str, keys_url: str) -> Iterator[World]:
    """A store with the two sample files in force and nobody in it."""
    with samples.store(tmp_path / "home", database_url, keys_url) as platform:
        yield World(platform)
