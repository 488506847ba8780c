"""The purpose is fixed in the credential: another one, in any channel, is 403 and an entry."""

from urllib.parse import quote

import pytest

from tests.api.apps import bearer, register, sign_in
from tests.api.calling import call
from tests.support.worlds import World

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)

OTHER = "direct_marketing"
CHANNELS = {
    "query": ("?purpose={}", {}, b""),
    "query twice": ("?purpose=service&purpose={}", {}, b""),
    "query as a condition": ("?purpose=eq.{}", {}, b""),
    "accept-profile": ("", {"accept-profile": "{}"}, b""),
    "content-profile": ("", {"content-profile": "{}"}, b""),
    "purpose": ("", {"purpose": "{}"}, b""),
    "x-purpose": ("", {"x-purpose": "{}"}, b""),
    "cdp-purpose": ("", {"cdp-purpose": "{}"}, b""),
    "prefer": ("", {"prefer": "handling=lenient, purpose={}"}, b""),
    "cookie": ("", {"cookie": "a=b; purpose={}"}, b""),
    "odd cookie": ("", {"cookie": "a=b; purpose ={}\\"}, b""),
    "query in capitals": ("?Purpose={}", {}, b""),
    "any header": ("", {"x-cdp-purpose": "{}"}, b""),
    "cookie in capitals": ("", {"cookie": "Purpose={}"}, b""),
    "two cookies": ("", {"cookie": "purpose={}; purpose=service"}, b""),
    "two keys": ("", {"content-type": "application/json"}, b'{"purpose": "%s", "purpose": "service"}'),
    "key in capitals": ("", {"content-type": "application/json"}, b'{"PURPOSE": "%s"}'),
    "body in parts": (
        "",
        {"content-type": "multipart/form-data; boundary=b"},
        b'--b\r\nContent-Disposition: form-data; name="purpose"\r\n\r\n%s\r\n--b--\r\n',
    ),
    "body as json": ("", {"content-type": "application/json"}, b'{"purpose": "%s"}'),
    "body as a list": ("", {"content-type": "application/json"}, b'[{"purpose": "%s"}]'),
    "body as a form": ("", {"content-type": "application/x-www-form-urlencoded"}, b"a=b&purpose=%s"),
    "body as anything": ("", {"content-type": "text/plain"}, b'{"purpose": "%s"}'),
}


def asked(channel, word):
    query, headers, body = CHANNELS[channel]
    named = {name: value.replace("{}", word) for name, value in headers.items()}
    return query.replace("{}", word), named, body.replace(b"%s", word.encode())


@pytest.fixture
def desk(app, platform):
    return bearer(app, register(platform, "desk", "care_desk"))


@pytest.mark.parametrize("path", ["/views/care_desk", "/views/care_desk/explain", "/views", "/customers/nobody"])
def test_another_purpose_is_refused_with_an_entry(app, platform, desk, path):
    for channel in CHANNELS:
        query, headers, body = asked(channel, OTHER)
        before = len(World(platform).entries())
        answer = call(app, "GET", path + query, {**desk, **headers}, body)
        assert (answer.status, answer.json["code"]) == (403, "other_purpose"), channel
        [entry] = World(platform).entries()[before:]
        assert (entry["what"], entry["code"], entry["principal"]) == ("refusal", "other_purpose", "app:desk")
        assert OTHER not in str(entry)


def test_ones_own_purpose_changes_nothing(app, desk):
    plain = call(app, "GET", "/views/care_desk?limit=1", desk)
    for channel in ("query", "accept-profile", "purpose", "prefer", "cookie", "body as json", "body as a form"):
        query, headers, body = asked(channel, "service")
        answer = call(app, "GET", f"/views/care_desk{query or '?'}&limit=1", {**desk, **headers}, body)
        assert (answer.status, answer.json) == (200, plain.json), channel


def test_so_is_one_in_the_scope_of_a_token(app, platform):
    made = register(platform, "desk", "care_desk")
    before = len(World(platform).entries())
    scopes = (OTHER, f"purpose:{OTHER}", "nosuch", "newsletter", f"care_desk {OTHER}", "service newsletter")
    answers = [sign_in(app, made, b"&scope=" + quote(scope).encode()) for scope in scopes]
    assert {(each.status, each.json["error"], each.body) for each in answers} == {
        (403, "invalid_scope", answers[0].body)
    }
    entries = World(platform).entries()[before:]
    assert [(each["act"], each["code"]) for each in entries] == [("sign_in", "bad_scope")] * len(scopes)
    assert OTHER not in str(entries)
    for own in ("service", "purpose:service", "care_desk service"):
        assert sign_in(app, made, b"&scope=" + quote(own).encode()).json["scope"] == "care_desk"


def test_what_a_browser_says_of_itself_is_no_purpose(app, desk):
    assert call(app, "GET", "/views/care_desk?limit=1", {**desk, "sec-purpose": "prefetch"}).status == 200


@pytest.mark.parametrize("word", ["", "Service", "service ", "service,direct_marketing", "*", "public"])
def test_only_its_exact_name_is_ones_own(app, desk, word):
    answer = call(app, "GET", f"/views/care_desk?purpose={word}", desk)
    assert (answer.status, answer.json["code"]) == (403, "other_purpose")
