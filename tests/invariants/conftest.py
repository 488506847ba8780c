"""An open store of an organisation with a view of every kind, on each engine."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import organisation
from tests.support.worlds import World, opened


@pytest.fixture
def world(tmp_path: Path, database_url: str, keys_url: str) -> Iterator[World]:
    """The two files in force and nobody in it."""
    with opened(tmp_path / "home", database_url, keys_url, organisation.catalogue(), organisation.policy()) as made:
        yield made
