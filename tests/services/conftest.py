"""An open store of the sample organisation, on each engine."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cdp.bootstrap import Platform
from tests import samples


@pytest.fixture
def platform(tmp_path: Path, database_url: str, keys_url: str) -> Iterator[Platform]:
    """A store with the two sample files in force and nobody in it."""
    with samples.store(tmp_path / "home", database_url, keys_url) as opened:
        yield opened
