"""Staff in through the organisation's provider: by a verified address once, then by its subject, and no other."""

import time
from collections.abc import Callable, Iterator

import pytest
from fastapi import FastAPI

from cdp.bootstrap import Platform
from cdp.services.staff.invite import Invited, add_staff, disable_staff
from tests import samples
from tests.api.calling import Answer
from tests.console.conftest import IN, Colleague, entries
from tests.portal.provider import CLIENT, SECRET, Provider, provider
from tests.portal.visitor import ORIGIN, Visitor, text


@pytest.fixture
def theirs(monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    with provider() as made:
        names = {"ISSUER": made.issuer, "CLIENT": CLIENT, "SECRET": SECRET, "NAME": "Corp ID"}
        for name, value in names.items():
            monkeypatch.setenv(f"CDP_STAFF_OIDC_{name}", value)
        made.claims = {"email": "iris@corp.example", "sub": "iris-there"}
        yield made


@pytest.fixture
def platform(theirs: Provider, platform: Platform) -> Platform:
    return platform


def enter(visitor: Visitor, theirs: Provider, query: str = "?anew=yes") -> Answer:
    address = visitor.get(f"/console/oidc{query}").header("location")
    return visitor.get(theirs.authorize(address).removeprefix(ORIGIN))


def test_the_account_of_a_verified_address_comes_in(
    app: FastAPI, theirs: Provider, platform: Platform, invite: Callable[..., Invited]
) -> None:
    invite()
    iris = Colleague(app)
    assert "Sign in with Corp ID" in text(iris.get(IN))
    assert enter(iris, theirs, "?anew=yes&next=/console/staff").header("location") == "/console/staff"
    assert iris.get("/console/account").status == 200
    last = [each for each in entries(platform) if each["act"] == "staff_sign_in"][-1]
    assert (last["principal"], last["by"]) == ("staff:iris", "oidc")


@pytest.mark.parametrize(
    "claims",
    [{"email_verified": False}, {"email_verified": "yes"}, {"email": "else@corp.example"}, {"email": None}],
    ids=str,
)
def test_nobody_else_does(
    app: FastAPI, theirs: Provider, platform: Platform, invite: Callable[..., Invited], claims: dict
) -> None:
    invite()
    theirs.claims |= claims
    stranger = Colleague(app)
    answer = enter(stranger, theirs)
    assert (answer.status, "There is no account for you here" in text(answer)) == (403, True)
    assert stranger.get("/console").status == 303
    assert entries(platform)[-1]["what"] == "refusal"


def test_an_account_that_has_a_subject_is_not_taken_over_by_its_address(
    app: FastAPI, theirs: Provider, invite: Callable[..., Invited]
) -> None:
    invite()
    assert enter(Colleague(app), theirs).status == 303
    theirs.claims["sub"] = "somebody-new-with-her-address"
    assert enter(Colleague(app), theirs).status == 403
    theirs.claims |= {"sub": "iris-there", "email": "married@corp.example"}
    assert enter(Colleague(app), theirs).status == 303


def test_who_is_disabled_stays_out_and_her_address_may_be_given_anew(
    app: FastAPI, theirs: Provider, platform: Platform, invite: Callable[..., Invited], another: Colleague
) -> None:
    invite()
    enter(Colleague(app), theirs)
    disable_staff(platform, "iris", principal=samples.TESTER)
    assert enter(Colleague(app), theirs).status == 403
    add_staff(platform, "iris2", role="auditor", address="iris@corp.example", principal=samples.TESTER)
    again = Colleague(app)
    assert enter(again, theirs).status == 303
    assert "iris2" in text(again.get("/console"))


def test_a_customer_is_no_staff(app: FastAPI, theirs: Provider, platform: Platform) -> None:
    samples.add_people(platform, 1)
    theirs.claims = {"email": "ann0@example.org"}
    assert enter(Colleague(app), theirs).status == 403


def test_a_journey_of_the_portal_does_not_end_in_the_console(
    app: FastAPI, theirs: Provider, invite: Callable[..., Invited]
) -> None:
    invite()
    visitor = Colleague(app)
    address = theirs.authorize(visitor.get("/console/oidc").header("location"))
    assert visitor.get(address.removeprefix(ORIGIN).replace("/console/", "/portal/")).status == 404
    assert visitor.get("/portal/oidc").status == 404, "it is for staff alone"


def test_one_signs_in_there_anew(app: FastAPI, theirs: Provider, invite: Callable[..., Invited]) -> None:
    invite()
    theirs.claims["auth_time"] = int(time.time()) - 3600
    assert enter(Colleague(app), theirs).status == 403
