"""The pages of apps and sources: a secret that is shown once, renewing, revoking, and what is asked before."""

import re

import pytest

from cdp.bootstrap import Platform
from cdp.ingest.sources import Sources, add_source, list_sources
from cdp.services.apps.known import list_apps
from cdp.services.apps.tokens import Tokens
from tests import samples
from tests.api.apps import register
from tests.console.conftest import Colleague
from tests.portal.visitor import text

APPS, SOURCES = "/console/apps", "/console/apps/sources"

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)


def secrets_in(page: str) -> list[str]:
    return re.findall(r'<dd class="key">([^<]*)</dd>', page)


def test_an_app_is_registered_renewed_and_revoked(iris: Colleague, platform: Platform) -> None:
    assert "No app yet." in text(iris.get(APPS))
    form = {"name": "shop", "view_newsletter": "yes", "role": "", "expires": "2999-01-01"}
    client_id, secret = secrets_in(iris.press(f"{APPS}/new", f"{APPS}/new", **form).body.decode())
    assert Tokens(platform).issue(client_id, secret)[2].created_by == "staff:iris"
    page = f"{APPS}?app={client_id}"
    assert secret not in iris.get(page).body.decode()
    _, anew = secrets_in(iris.press(page, f"{APPS}/renew", app=client_id, expires="").body.decode())
    assert anew != secret
    refused = iris.press(page, f"{APPS}/revoke", app=client_id, typed="shopp")
    assert (refused.status, "Nothing was changed" in text(refused)) == (400, True)
    assert iris.press(page, f"{APPS}/revoke", app=client_id, typed="shop").status == 303
    (app,) = list_apps(platform)
    assert (app.renewed, app.expires_at, app.revoked_at is not None) == (1, None, True)
    assert "revoked" in text(iris.get(page))


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"name": "Shop!", "view_newsletter": "y"}, "A name begins with a small letter"),
        ({"name": "shop"}, "An app reads views of one purpose"),
        ({"name": "shop", "view_newsletter": "y", "view_care_desk": "y"}, "An app reads views of one purpose"),
        ({"name": "shop", "view_care_desk": "y", "role": "analyst"}, "no role in common"),
        ({"name": "shop", "view_newsletter": "y", "expires": "2020-01-01"}, "That day is over already."),
        ({"name": "shop", "view_newsletter": "y", "expires": "soon"}, "This is no day."),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_registered(
    iris: Colleague, platform: Platform, form: dict[str, str], said: str
) -> None:
    answer = iris.press(f"{APPS}/new", f"{APPS}/new", **form)
    assert (answer.status, said in text(answer)) == (400, True)
    assert list_apps(platform) == []


def test_a_source_is_added_renewed_and_revoked(iris: Colleague, platform: Platform) -> None:
    (first, _) = secrets_in(iris.press(SOURCES, SOURCES, name="web").body.decode())
    sources, page = Sources(platform), f"{SOURCES}?source=web"
    assert sources.of(first).name == "web"
    (second, _) = secrets_in(iris.press(page, f"{SOURCES}/renew", source="web").body.decode())
    assert sources.of(second).name == "web"
    with pytest.raises(Exception, match="write key"):
        sources.of(first)
    assert iris.press(page, f"{SOURCES}/revoke", source="web", typed="wep").status == 400
    assert iris.press(page, f"{SOURCES}/revoke", source="web", typed="web").status == 303
    assert list_sources(platform)[0].revoked_at is not None
    assert iris.press(SOURCES, f"{SOURCES}/renew", source="web").status == 404


def test_what_follows_is_found_by_where_it_begins(
    iris: Colleague, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cdp.console.apps.PER_PAGE", 2)
    for name in ("aa", "bb", "cc"):
        register(platform, name, "newsletter")
    page = iris.get(APPS).body.decode()
    (further,) = re.findall(r'href="([^"]*)">Further ones', page)
    assert [name in page for name in (">aa<", ">bb<", ">cc<")] == [True, True, False]
    page = iris.get(further).body.decode()
    assert [name in page for name in (">aa<", ">cc<")] == [False, True]
    assert iris.get(f"{APPS}?app=ghost").status == iris.get(f"{SOURCES}?source=ghost").status == 404


def test_what_comes_of_sources_is_counted_beside_them(iris: Colleague, platform: Platform) -> None:
    add_source(platform, "web", principal=samples.TESTER, consent={"<b>ads</b>": "direct_marketing"})
    page = iris.get(f"{SOURCES}?source=web").body.decode()
    assert "&lt;b&gt;ads" in page
    assert "Became rows" in page
