"""Which fields change at once, after a decision, or not at all: what the catalogue says, and no more."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from audit.entries import Principal
from cdp.bootstrap import Platform, create_platform
from cdp.services.corrections.propose import Proposal, Proposed, propose
from cdp.services.corrections.read import list_corrections, own_corrections
from cdp.services.publish import initialise
from cdp.services.requests.read import own_request
from cdp.services.requests.states import State
from tests import samples
from tests.portal.conftest import POLICY
from tests.requests.test_requests import code_of
from tests.samples import TESTER

CATALOGUE = (
    samples.CATALOGUE_TEXT.replace("sensitivity: none}\n  order", "sensitivity: none, self_service: direct}\n  order")
    .replace("identifier: email}", "identifier: email, self_service: direct}")
    .replace("width: 10000}", "width: 10000, self_service: locked}")
)


@pytest.fixture
def platform(tmp_path: Path, database_url: str, keys_url: str) -> Iterator[Platform]:
    with create_platform(samples.settings(tmp_path / "home", database_url, keys_url)) as opened:
        hidden = POLICY.replace(
            "my_data:        {kind: full,", "my_data: {kind: full, fields: [email, income, loyalty],"
        )
        initialise(opened, samples.catalogue(CATALOGUE), samples.policy(hidden), principal=TESTER)
        yield opened


def test_direct_changes_at_once_and_an_identifier_never_does(platform: Platform) -> None:
    [ann] = samples.add_people(platform, 1)
    samples.rows_of(platform, "care_desk")
    her = ann.customer_id
    done = propose(platform, her, Proposal([Proposed("loyalty", "gold")], form="one"))
    assert own_request(platform, her, done).request.state is State.DONE
    assert [each.state for each in own_corrections(platform, her, done)] == ["applied"]
    assert {row[0]: row for row in samples.rows_of(platform, "privacy_office")}[her][7] == "gold"
    assert propose(platform, her, Proposal([Proposed("loyalty", "gold")], form="one")) == done, "twice is once"
    waits = propose(platform, her, Proposal([Proposed("email", "new@example.org"), Proposed("loyalty", "none")]))
    assert {each.place.field: each.state for each in own_corrections(platform, her, waits)} == {
        "email": "proposed", "loyalty": "applied",
    }  # fmt: skip
    assert own_request(platform, her, waits).request.state is State.RECEIVED


def test_direct_is_for_her_alone_and_locked_for_nobody(platform: Platform) -> None:
    [ann] = samples.add_people(platform, 1)
    staff = Principal("os:staff")
    propose(platform, ann.customer_id, Proposal([Proposed("loyalty", "gold")]), principal=staff)
    assert len(list_corrections(platform, principal=TESTER)) == 1
    locked = Proposal([Proposed("income", "5")])
    for principal in (None, staff):
        more = {"principal": principal} if principal else {}
        assert code_of(propose, platform, ann.customer_id, locked, **more) == "field_locked"


def test_what_she_may_not_see_she_does_not_learn_by_correcting_it(platform: Platform) -> None:
    [ann] = samples.add_people(platform, 1)
    for field in ("religion", "full_name", "no_such"):
        assert code_of(propose, platform, ann.customer_id, Proposal([Proposed(field, "x")])) == "no_such_field"
