"""Every route with every kind of credential. A route that is missing here, or in the description, fails."""

import base64
import re
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from starlette.routing import Mount, Route

from cdp.api.ingest import ROUTES as TAKEN
from cdp.api.regulations import ROUTES as REGULATING
from cdp.ingest.sources import add_source
from cdp.services.apps.revoke import revoke_app
from tests import samples
from tests.api.apps import basic, bearer, register
from tests.api.calling import call

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)

KINDS = ("none", "basic", "forged", "revoked", "write_key", "other_app", "app")
"""Nothing; id and secret themselves; a token that was changed; one of an app that is over; the write key of a
source, which reads nothing; one of an app of another purpose; of the app whose the view is."""

PUBLIC = dict.fromkeys(KINDS, 200)
ABSENT = dict.fromkeys(KINDS, 404)  # nothing is signed yet
BEARER = {"none": 401, "basic": 401, "forged": 401, "revoked": 401, "write_key": 401, "other_app": 404, "app": 200}
SOURCE = {**dict.fromkeys(KINDS, 401), "write_key": 400}  # there is no body: in it, too, a key may be
BROWSER = {**dict.fromkeys(KINDS, 404), "write_key": 200}
WRITING = {**BEARER, "other_app": 422, "app": 422}  # there is no body
SIGN_IN = dict.fromkeys(KINDS, 303)  # no app's credential opens a person's page: it is sent to where she signs in
FOREIGN = dict.fromkeys(KINDS, 403)  # not from a page of ours, or not from the browser that asked
OWN = {**BEARER, "other_app": 200}

OIDC = tuple(f"/{edge}/oidc{way}" for edge in ("portal", "console") for way in ("", "/callback"))
STAFF_LOOKS = ("apps", "apps/new", "apps/sources", "recipients", "confirm", "canaries", "reports/state")
STAFF_ACTS = (
    "sign-out", "account/passkeys", "account/passkeys/options", "account/remove", "apps/new", "apps/renew",
    "apps/revoke", "apps/sources", "apps/sources/renew", "apps/sources/revoke", "staff", "staff/link", "staff/disable",
    "recipients", "recipients/end", "confirm", "canaries", "reports/file",
)  # fmt: skip
STAFF_WAYS = (
    "sign-in", "welcome", "welcome/passkey", "welcome/passkey/options", "passkey", "passkey/options",
)  # fmt: skip
LOG_PAGES = (
    *(f"/console/log{rest}" for rest in ("", "/unusual", "/verify", "/verify/state", "/person", "/person/{customer}")),
    *("/console/log/{number}", "/console/consent", "/console/consent/latency/state"),
)
PASSKEY_ACTS = ("add", "options", "name", "remove")
PROPOSAL_ACTS = ("save", "ask", "withdraw", "refuse", "publish")
OTHERS = ("/v1/m", "/v1/projects/{write_key}/settings", "/sourceConfig", "/sourceConfig/")
ASKING = (
    *(("GET", f"/portal/requests{rest}") for rest in ("", "/new/{kind}", "/{request}", "/{request}/files/{file}")),
    *(("POST", f"/portal/requests/{rest}") for rest in ("new/{kind}", "{request}/withdraw", "{request}/lift")),
    *product(("GET", "POST"), ("/portal/correct/{field}", "/portal/correct/{entity}/{row}/{field}")),
)
CATALOGUE = (
    *product(("GET",), ("catalogue", "catalogue/edit", "catalogue/proposals", "catalogue/proposals/{number}")),
    *product(("GET",), ("unclassified", "unclassified/{token}")), ("POST", "catalogue/edit"),
    *product(("POST",), (f"catalogue/proposals/{{number}}/{act}" for act in PROPOSAL_ACTS)),
)  # fmt: skip
STATEMENT = (
    *product(("GET",), ("", "/changes", "/draft", "/edit")), *product(("POST",), ("/edit", "/discard", "/publish")),
)  # fmt: skip
DECIDING = (
    *(("GET", f"/console/requests{rest}") for rest in ("", "/{request}", "/{request}/files/{file}")),
    *(("POST", f"/console/requests/{{request}}/{act}") for act in ("assign", "letter", "decide", "second", "end")),
    *(("GET", f"/console/{page}") for page in ("corrections", "links", "links/joined")),
    ("POST", "/console/links/joined/{merge}"),
    *product(("GET", "POST"), ("/console/links/{link}",)),
    *product(("GET", "POST"), ("/console/corrections/safe", "/console/corrections/{request}")),
)
POLICY = (
    *(("GET", f"/console/policy{way}") for way in ("", "/changes", "/versions/{version}", "/new", "/proposals")),
    ("POST", "/console/policy/new"),
    *(("GET", f"/console/policy/proposals/{{number}}{way}") for way in ("", "/replay", "/edit")),
    *(("POST", f"/console/policy/proposals/{{number}}/{way}")
      for way in ("edit", "ask", "withdraw", "publish", "approve", "refuse")),
)  # fmt: skip
MATRIX: dict[tuple[str, str], tuple[str, dict[str, int]]] = {
    ("GET", "/docs"): ("/docs", {**BEARER, "none": 200, "other_app": 200}),
    ("GET", "/openapi.json"): ("/openapi.json", {**BEARER, "none": 200, "other_app": 200}),
    ("GET", "/views"): ("/views", OWN),
    ("GET", "/views/{view}"): ("/views/care_desk", BEARER),
    ("GET", "/views/{view}/explain"): ("/views/care_desk/explain", BEARER),
    ("GET", "/views/{view}/rows/{row}"): ("/views/care_desk/rows/nobody", {**BEARER, "app": 404}),
    ("PATCH", "/views/{view}/rows/{row}"): ("/views/care_desk/rows/nobody", WRITING),
    ("GET", "/customers/{customer}"): ("/customers/nobody", {**BEARER, "app": 404}),
    ("PATCH", "/customers/{customer}"): ("/customers/nobody", WRITING),
    ("POST", "/customers/{customer}/opt-outs"): ("/customers/nobody/opt-outs", WRITING),
    ("GET", "/healthz"): ("/healthz", PUBLIC),
    ("GET", "/.well-known/gpc.json"): ("/.well-known/gpc.json", PUBLIC),
    ("GET", "/readyz"): ("/readyz", PUBLIC),
    ("GET", "/metrics"): ("/metrics", PUBLIC),
    ("GET", "/log/checkpoint"): ("/log/checkpoint", PUBLIC),
    ("GET", "/log/vkey"): ("/log/vkey", PUBLIC),
    ("GET", "/log/proof/inclusion/{index}"): ("/log/proof/inclusion/0", ABSENT),
    ("GET", "/log/proof/consistency/{size}"): ("/log/proof/consistency/1", ABSENT),
    ("GET", "/log/tile/{path:path}"): ("/log/tile/9/000", ABSENT),
    **{("POST", path): (path, SOURCE) for path in TAKEN},
    **{("OPTIONS", path): (path, dict.fromkeys(KINDS, 204)) for path in (*TAKEN, *OTHERS)},
    ("POST", "/v1/m"): ("/v1/m", PUBLIC),
    ("GET", "/v1/projects/{write_key}/settings"): ("/v1/projects/none/settings", ABSENT),
    ("GET", "/sourceConfig"): ("/sourceConfig", BROWSER),
    ("GET", "/sourceConfig/"): ("/sourceConfig/", BROWSER),
    **{
        each: (each[1].replace("{regulation}", "1").replace("{source}", "web"), dict.fromkeys(KINDS, 401))
        for each in REGULATING
    },
    ("POST", "/oauth/token"): ("/oauth/token", dict.fromkeys(KINDS, 400)),  # a form it is not, whoever sends it
    ("GET", "/assets/{digest}/{name}"): ("/assets/0/style.css", ABSENT),
    ("GET", "/portal/sign-in"): ("/portal/sign-in", PUBLIC),
    **{("GET", page): (page, SIGN_IN) for page in ("/portal", "/portal/data", "/portal/choices", "/portal/accesses")},
    **{("GET", page): (page, SIGN_IN) for page in ("/portal/prove", "/portal/resume", "/portal/sessions")},
    ("GET", "/portal/choices/receipt"): ("/portal/choices/receipt", SIGN_IN),
    ("POST", "/portal/choices/receipt"): ("/portal/choices/receipt", SIGN_IN),
    ("GET", "/portal/accesses/recipients"): ("/portal/accesses/recipients", SIGN_IN),
    ("GET", "/portal/accesses/check"): ("/portal/accesses/check", SIGN_IN),
    ("POST", "/portal/accesses/bundle"): ("/portal/accesses/bundle", SIGN_IN),
    ("POST", "/portal/privacy"): ("/portal/privacy", SIGN_IN),
    ("GET", "/privacy"): ("/privacy", ABSENT),
    ("GET", "/privacy/{version}"): ("/privacy/1", ABSENT),
    ("GET", "/privacy/{version}/changes"): ("/privacy/1/changes", ABSENT),
    ("GET", "/portal/data/seen"): ("/portal/data/seen", SIGN_IN),
    ("GET", "/portal/data/seen/{view}"): ("/portal/data/seen/newsletter", SIGN_IN),
    **{("POST", page): (page, SIGN_IN) for page in ("/portal/choices", "/portal/sign-out")},
    **{("POST", page): (page, SIGN_IN) for page in ("/portal/prove", "/portal/sessions/end")},
    **{("GET", page): (page, SIGN_IN) for page in ("/portal/passkeys", "/portal/passkeys/add")},
    **{("POST", f"/portal/passkeys/{act}"): (f"/portal/passkeys/{act}", SIGN_IN) for act in PASSKEY_ACTS},
    **{("POST", page): (page, FOREIGN) for page in ("/portal/passkey", "/portal/passkey/options")},
    **{("GET", page): (page, SIGN_IN) for page in ("/portal/export", "/portal/export/state", "/portal/erase")},
    **{("POST", page): (page, SIGN_IN) for page in ("/portal/erase", "/portal/renew")},
    ("GET", "/portal/renew"): ("/portal/renew", SIGN_IN),
    ("GET", "/portal/erased/{ticket}"): ("/portal/erased/x-y", ABSENT),
    ("GET", "/portal/erased/{ticket}/certificate"): ("/portal/erased/x-y/certificate", ABSENT),
    **{("POST", page): (page, SIGN_IN) for page in ("/portal/export", "/portal/export/file")},
    **{("GET", page): (page, ABSENT) for page in OIDC},  # there is no provider
    **{(method, page): (re.sub(r"{.*?}", "x", page), SIGN_IN) for method, page in ASKING},
    **{
        ("GET", page): (page, SIGN_IN) for page in ("/console", "/console/staff", "/console/account", "/console/resume")
    },
    **{(method, "/console/reports"): ("/console/reports", SIGN_IN) for method in ("GET", "POST")},
    ("GET", "/console/who-sees"): ("/console/who-sees", SIGN_IN),
    **{each: (re.sub(r"{.*?}", "1", each[1]), SIGN_IN) for each in POLICY},
    **{
        (method, f"/console/{page}"): (re.sub(r"{.*?}", "1", f"/console/{page}"), SIGN_IN) for method, page in CATALOGUE
    },
    **{(method, f"/console/statement{rest}"): (f"/console/statement{rest}", SIGN_IN) for method, rest in STATEMENT},
    **{("GET", f"/console/{page}"): (f"/console/{page}", SIGN_IN) for page in STAFF_LOOKS},
    **{(method, page): (re.sub(r"{.*?}", "x", page), SIGN_IN) for method, page in DECIDING},
    **{(method, "/console/see-as"): ("/console/see-as", SIGN_IN) for method in ("GET", "POST")},
    **{(method, "/console/break-glass"): ("/console/break-glass", SIGN_IN) for method in ("GET", "POST")},
    ("GET", "/console/break-glass/{grant}"): ("/console/break-glass/1", SIGN_IN),
    **{
        ("POST", f"/console/break-glass/{{grant}}/{step}"): (f"/console/break-glass/1/{step}", SIGN_IN)
        for step in ("decide", "withdraw", "read", "end", "delay", "tell", "review")
    },
    **{(method, "/portal/opened"): ("/portal/opened", SIGN_IN) for method in ("GET", "POST")},
    **{("GET", path): (re.sub(r"{.*}", "1", path), SIGN_IN) for path in LOG_PAGES},
    **{("POST", f"/console/{act}"): (f"/console/{act}", SIGN_IN) for act in ("log/person", "log/verify")},
    ("POST", "/console/consent/latency"): ("/console/consent/latency", SIGN_IN),
    **{("POST", f"/console/{act}"): (f"/console/{act}", SIGN_IN) for act in STAFF_ACTS},
    **{("POST", f"/console/{way}"): (f"/console/{way}", FOREIGN) for way in STAFF_WAYS},
    ("GET", "/console/sign-in"): ("/console/sign-in", PUBLIC),
    ("GET", "/console/welcome"): ("/console/welcome", FOREIGN),
    ("POST", "/portal/sign-in"): ("/portal/sign-in", FOREIGN),
    ("GET", "/portal/link"): ("/portal/link?link=x", PUBLIC),
    ("POST", "/portal/link"): ("/portal/link", FOREIGN),
}
"""Method and route → an address of it, and the status by kind."""

PAGES = ("/portal", "/privacy", "/console", "/assets")
"""Where people go, and no program: not in the description."""


def routes(router: Any, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Every route of an application, inside of included routers as well: `app.routes` is not flat."""
    for route in router.routes:
        inner = getattr(route, "original_router", None) or getattr(route, "router", None)
        if isinstance(route, Mount):
            yield from routes(route, prefix + route.path)
        elif inner is not None:
            yield from routes(inner, prefix + getattr(route, "prefix", ""))
        elif isinstance(route, Route):
            for method in sorted(route.methods or ()):
                if method != "HEAD":
                    yield method, prefix + route.path
        else:
            raise AssertionError(f"what kind of route is {route!r}?")


@pytest.fixture
def credentials(app, platform) -> dict[str, dict[str, str]]:
    mine, other = register(platform, "desk", "care_desk"), register(platform, "letters", "newsletter")
    gone = register(platform, "gone", "care_desk")
    token = bearer(app, mine)["authorization"]
    revoked = bearer(app, gone)
    _, write_key = add_source(platform, "web", principal=samples.TESTER)
    revoke_app(platform, "gone", principal=samples.TESTER)
    return {
        "none": {},
        "basic": basic(mine),
        "forged": {"authorization": token[:-4] + ("AAAA" if token[-4:] != "AAAA" else "BBBB")},
        "revoked": revoked,
        "write_key": {"authorization": "Basic " + base64.b64encode(f"{write_key}:".encode()).decode()},
        "other_app": bearer(app, other),
        "app": {"authorization": token},
    }


def test_every_route_is_in_the_matrix(app):
    assert set(routes(app)) == set(MATRIX)


def test_every_route_is_in_the_description(app):
    told = call(app, "GET", "/openapi.json").json["paths"]
    programs = [(method, path) for method, path in routes(app) if not path.startswith(PAGES)]
    missing = {(method, path) for method, path in programs if method.lower() not in told.get(plain(path), {})}
    assert missing == set()


def plain(path: str) -> str:
    return path.replace(":path}", "}")


def test_who_may_what(app, credentials):
    wrong = {}
    for (method, route), (target, expected) in MATRIX.items():
        for kind, headers in credentials.items():
            answer = call(app, method, target, headers)
            if answer.status != expected[kind]:
                wrong[method, route, kind] = (answer.status, answer.body[:200])
    assert wrong == {}


def test_head_is_allowed_where_get_is(app, credentials):
    for kind, headers in credentials.items():
        expected = BEARER[kind]
        assert call(app, "HEAD", "/views/care_desk", headers).status == expected
