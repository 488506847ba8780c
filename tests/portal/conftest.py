"""The sample organisation with a view for customers themselves, some customers, and the application over it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI

from cdp.asgi import create_app
from cdp.bootstrap import Platform, create_platform
from cdp.services.publish import initialise
from cdp.store.write import NewRow
from tests import samples
from tests.portal.visitor import Visitor

POLICY = (
    samples.POLICY_TEXT.replace("acme_app]\n", "acme_app, customer]\n", 1)
    + """\
  my_data:        {kind: full, purpose: privacy_administration, roles: [customer]}
  my_orders:      {kind: full, entity: order, purpose: privacy_administration, roles: [customer]}
"""
)
ADDRESS = "ann0@example.org"


@pytest.fixture
def platform(tmp_path: Path, database_url: str, keys_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Platform]:
    for name in ("APP", "SUBJECT", "ADDRESS"):
        monkeypatch.setenv(f"CDP_LIMIT_{name}", "0")
    monkeypatch.setenv("CDP_REQUEST_LOG", "0")
    with create_platform(samples.settings(tmp_path / "home", database_url, keys_url)) as made:
        initialise(made, samples.catalogue(), samples.policy(POLICY), principal=samples.TESTER)
        people = samples.add_people(made, 6)
        order = {"placed_at": "2026-03-02T10:00:00Z", "total": "12.50", "paid": True, "address": "1 First Street"}
        samples.add(made, [NewRow(order, customer_id=people[0].customer_id)], "order")
        yield made


@pytest.fixture
def app(platform: Platform) -> Iterator[FastAPI]:
    made = create_app(platform)
    yield made
    made.state.traffic.close()


@pytest.fixture
def visitor(app: FastAPI) -> Visitor:
    return Visitor(app)


@pytest.fixture
def ann(app: FastAPI, platform: Platform) -> Visitor:
    """The first customer, signed in."""
    made = Visitor(app)
    assert made.sign_in(platform, ADDRESS).status == 303
    return made
