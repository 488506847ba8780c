"""See-as in the console: with whose eyes, why, what one's own role keeps back; nothing of it stands in an address."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cdp.bootstrap import Platform, create_platform
from cdp.services.publish import initialise
from cdp.store.write import NewRow
from tests import samples
from tests.api.apps import register
from tests.console.conftest import Colleague, entries
from tests.portal.visitor import text
from tests.services.test_other_eyes import POLICY

PAGE = "/console/see-as"
ODD = "<script>alert(1)</script>\"'&"

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)


@pytest.fixture
def platform(tmp_path: Path, database_url: str, keys_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Platform]:
    for name in ("APP", "SUBJECT", "ADDRESS"):
        monkeypatch.setenv(f"CDP_LIMIT_{name}", "0")
    monkeypatch.setenv("CDP_REQUEST_LOG", "0")
    with create_platform(samples.settings(tmp_path / "home", database_url, keys_url)) as made:
        initialise(made, samples.catalogue(), samples.policy(POLICY), principal=samples.TESTER)
        samples.add_people(made, 2)
        samples.add(made, [NewRow({**samples.person(7), "full_name": ODD, "email": "odd@example.org"})])
        register(made, "shop", "newsletter")
        yield made


def look(who: Colleague, **form: str) -> object:
    sent = {"customer": "email:ann0@example.org", "reader": "kinds", "reason": "a complaint", **form}
    return who.press(PAGE, PAGE, **sent)


def test_five_views_side_by_side_one_reader_one_app_one_view(iris: Colleague) -> None:
    told = text(look(iris))
    for said in (
        "Privacy office",
        "Care desk",
        "Insight",
        "Newsletter",
        "Acme share",
        "A. N.",
        "Ann Number0",
        "1950-1959",
    ):
        assert said in told, said
    assert "ann0@example.org" in text(look(iris, reader="app:shop"))
    assert "ann0@example.org" not in text(look(iris, reader="role:agent")).replace("email:ann0@example.org", "")
    orders = text(look(iris, reader="role:agent"))
    assert "No view of your own role is about this" in orders  # of orders the policy gives her none
    assert "creed 0" in text(look(iris, reader="view:privacy_office"))


def test_what_her_role_is_not_shown_it_is_not_shown_here(hired: Callable[..., Colleague]) -> None:
    sue = hired("sue", "support")
    told = text(look(sue))
    assert "your role is not shown it so" in told
    for hidden in ("Ann Number0", "1950", "creed 0", "ann0@example.org"):
        assert hidden not in told.replace("email:ann0@example.org", ""), hidden
    assert sue.get("/console/see-as?reader=app:shop").status == 200
    assert look(sue, reader="app:shop").status == 404  # she may not see which apps there are
    olga = hired("olga", "second_officer")
    assert "No view about customers is for your role" in text(olga.get(PAGE))
    assert look_refused(olga) == 403


def look_refused(who: Colleague) -> int:
    return who.press("/console", PAGE, customer="email:ann0@example.org", reader="kinds", reason="x").status


def test_what_is_odd_comes_out_as_text_and_what_is_wrong_is_said(iris: Colleague, platform: Platform) -> None:
    found = look(iris, customer="email:odd@example.org", reader="view:privacy_office", reason=ODD)
    assert ODD in text(found)
    assert b"<script>alert" not in found.body
    assert "There is no such customer" in text(look(iris, customer="email:nobody@example.org"))
    assert "This takes a few words" in text(look(iris, reason=" "))
    for reader in ("role:ghost", "view:my_data", "view:ghost", "app:ghost", "", "role:customer"):
        before = len(entries(platform))
        assert look(iris, reader=reader).status == 404, reader
        assert len(entries(platform)) == before
    assert iris.get(f"{PAGE}?reader={ODD}&customer={ODD}".replace(" ", "%20")).status == 200


def test_who_sees_what_leads_here(iris: Colleague) -> None:
    page = iris.get("/console/who-sees?reader=role:agent&field=email").body.decode()
    assert 'href="/console/see-as?reader=role:agent"' in page
    assert 'value="role:agent" selected' in iris.get(f"{PAGE}?reader=role:agent").body.decode()
