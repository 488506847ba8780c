"""The ways into the demo: a link for one of its people, which works once in any browser, and an app."""

import pytest
from fastapi import FastAPI

from cdp.bootstrap import Platform
from cdp.services.demo import sign_ins
from tests import samples
from tests.portal.conftest import ADDRESS
from tests.portal.visitor import Visitor, token


@pytest.fixture
def ways(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> sign_ins.SignIns:
    monkeypatch.setattr(sign_ins, "SHOWN", (ADDRESS,))
    sign_ins.sign_ins(platform, principal=samples.TESTER)
    return sign_ins.sign_ins(platform, principal=samples.TESTER)


def test_one_press_signs_in_anywhere_and_once(app: FastAPI, ways: sign_ins.SignIns) -> None:
    first, second = Visitor(app), Visitor(app)
    for visitor, status in ((first, 303), (second, 403)):
        page = visitor.get(f"/portal/link?link={ways.link}")
        assert visitor.post("/portal/link", {"form_token": token(page), "link": ways.link}).status == status
    assert "Ann Number0" in first.get("/portal/data").body.decode()


def test_the_app_of_an_earlier_demo_is_over(platform: Platform, ways: sign_ins.SignIns) -> None:
    again = sign_ins.sign_ins(platform, principal=samples.TESTER)
    assert again.app.app.client_id != ways.app.app.client_id
    assert again.app.app.views == ("newsletter",)
