"""Passkeys of staff: chosen at the one-time link or added later, good for their owner alone, and no customer's."""

from dataclasses import replace

import pytest
from fastapi import FastAPI

from cdp.bootstrap import Platform
from cdp.services.sign_in import ceremony
from cdp.services.staff.invite import add_staff, disable_staff, new_link
from tests import samples
from tests.api.calling import Answer
from tests.console.conftest import HIRE, IN, Colleague, entries, hidden
from tests.portal import visitor as visitors
from tests.portal.authenticator import ORIGIN, PRESENT, Authenticator
from tests.portal.test_sign_in import shape_of
from tests.portal.visitor import text, token


@pytest.fixture
def origin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CDP_ORIGIN", ORIGIN)
    monkeypatch.setattr(visitors, "ORIGIN", ORIGIN)


@pytest.fixture
def platform(origin: None, platform: Platform) -> Platform:
    return platform


def add(colleague: Colleague, device: Authenticator) -> Answer:
    form = {"form_token": token(colleague.get("/console/account")), "name": "my key", "credential": ""}
    options = colleague.post("/console/account/passkeys/options", form).json
    return colleague.post("/console/account/passkeys", {**form, "credential": device.add(options)})


def enter(colleague: Colleague, device: Authenticator, **other: object) -> Answer:
    form = {"form_token": token(colleague.get(IN)), "next": "/console/staff"}
    options = colleague.post("/console/passkey/options", form).json
    return colleague.post("/console/passkey", {**form, "credential": device.enter(options, **other)})


def test_one_is_chosen_at_the_link_and_signs_in(app: FastAPI, platform: Platform) -> None:
    invited = add_staff(platform, "omar", role="auditor", address="o@corp.example", principal=samples.TESTER)
    omar, device = Colleague(app), Authenticator()
    page = omar.get(f"{HIRE}?link={invited.secret}")
    form = {"form_token": hidden(page, "form_token"), "link": invited.secret}
    options = omar.post(f"{HIRE}/passkey/options", form).json
    answer = device.add(options)
    assert omar.post(f"{HIRE}/passkey", {**form, "credential": answer}).header("location") == "/console"
    assert omar.get("/console").status == 200
    assert omar.post(f"{HIRE}/passkey", {**form, "credential": answer}).status == 403
    assert enter(Colleague(app), device).header("location") == "/console/staff"
    assert omar.enter("000000", name="omar", password="").status == 403, "there is no password"
    said = [(each["principal"], each.get("by")) for each in entries(platform) if each["act"] == "staff_sign_in"]
    assert ("staff:omar", "passkey") in said


def test_one_is_added_later_and_removed(app: FastAPI, iris: Colleague) -> None:
    device = Authenticator()
    assert add(iris, device).header("location") == "/console/account?done=added"
    assert enter(Colleague(app), device).status == 303
    assert "my key" in text(iris.get("/console/account"))
    passkey = ceremony.fingerprint(device.credential)
    iris.press("/console/account", "/console/account/remove", passkey=passkey)
    assert enter(Colleague(app), device).status == 403


def test_whatever_is_amiss_looks_the_same(
    app: FastAPI, iris: Colleague, platform: Platform, another: Colleague
) -> None:
    device = Authenticator()
    add(iris, device)
    stranger = Authenticator(handle=device.handle)
    answers = [
        enter(Colleague(app), each)
        for each in (
            stranger, replace(stranger, credential=device.credential), replace(device, origin="https://evil.example"),
            replace(device, flags=PRESENT), replace(device, handle=b"x"),
        )
    ]  # fmt: skip
    assert {each.status for each in answers} == {403}
    assert len({repr(shape_of(each)) for each in answers}) == 1
    disable_staff(platform, "iris", principal=samples.TESTER)
    assert repr(shape_of(enter(Colleague(app), device))) == repr(shape_of(answers[0]))


def test_a_copy_is_not_let_in_and_the_owner_is_told(app: FastAPI, iris: Colleague) -> None:
    device = Authenticator()
    add(iris, device)
    copied = replace(device)
    assert enter(Colleague(app), device).status == 303
    assert enter(Colleague(app), copied).status == 403
    assert "with a copy of it" in text(iris.get("/console/account"))


def test_a_new_link_takes_passkeys_away(app: FastAPI, iris: Colleague, platform: Platform) -> None:
    device = Authenticator()
    add(iris, device)
    Colleague(app).welcomed(new_link(platform, "iris", principal=samples.TESTER))
    assert enter(Colleague(app), device).status == 403


def test_a_challenge_of_the_portal_is_none_of_the_console(app: FastAPI, iris: Colleague) -> None:
    device, visitor = Authenticator(), Colleague(app)
    add(iris, device)
    form = {"form_token": token(visitor.get("/portal/sign-in"))}
    options = visitor.post("/portal/passkey/options", form).json
    console = {"form_token": token(visitor.get(IN)), "credential": device.enter(options)}
    assert visitor.post("/console/passkey", console).status == 403
