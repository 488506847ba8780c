"""The purpose is fixed in the credential: another one, in any channel, is 403 and an entry."""

import pytest

from tests.api.apps import bearer, register
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


@pytest.mark.parametrize("word", ["", "Service", "service ", "service,direct_marketing", "*", "public"])
def test_only_its_exact_name_is_ones_own(app, desk, word):
    answer = call(app, "GET", f"/views/care_desk?purpose={word}", desk)
    assert (answer.status, answer.json["code"]) == (403, "other_purpose")
