"""Client credentials: what is given out, what is refused, and that all refusals look the same."""

from datetime import UTC, datetime, timedelta

import httpx2
import pytest
from authlib.integrations.httpx_client import AsyncOAuth2Client
from joserfc import jws

from cdp.errors import Unauthenticated
from cdp.services.apps.revoke import revoke_app
from cdp.services.apps.tokens import Tokens
from tests import samples
from tests.api.apps import FORM, GRANT, basic, register, sign_in
from tests.api.calling import call
from tests.support.worlds import World


@pytest.fixture
def made(platform):
    return register(platform, "letters", "newsletter")


def entries(platform):
    return World(platform).entries()


def test_a_token_names_app_views_and_purpose(app, made):
    answer = sign_in(app, made)
    assert answer.status == 200
    assert answer.header("cache-control") == "no-store"
    assert answer.json["token_type"] == "Bearer"
    assert answer.json["scope"] == "newsletter"
    found = app.state.tokens.read(answer.json["access_token"])
    assert found == made.app
    assert (found.purpose, found.views, found.role) == ("direct_marketing", ("newsletter",), "newsletter_app")


def test_the_secret_is_kept_nowhere(platform, made):
    row = World(platform).query("SELECT * FROM cdp_app")[0]
    assert made.secret.encode() not in b"".join(str(cell).encode() for cell in row)
    assert len(made.secret) > 43


def test_the_client_may_name_itself_in_the_form(app, made):
    pair = f"&client_id={made.app.client_id}&client_secret={made.secret}".encode()
    assert call(app, "POST", "/oauth/token", FORM, GRANT + pair).status == 200
    twice = call(app, "POST", "/oauth/token", {**FORM, **basic(made)}, GRANT + pair)
    assert (twice.status, twice.json["error"]) == (400, "invalid_request")


async def fetched(app, made, method):
    transport = httpx2.ASGITransport(app=app)
    async with AsyncOAuth2Client(
        made.app.client_id, made.secret, token_endpoint_auth_method=method, transport=transport, base_url="http://test"
    ) as client:
        return await client.fetch_token("http://test/oauth/token", grant_type="client_credentials")


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
def test_authlib_signs_in_unchanged(app, made, method):
    import asyncio

    token = asyncio.run(fetched(app, made, method))
    assert app.state.tokens.read(token["access_token"]) == made.app
    assert token["expires_in"] == 600


def test_unknown_wrong_expired_and_revoked_are_the_same_bytes(app, platform, made):
    soon = register(platform, "brief", "newsletter", expires=datetime.now(UTC) + timedelta(hours=1))
    gone = register(platform, "gone", "newsletter")
    revoke_app(platform, "gone", principal=samples.TESTER)
    World(platform).sql("UPDATE cdp_app SET expires_at = '2020-01-01' WHERE name = 'brief'")
    answers = [
        sign_in(app, each)
        for each in (
            gone,
            soon,
            type(made)(made.app, made.secret + "x"),
            type(made)(made.app, ""),
            type(made)(type(made.app)("app_0", *[getattr(made.app, n) for n in made.app.__slots__[1:]]), made.secret),
        )
    ]
    assert {answer.status for answer in answers} == {401}
    assert len(set(answers)) == 1
    assert answers[0].json["error"] == "invalid_client"


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"grant_type=password&username=a&password=b", "unsupported_grant_type"),
        (b"", "unsupported_grant_type"),
        (GRANT + b"&" + GRANT, "invalid_request"),
        (GRANT + b"&scope=care_desk", "invalid_scope"),
        (GRANT + b"&scope=nosuch", "invalid_scope"),
        (b"\xff", "invalid_request"),
    ],
)
def test_a_malformed_request_says_which_rule(app, made, body, error):
    answer = call(app, "POST", "/oauth/token", {**FORM, **basic(made)}, body)
    assert (answer.status, answer.json["error"]) == (403 if error == "invalid_scope" else 400, error)
    assert answer.json["code"]


def test_another_purpose_is_refused_with_an_entry(app, platform, made):
    answer = sign_in(app, made, b"&purpose=service")
    assert (answer.status, answer.json["code"]) == (403, "other_purpose")
    last = entries(platform)[-1]
    assert (last["what"], last["act"], last["code"]) == ("refusal", "sign_in", "other_purpose")
    assert last["principal"] == "app:letters"
    assert "service" not in str(last)


def test_a_token_narrower_than_the_app(app, platform):
    made = register(platform, "desk", "care_desk", "care_orders")
    assert sign_in(app, made).json["scope"] == "care_desk care_orders"
    narrow = sign_in(app, made, b"&scope=care_orders").json["access_token"]
    assert app.state.tokens.read(narrow).views == ("care_orders",)


def test_a_revocation_holds_from_the_next_request_on(app, platform, made):
    token = sign_in(app, made).json["access_token"]
    app.state.tokens.read(token)
    revoke_app(platform, "letters", principal=samples.TESTER)
    with pytest.raises(Unauthenticated):
        app.state.tokens.read(token)


def test_a_token_expires(platform, made):
    now = [1_800_000_000.0]
    tokens = Tokens(platform, clock=lambda: now[0])
    token, seconds, _ = tokens.issue(made.app.client_id, made.secret)
    now[0] += seconds - 1
    assert tokens.read(token) == made.app
    now[0] += 1
    with pytest.raises(Unauthenticated):
        tokens.read(token)


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_token_that_was_changed_is_none(app, made):
    token = app.state.tokens.issue(made.app.client_id, made.secret)[0]
    head, body, signature = token.split(".")
    forged = [head + "." + body + ".", token + "x", "x", "", "é", f"{head}.{body}", "a" * 5000]
    forged += [
        f"{head}.{body[:n]}{'A' if body[n] != 'A' else 'B'}{body[n + 1 :]}.{signature}" for n in range(len(body))
    ]
    none = jws.serialize_compact({"alg": "HS256"}, b"{}", samples_key(), algorithms=["HS256"])
    for each in [*forged, none]:
        with pytest.raises(Unauthenticated):
            app.state.tokens.read(each)


def samples_key():
    from joserfc.jwk import OctKey

    return OctKey.import_key(b"0" * 32)


def test_registering_and_revoking_have_their_entries(platform, made):
    revoke_app(platform, made.app.client_id, principal=samples.TESTER)
    acts = [(each["act"], each.get("app")) for each in entries(platform)][-2:]
    assert acts == [("app_added", made.app.client_id), ("app_revoked", made.app.client_id)]
    assert made.secret not in str(entries(platform))
