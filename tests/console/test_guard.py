"""Every route of the console, found in the application: for whom it is, and that no form comes from elsewhere."""

from collections.abc import Callable
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.routing import Route

from cdp.bootstrap import Platform
from cdp.console.guard import NEEDS
from cdp.console.navigation import navigation
from cdp.services.staff.permissions import ROLES, Permission
from tests.api.calling import Answer
from tests.console.conftest import Colleague, entries
from tests.portal.visitor import Visitor, text, token

IN = "/console/sign-in"
PUBLIC = {
    "/console/sign-in", "/console/welcome", "/console/welcome/passkey", "/console/welcome/passkey/options",
    "/console/passkey", "/console/passkey/options", "/console/oidc", "/console/oidc/callback",
}  # fmt: skip
"""The ways in; nothing else is for everybody."""

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)


def routes(app: FastAPI) -> list[tuple[str, str, Permission | None]]:
    """Method, an address, and the permission; a route that does not say one fails."""
    found = []
    for route in app.routes:
        if isinstance(route, Route) and route.path.startswith("/console"):
            needs = getattr(route.endpoint, NEEDS)
            path = route.path
            for name in route.param_convertors:
                path = path.replace(f"{{{name}}}", "1")
            found += [(method, path, needs) for method in sorted(route.methods or ()) if method != "HEAD"]
    assert len(found) > 5
    return found


def ask(visitor: Visitor, method: str, path: str, form: dict[str, str] | None = None) -> Answer:
    return visitor.get(path) if method == "GET" else visitor.post(path, form or {})


def test_nobody_comes_anywhere_without_signing_in(app: FastAPI) -> None:
    wrong = {}
    for method, path, needs in routes(app):
        answer = ask(Visitor(app), method, path)
        if needs is None:
            assert path in PUBLIC, path
        elif answer.status != 303 or not answer.header("location").startswith(IN):
            wrong[method, path] = answer.status
    assert wrong == {}


def test_each_route_is_for_those_with_its_permission_and_nobody_else(
    app: FastAPI, hired: Callable[..., Colleague], monkeypatch: pytest.MonkeyPatch
) -> None:
    iris = hired()
    for method, path, needs in routes(app):
        if needs is None:
            continue
        allowed = frozenset(Permission) - {needs}
        monkeypatch.setitem(ROLES, "privacy_officer", allowed)
        answer = ask(iris, method, path)
        assert (answer.status, "This is not for your role" in text(answer)) == (403, True), (method, path)
        monkeypatch.undo()


def test_a_role_that_is_not_known_may_nothing(hired: Callable[..., Colleague], platform: Platform) -> None:
    iris = hired()
    with platform._database.writing() as conn:
        conn.exec_driver_sql("UPDATE cdp_staff SET role = 'emperor'")
    assert iris.get("/console").status == 403


def test_no_form_is_taken_without_the_token_of_the_session_or_from_elsewhere(app: FastAPI, iris: Colleague) -> None:
    foreign = token(Visitor(app).get(IN))
    for method, path, needs in routes(app):
        if method == "POST":
            good = token(iris.get("/console" if needs else IN))
            attempts = [
                ({}, {}),
                ({"form_token": foreign}, {}),
                ({"form_token": good}, {"sec_fetch_site": "cross-site"}),
            ]
            for form, headers in attempts:
                assert iris.post(path, form, **headers).status == 403, path
    assert iris.get("/console").status == 200


def test_a_refusal_for_a_role_is_on_the_log(hired: Callable[..., Colleague], platform: Platform) -> None:
    sam = hired("sam", "support")
    assert sam.get("/console/staff").status == 403
    last = entries(platform)[-1]
    assert (last["what"], last["act"], last["principal"], last["needs"]) == (
        "refusal", "console", "staff:sam", "staff_read",
    )  # fmt: skip


def test_the_rail_leads_nowhere_that_is_shut(app: FastAPI) -> None:
    needs = {path: needed for method, path, needed in routes(app) if method == "GET"}
    for place in navigation("en"):
        assert needs[place.address] == place.needs


@pytest.mark.parametrize("role", ROLES)
def test_each_role_has_its_first_page_and_sees_in_the_rail_what_it_may(
    hired: Callable[..., Colleague], role: str
) -> None:
    page = hired("sam", role).get("/console")
    assert page.status == 200
    assert ('href="/console/staff"' in page.body.decode()) == (Permission.STAFF_READ in ROLES[role])


def test_pages_keep_the_policy_of_the_browser(iris: Colleague) -> None:
    for path in ("/console", "/console/staff", IN):
        answer = iris.get(path)
        headers: dict[str, Any] = dict(answer.headers)
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["cache-control"] == "no-store"
