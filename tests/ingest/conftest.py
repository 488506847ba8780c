"""A store whose catalogue has a tracking plan, a source in it, and what takes events in."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cdp.bootstrap import Platform, create_platform
from cdp.ingest.sources import Source, add_source
from cdp.ingest.spool import Intake
from cdp.services.publish import initialise
from tests import samples
from tests.ingest import sending


@pytest.fixture
def platform(tmp_path: Path, database_url: str, keys_url: str) -> Iterator[Platform]:
    settings = samples.settings(tmp_path / "home", database_url, keys_url)
    with create_platform(settings) as made:
        catalogue, policy = samples.catalogue(sending.CATALOGUE), samples.policy(sending.POLICY)
        initialise(made, catalogue, policy, principal=samples.TESTER)
        yield made


@pytest.fixture
def made(platform: Platform) -> tuple[Source, str]:
    return add_source(platform, "web", principal=samples.TESTER, consent={"ads": "third_party_disclosure"})


@pytest.fixture
def source(made: tuple[Source, str]) -> Source:
    return made[0]


@pytest.fixture
def write_key(made: tuple[Source, str]) -> str:
    return made[1]


@pytest.fixture
def intake(platform: Platform) -> Intake:
    return Intake(platform)
