"""A store with people who ask for things, and officers who decide."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from audit.entries import HERSELF, Principal
from cdp.bootstrap import Platform, create_platform
from cdp.services.publish import initialise
from cdp.services.requests.file import Filing, file_request
from cdp.services.requests.officer import Officer
from cdp.services.requests.states import Kind
from cdp.store.records import Stored
from tests import samples
from tests.portal.conftest import POLICY

OFFICER = Officer(Principal("os:officer", "privacy_officer"))
OTHER = Officer(Principal("os:other", "privacy_officer"))


@pytest.fixture
def platform(tmp_path: Path, database_url: str, keys_url: str) -> Iterator[Platform]:
    with create_platform(samples.settings(tmp_path / "home", database_url, keys_url)) as opened:
        initialise(opened, samples.catalogue(), samples.policy(POLICY), principal=samples.TESTER)
        yield opened


@pytest.fixture
def people(platform: Platform) -> list[Stored]:
    return samples.add_people(platform, 4)


@pytest.fixture
def ann(people: list[Stored]) -> str:
    return people[0].customer_id


def ask(platform: Platform, customer_id: str, kind: Kind = Kind.ACCESS, text: str = "", **more: object) -> str:
    """A request of her own."""
    return file_request(platform, customer_id, Filing(kind, text, **more), principal=HERSELF)
