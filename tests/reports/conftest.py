"""A store with something of everything that a report counts."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from audit.entries import HERSELF, Principal
from cdp.bootstrap import Platform, create_platform
from cdp.errors import Refused
from cdp.pages.reports.render import rendering
from cdp.services.apps.register import register_app
from cdp.services.apps.revoke import revoke_app
from cdp.services.manifests import MANIFEST
from cdp.services.opt_out import refuse
from cdp.services.publish import initialise
from cdp.services.reports.pack import Files, issue_report
from cdp.services.requests.file import Filing, file_request
from cdp.services.requests.officer import Officer
from cdp.services.requests.states import Kind
from cdp.services.requests.steps import reject
from cdp.services.staff.invite import add_staff
from cdp.store.write import NewRow
from tests import samples
from tests.portal.conftest import POLICY

AUDITOR = Principal("os:auditor")
OFFICER = Officer(Principal("os:officer", "privacy_officer"))
ORDER = {"placed_at": "2026-03-02T10:00:00Z", "total": "12.50", "paid": True, "address": "1 First Street"}


@pytest.fixture
def platform(tmp_path: Path, database_url: str, keys_url: str) -> Iterator[Platform]:
    with create_platform(samples.settings(tmp_path / "home", database_url, keys_url)) as made:
        initialise(made, samples.catalogue(), samples.policy(POLICY), principal=samples.TESTER)
        yield made


@pytest.fixture
def busy(platform: Platform) -> Platform:
    """27 customers, 14 of whom refused marketing and 3 disclosure; reads, refusals, requests, an app, staff."""
    people = [each.customer_id for each in samples.add_people(platform, 27)]
    samples.add(platform, [NewRow({"full_name": f"Without {number}"}) for number in range(12)])
    samples.add(platform, [NewRow(ORDER, customer_id=people[0]) for _ in range(13)], "order")
    for number, customer_id in enumerate(people[:14]):
        refuse(platform, customer_id, "direct_marketing", principal=HERSELF)
        if number < 3:
            refuse(platform, customer_id, "third_party_disclosure", principal=HERSELF)
    for _ in range(2):
        samples.rows_of(platform, "care_desk")
    samples.rows_of(platform, "acme_share")
    with suppress(Refused):
        samples.rows_of(platform, "privacy_office", role="agent")
    asked = [file_request(platform, each, Filing(Kind.ACCESS), principal=HERSELF) for each in people[:3]]
    file_request(platform, people[4], Filing(Kind.PORTABILITY), principal=HERSELF)
    reject(platform, asked[0], officer=OFFICER, reason="a test")
    register_app(platform, "mailer", ["newsletter"], principal=samples.TESTER)
    over = register_app(platform, "partner", ["acme_share"], principal=samples.TESTER)
    revoke_app(platform, over.app.client_id, principal=samples.TESTER)
    add_staff(platform, "iris", role="privacy_officer", address="iris@corp.example", principal=samples.TESTER)
    return platform


@pytest.fixture
def issued(busy: Platform) -> Files:
    """A report of it, in both forms for people."""
    return issue_report(busy, principal=AUDITOR, language="en", render=rendering(pdf=True))


@pytest.fixture
def folder(issued: Files, tmp_path: Path) -> Path:
    """It, as files."""
    return unpacked(issued, tmp_path / "report")


def unpacked(files: Files, to: Path) -> Path:
    for name, data in files.items():
        path = to / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    assert (to / MANIFEST).is_file()
    return to
