"""The sample organisation with staff, and the application over it."""

import re
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pyotp
import pytest
from fastapi import FastAPI

from cdp.asgi import create_app
from cdp.bootstrap import Platform, create_platform
from cdp.services.publish import initialise
from cdp.services.staff.invite import Invited, add_staff
from tests import samples
from tests.api.calling import Answer
from tests.portal.visitor import Visitor, token

PASSWORD = "a quiet sentence of mine"
HIRE = "/console/welcome"
IN = "/console/sign-in"


@pytest.fixture
def platform(tmp_path: Path, database_url: str, keys_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Platform]:
    for name in ("APP", "SUBJECT", "ADDRESS"):
        monkeypatch.setenv(f"CDP_LIMIT_{name}", "0")
    monkeypatch.setenv("CDP_REQUEST_LOG", "0")
    with create_platform(samples.settings(tmp_path / "home", database_url, keys_url)) as made:
        initialise(made, samples.catalogue(), samples.policy(), principal=samples.TESTER)
        yield made


@pytest.fixture
def app(platform: Platform) -> Iterator[FastAPI]:
    made = create_app(platform)
    yield made
    made.state.traffic.close()


@pytest.fixture
def invite(platform: Platform) -> Callable[..., Invited]:
    def inviting(name: str = "iris", role: str = "privacy_officer") -> Invited:
        return add_staff(platform, name, role=role, address=f"{name}@corp.example", principal=samples.TESTER)

    return inviting


class Colleague(Visitor):
    """Somebody of staff with a browser and an authenticator."""

    name: str = ""
    secret: str = ""
    codes: tuple[str, ...] = ()
    used: str = ""

    def welcomed(self, invited: Invited, *, password: str = PASSWORD) -> Answer:
        """Open the link and choose password and authenticator."""
        self.name = invited.account.name
        page = self.get(f"{HIRE}?link={invited.secret}")
        self.secret = hidden_key(page)
        form = {name: hidden(page, name) for name in ("form_token", "link", "secret")}
        self.used = pyotp.TOTP(self.secret).now()
        answer = self.post(HIRE, {**form, "password": password, "code": self.used})
        self.codes = tuple(re.findall(r'class="key">([a-z2-7-]{19})<', answer.body.decode()))
        return answer

    def enter(self, code: str, *, password: str = PASSWORD, name: str = "", query: str = "") -> Answer:
        page = self.get(f"{IN}{query}")
        form = {"form_token": token(page), "name": name or self.name, "password": password, "code": code}
        return self.post(IN, {**form, "next": hidden(page, "next")})


@pytest.fixture
def hired(app: FastAPI, invite: Callable[..., Invited]) -> Callable[..., Colleague]:
    def hiring(name: str = "iris", role: str = "privacy_officer") -> Colleague:
        made = Colleague(app)
        assert made.welcomed(invite(name, role)).status == 200
        return made

    return hiring


@pytest.fixture
def another(hired: Callable[..., Colleague]) -> Colleague:
    """Another privacy officer: the last one cannot be disabled."""
    return hired("olga")


@pytest.fixture
def iris(hired: Callable[..., Colleague]) -> Colleague:
    """The privacy officer, signed in."""
    return hired()


def hidden(page: Answer, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page.body.decode())
    return unescape(found[1]) if found else ""


def hidden_key(page: Answer) -> str:
    return re.search(r'class="key">([A-Z2-7 ]+)<', page.body.decode())[1].replace(" ", "")


def entries(platform: Platform) -> list[dict[str, Any]]:
    """What the log says, the oldest first."""
    from audit.entries import parse_entry

    with platform._database.reading() as conn:
        rows = conn.exec_driver_sql("SELECT entry FROM cdp_log_entry ORDER BY number").all()
    return [parse_entry(bytes(row[0])) for row in rows]
