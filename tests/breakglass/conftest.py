"""The sample organisation with staff, and a policy by which support may ask to see one customer in full."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from audit.entries import parse_entry
from cdp.bootstrap import Platform, create_platform
from cdp.services.breakglass.ask import Asked, ask
from cdp.services.breakglass.decide import grant
from cdp.services.breakglass.look import find_grant
from cdp.services.breakglass.reading import read_opened
from cdp.services.breakglass.records import Grant
from cdp.services.publish import initialise
from cdp.services.requests.officer import Officer
from cdp.services.staff.accounts import Account
from cdp.services.staff.invite import add_staff
from cdp.store.records import Stored
from tests import samples
from tests.portal.conftest import POLICY as PORTAL

POLICY = PORTAL.replace("roles: [agent,", "roles: [support, second_officer, auditor, agent,").replace(
    "roles: [privacy_officer], needs: [reason]}",
    "roles: [privacy_officer], needs: [reason], break_glass: [support, second_officer]}",
)
WHY = "she was taken to hospital and cannot speak"


@pytest.fixture
def platform(tmp_path: Path, database_url: str, keys_url: str) -> Iterator[Platform]:
    with create_platform(samples.settings(tmp_path / "home", database_url, keys_url)) as opened:
        initialise(opened, samples.catalogue(), samples.policy(POLICY), principal=samples.TESTER)
        yield opened


@pytest.fixture
def people(platform: Platform) -> list[Stored]:
    return samples.add_people_and_an_order(platform, 3)


class Desk:
    """Three people of staff, and what they do about break-glass."""

    def __init__(self, platform: Platform, people: list[Stored], *, prefix: str = "") -> None:
        self.platform = platform
        self.ann, self.bob = people[0].customer_id, people[1].customer_id
        self.sue = self.hire(f"{prefix}sue", "support")
        self.olga = self.hire(f"{prefix}olga", "second_officer")
        self.iris = self.hire(f"{prefix}iris", "privacy_officer")

    def hire(self, name: str, role: str) -> Account:
        address = f"{name}@corp.example"
        return add_staff(self.platform, name, role=role, address=address, principal=samples.TESTER).account

    def ask(self, *customers: str, by: Account | None = None, minutes: int = 30, **more: Any) -> str:
        account = by or self.sue
        asked = Asked(customers or (self.ann,), minutes, WHY, more.pop("form", ""))
        return ask(self.platform, account, asked, officer=as_officer(account), **more)

    def grant(self, grant_id: str, *, by: Account | None = None, **more: Any) -> Grant:
        officer, revision = as_officer(by or self.olga), find_grant(self.platform, grant_id).revision
        return grant(self.platform, grant_id, officer=officer, **{"revision": revision, **more})

    def granted(self, **more: Any) -> str:
        grant_id = self.ask()
        self.grant(grant_id, **more)
        return grant_id

    def read(self, grant_id: str, customer_id: str = "", *, by: Account | None = None, **more: Any) -> list[Any]:
        """The rows of the first view."""
        return list(read_opened(self.platform, by or self.sue, grant_id, customer_id or self.ann, **more)[0].rows)

    def of(self, grant_id: str) -> Grant:
        return find_grant(self.platform, grant_id)


@pytest.fixture
def desk(platform: Platform, people: list[Stored]) -> Desk:
    return Desk(platform, people)


def as_officer(account: Account, customer_id: str | None = None) -> Officer:
    return Officer(account.principal, customer_id)


def later(**more: float) -> datetime:
    return datetime.now(UTC) + timedelta(**more)


def entries(platform: Platform) -> list[dict[str, Any]]:
    """What the log says, the oldest first."""
    with platform._database.reading() as conn:
        rows = conn.exec_driver_sql("SELECT entry FROM cdp_log_entry ORDER BY number").all()
    return [parse_entry(bytes(row[0])) for row in rows]
