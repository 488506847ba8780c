"""In through an organisation's own provider: only whom it has verified, only here, once, by none of its mistakes."""

import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

import pytest
from fastapi import FastAPI
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from cdp.bootstrap import Platform
from cdp.services.erase import erase
from cdp.services.oidc import journeys
from tests import samples
from tests.api.calling import Answer
from tests.portal.conftest import ADDRESS
from tests.portal.provider import CLIENT, SECRET, Provider, provider
from tests.portal.test_step_up import make_stale
from tests.portal.visitor import ORIGIN, Visitor, text


@pytest.fixture
def theirs(monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    with provider() as made:
        names = {"ISSUER": made.issuer, "CLIENT": CLIENT, "SECRET": SECRET, "NAME": "Example ID"}
        for name, value in names.items():
            monkeypatch.setenv(f"CDP_OIDC_{name}", value)
        yield made


@pytest.fixture
def platform(theirs: Provider, platform: Platform) -> Platform:
    return platform


def leave(visitor: Visitor, query: str = "") -> str:
    answer = visitor.get(f"/portal/oidc{query}")
    assert answer.status == 303, text(answer)
    return answer.header("location")


def arrive(visitor: Visitor, address: str) -> Answer:
    return visitor.get(address.removeprefix(ORIGIN))


def enter(visitor: Visitor, theirs: Provider, query: str = "") -> Answer:
    return arrive(visitor, theirs.authorize(leave(visitor, query)))


def test_she_comes_in_and_goes_where_she_wanted(visitor: Visitor, theirs: Provider) -> None:
    assert "Sign in with Example ID" in text(visitor.get("/portal/sign-in"))
    assert enter(visitor, theirs, "?next=/portal/data").header("location") == "/portal/data"
    assert ADDRESS in text(visitor.get("/portal/data"))


def test_what_is_asked_for_is_a_code_with_proofs(visitor: Visitor, theirs: Provider) -> None:
    asked = dict(parse_qsl(urlsplit(leave(visitor)).query))
    assert asked["response_type"] == "code"
    assert asked["code_challenge_method"] == "S256"
    assert asked["redirect_uri"] == f"{ORIGIN}/portal/oidc/callback"
    assert len({asked["state"], asked["nonce"], asked["code_challenge"]}) == 3
    assert "prompt" not in asked


@pytest.mark.parametrize(
    "claims",
    [
        {"email_verified": False}, {"email_verified": None}, {"email_verified": "true"}, {"email_verified": 1},
        {"email": None}, {"email": "nobody@example.org"}, {"email": ["ann0@example.org"]}, {"email": ""},
    ],
    ids=str,
)  # fmt: skip
def test_nobody_comes_in_by_what_is_not_verified(visitor: Visitor, theirs: Provider, claims: dict) -> None:
    theirs.claims = claims
    answer = enter(visitor, theirs)
    assert (answer.status, "We do not know you by this account" in text(answer)) == (403, True)
    assert "cdp-session" not in visitor.cookies


def test_a_claim_of_ours_that_nobody_verified_lets_nobody_in(
    visitor: Visitor, theirs: Provider, platform: Platform
) -> None:
    false = "CAST(0 AS INTEGER)" if platform.door.dialect == "sqlite" else "false"
    with platform._database.writing() as conn:
        conn.exec_driver_sql(f"UPDATE cdp_identifier SET verified = {false}")
    assert enter(visitor, theirs).status == 403


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "other"}, {"nonce": None}, {"aud": "somebody-else"}, {"aud": []}, {"aud": ["cdp", "other"]},
        {"aud": ["cdp", "other"], "azp": "other"}, {"azp": "other"}, {"iss": "https://evil.example"}, {"iss": None},
        {"exp": 1}, {"exp": None}, {"iat": None}, {"iat": 9_999_999_999}, {"sub": None}, {"sub": 7},
        {"nbf": 9_999_999_999},
    ],
    ids=str,
)  # fmt: skip
def test_a_token_that_does_not_hold_lets_nobody_in(visitor: Visitor, theirs: Provider, claims: dict) -> None:
    theirs.claims = claims
    answer = enter(visitor, theirs)
    assert (answer.status, "has not let you in" in text(answer)) == (403, True)
    assert "cdp-session" not in visitor.cookies


def test_two_audiences_are_good_when_it_was_made_for_us(visitor: Visitor, theirs: Provider) -> None:
    theirs.claims = {"aud": ["cdp", "other"], "azp": "cdp"}
    assert enter(visitor, theirs).status == 303


def unsigned(header: dict, claims: dict) -> str:
    parts = (urlsafe_b64encode(json.dumps(each).encode()).decode().rstrip("=") for each in (header, claims))
    return ".".join(parts) + "."


def test_a_token_that_nobody_signed_or_that_is_signed_with_what_is_public(visitor: Visitor, theirs: Provider) -> None:
    now = int(time.time())
    for attempt in ("none", "shared", "public", "other key", "other kid", "not a token", "long"):
        address = leave(visitor)
        claims = {
            "iss": theirs.issuer, "aud": CLIENT, "sub": "ann", "iat": now, "exp": now + 300,
            "nonce": dict(parse_qsl(urlsplit(address).query))["nonce"], "email": ADDRESS, "email_verified": True,
        }  # fmt: skip
        other = RSAKey.generate_key(2048, {"kid": "one"})
        theirs.token = {
            "none": lambda c=claims: unsigned({"alg": "none"}, c),
            "shared": lambda c=claims: jwt.encode({"alg": "HS256"}, c, OctKey.import_key(SECRET)),
            "public": lambda c=claims: jwt.encode(
                {"alg": "HS256", "kid": "one"}, c, OctKey.import_key(json.dumps(theirs.key.as_dict(private=False)))
            ),
            "other key": lambda c=claims, key=other: jwt.encode({"alg": "RS256", "kid": "one"}, c, key),
            "other kid": lambda c=claims: jwt.encode({"alg": "RS256", "kid": "two"}, c, theirs.key),
            "not a token": lambda: "a.b",
            "long": lambda: "a" * 40_000,
        }[attempt]()
        assert arrive(visitor, theirs.authorize(address)).status == 403, attempt
    theirs.token = None
    assert enter(visitor, theirs).status == 303, "and the honest one is good"


def test_an_answer_is_good_once_and_in_the_browser_that_began(app: FastAPI, theirs: Provider) -> None:
    mallory, ann = Visitor(app), Visitor(app)
    address = theirs.authorize(leave(mallory))
    assert arrive(ann, address).status == 403, "his answer does not sign her in"
    ann_address = theirs.authorize(leave(ann))
    assert arrive(ann, ann_address).status == 303
    assert arrive(ann, ann_address).status == 403
    assert len(theirs.exchanges) == 1, "a code that is not of a journey of this browser is not turned in"


def test_a_code_of_another_journey_is_not_taken(app: FastAPI, theirs: Provider) -> None:
    """The verifier is of the one, the code of the other."""
    first, second = Visitor(app), Visitor(app)
    stolen = dict(parse_qsl(urlsplit(theirs.authorize(leave(first))).query))["code"]
    mine = dict(parse_qsl(urlsplit(theirs.authorize(leave(second))).query))
    answer = second.get(f"/portal/oidc/callback?code={stolen}&state={mine['state']}&iss={theirs.issuer}")
    assert answer.status == 403


@pytest.mark.parametrize("iss", ["https://evil.example", None])
def test_the_answer_of_another_provider_is_not_taken(visitor: Visitor, theirs: Provider, iss: str | None) -> None:
    address = theirs.authorize(leave(visitor)).partition("&iss=")[0]
    assert arrive(visitor, address + (f"&iss={iss}" if iss else "")).status == 403
    assert theirs.exchanges == []


def test_a_journey_runs_out(visitor: Visitor, theirs: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    address = theirs.authorize(leave(visitor))
    monkeypatch.setattr(journeys, "timestamp", lambda _now=None: "2027-01-01T00:00:00.000000+00:00")
    assert arrive(visitor, address).status == 403


@pytest.mark.parametrize("query", ["", "?state=x", "?error=access_denied", "?code=1", "?state=x&code=1&iss=y"])
def test_an_answer_to_nothing(visitor: Visitor, query: str) -> None:
    assert visitor.get(f"/portal/oidc/callback{query}").status == 403


def test_a_provider_that_is_down_is_said_so(visitor: Visitor, theirs: Provider) -> None:
    theirs.down = True
    answer = visitor.get("/portal/oidc")
    assert (answer.status, "does not answer" in text(answer)) == (503, True)
    theirs.down = False
    address = theirs.authorize(leave(visitor))
    theirs.down = True
    assert arrive(visitor, address).status == 503


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://evil.example"}, {"token_endpoint": "http://evil.example/token"}, {"jwks_uri": None},
        {"authorization_endpoint": "javascript:alert(1)"}, {"token_endpoint": 7}, {"filler": "x" * 2_000_000},
    ],
    ids=lambda each: next(iter(each)),
)  # fmt: skip
def test_what_a_provider_says_of_itself_has_to_be_its_own(visitor: Visitor, theirs: Provider, metadata: dict) -> None:
    theirs.metadata = metadata
    assert visitor.get("/portal/oidc").status == 503


def test_the_subject_is_hers_whatever_becomes_of_her_address_there(app: FastAPI, theirs: Provider) -> None:
    enter(Visitor(app), theirs)
    theirs.claims = {"email": "new@example.org"}
    again = Visitor(app)
    assert enter(again, theirs).status == 303
    assert ADDRESS in text(again.get("/portal/data"))
    theirs.claims = {"email": "ann1@example.org"}
    still = Visitor(app)
    enter(still, theirs)
    assert ADDRESS in text(still.get("/portal/data")), "an address there moves nobody to another customer"


def test_new_keys_of_the_provider_are_asked_for(visitor: Visitor, theirs: Provider) -> None:
    enter(visitor, theirs)
    theirs.key, theirs.header = RSAKey.generate_key(2048, {"kid": "two"}), {"alg": "RS256", "kid": "two"}
    assert enter(visitor, theirs).status == 403, "not more often than once a minute"


def test_an_erasure_takes_the_link_with_it(visitor: Visitor, theirs: Provider, platform: Platform) -> None:
    enter(visitor, theirs)
    erase(platform, [f"email:{ADDRESS}"], principal=samples.TESTER, reason="she asked")
    with platform._database.reading() as conn:
        assert conn.exec_driver_sql("SELECT count(*) FROM cdp_oidc_customer").scalar_one() == 0
    assert enter(visitor, theirs).status == 403


def test_it_proves_anew_who_she_is_only_if_she_has_just_proved_it_there(
    ann: Visitor, theirs: Provider, platform: Platform
) -> None:
    make_stale(platform)
    where = "/portal/passkeys/add"
    assert "anew=yes" in ann.get(f"/portal/prove?next={where}").body.decode()
    asked = dict(parse_qsl(urlsplit(leave(ann, "?anew=yes")).query))
    assert (asked["prompt"], asked["max_age"]) == ("login", "0")
    for at in (None, int(time.time()) - 3600, "now"):
        theirs.claims = {"auth_time": at}
        assert enter(ann, theirs, f"?anew=yes&next={where}").status == 403
    theirs.claims = {"auth_time": int(time.time()) - 3600}
    enter(ann, theirs)
    assert ann.get(where).status == 303, "signed in there an hour ago"
    theirs.claims = {}
    assert enter(ann, theirs, f"?anew=yes&next={where}").header("location") == where
    assert ann.get(where).status == 200


def test_no_secret_of_a_journey_is_in_the_clear(visitor: Visitor, theirs: Provider, platform: Platform) -> None:
    asked = dict(parse_qsl(urlsplit(leave(visitor)).query))
    with platform._database.reading() as conn:
        (row,) = conn.exec_driver_sql("SELECT * FROM cdp_oidc_journey").all()
    stored = b" ".join(bytes(each) if isinstance(each, (bytes, memoryview)) else str(each).encode() for each in row)
    assert asked["state"].encode() not in stored
    assert asked["nonce"].encode() not in stored
