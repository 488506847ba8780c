"""Forms that name something by its id: another's, and one that nobody has, answer alike and do nothing."""

import re

import pytest
from fastapi import FastAPI

from cdp.bootstrap import Platform
from tests.portal import visitor as visitors
from tests.portal.authenticator import ORIGIN, Authenticator
from tests.portal.test_passkeys import add
from tests.portal.test_requests import id_of
from tests.portal.visitor import Visitor, text, token

OTHER = "ann1@example.org"
NOBODY = "0" * 64


@pytest.fixture
def origin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CDP_ORIGIN", ORIGIN)
    monkeypatch.setattr(visitors, "ORIGIN", ORIGIN)


@pytest.fixture
def platform(origin: None, platform: Platform) -> Platform:
    return platform


def value_of(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', page)
    assert found is not None
    return found[1]


def test_what_a_form_names_has_to_be_hers(ann: Visitor, app: FastAPI, platform: Platform) -> None:
    ben = Visitor(app)
    ben.sign_in(platform, OTHER)
    assert add(ben, Authenticator()).status == 303
    elsewhere = Visitor(app)
    elsewhere.sign_in(platform, OTHER)
    her = id_of(platform, OTHER)
    with platform._database.writing() as conn:
        asked = f"'{her}', 'customer', '{her}', 'income', '2026-01-01', NULL"
        conn.exec_driver_sql(f"INSERT INTO cdp_renewal VALUES ({asked})")
    passkey = value_of(ben.get("/portal/passkeys").body.decode(), "passkey")
    session = value_of(ben.get("/portal/sessions").body.decode(), "session")
    before = text(ben.get("/portal/passkeys")), "income" in str(ben.get("/portal/renew").body)
    forms = [
        ("/portal/passkeys/remove", {"passkey": passkey}, {"passkey": NOBODY}),
        ("/portal/passkeys/name", {"passkey": passkey, "name": "x"}, {"passkey": NOBODY, "name": "x"}),
        ("/portal/sessions/end", {"session": session}, {"session": NOBODY}),
        *(
            ("/portal/renew", {"verb": verb, "entity": "customer", "row": her, "field": "income"},
             {"verb": verb, "entity": "customer", "row": NOBODY, "field": "income"})
            for verb in ("confirm", "delete")
        ),
    ]  # fmt: skip
    for target, theirs, nobodys in forms:
        answers = [ann.post(target, {"form_token": token(ann.get("/portal")), **form}) for form in (theirs, nobodys)]
        said = [(each.status, each.header("location"), text(each)) for each in answers]
        assert said[0] == said[1], target
    assert (text(ben.get("/portal/passkeys")), "income" in str(ben.get("/portal/renew").body)) == before
    assert elsewhere.get("/portal").status == 200, "nobody else ends a session of hers"
