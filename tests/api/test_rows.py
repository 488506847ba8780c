"""One row over HTTP: its version, changes, and refusals that apps pass on."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import orjson
import pytest

from cdp.bootstrap import Platform
from cdp.services.publish import publish_policy
from tests import samples
from tests.api.apps import bearer, register
from tests.api.calling import Answer, call
from tests.services.writing import POLICY, store
from tests.support.worlds import World

KEYS = count()
OTHER = "care_desk: {kind: standard, purpose: privacy_administration,"


@pytest.fixture
def platform(tmp_path: Path, database_url: str, keys_url: str) -> Iterator[Platform]:
    with store(tmp_path / "home", database_url, keys_url) as opened:
        samples.add_people(opened, 3)
        yield opened


@pytest.fixture
def ann(platform: Platform) -> str:
    return next(row[0] for row in samples.rows_of(platform, "care_desk") if row[1] == "Ann Number0")


class Desk:
    """An app that calls."""

    def __init__(self, app, platform, name, *views) -> None:
        self.app = app
        self.headers = bearer(app, register(platform, name, *views))

    def __call__(self, method: str, path: str, body: object = None, **headers: str) -> Answer:
        given = {**self.headers, **{name.replace("_", "-"): text for name, text in headers.items()}}
        if method != "GET":
            given.setdefault("idempotency-key", f"key{next(KEYS)}")
        return call(self.app, method, path, given, b"" if body is None else orjson.dumps(body))


@pytest.fixture
def desk(app, platform) -> Desk:
    return Desk(app, platform, "desk", "care_desk")


def test_a_row_is_read_changed_and_read_again(desk, ann):
    read = desk("GET", f"/views/care_desk/rows/{ann}")
    assert (read.status, read.json["loyalty"], read.header("cache-control")) == (200, "silver", "no-store")
    changed = desk("PATCH", f"/views/care_desk/rows/{ann}", {"loyalty": "gold"}, if_match=read.header("etag"))
    assert (changed.status, changed.body) == (204, b"")
    again = desk("GET", f"/customers/{ann}")
    assert (again.json["loyalty"], again.header("etag")) == ("gold", changed.header("etag"))


def test_the_row_comes_back_where_that_is_preferred(desk, ann):
    path = f"/customers/{ann}"
    answers = [
        desk("PATCH", path, {"loyalty": "gold"}, if_match="*", prefer="return=representation", idempotency_key="one")
        for _ in range(2)
    ]
    assert [each.status for each in answers] == [200, 200]
    assert answers[0].body == answers[1].body
    assert answers[0].json["loyalty"] == "gold"


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({}, 428, "version_missing"), ({"if_match": '"old"'}, 412, "row_changed"),
        ({"if_match": " , "}, 428, "version_missing"), ({"if_match": 'W/"old", "x"'}, 412, "row_changed"),
        ({"if_match": "old"}, 400, "bad_if_match"), ({"if_match": '*, "x"'}, 400, "bad_if_match"),
        ({"if_match": '"x""y"'}, 400, "bad_if_match"), ({"if_match": '"x'}, 400, "bad_if_match"),
        ({"if_match": "*", "idempotency_key": ""}, 400, "idempotency_key_missing"),
        ({"if_match": "*", "idempotency_key": "k" * 256}, 400, "bad_idempotency_key"),
        ({"if_match": "*", "content_profile": "marketing"}, 403, "other_purpose"),
    ],
)  # fmt: skip
def test_what_a_change_must_say(desk, ann, headers, status, code):
    answer = desk("PATCH", f"/customers/{ann}", {"loyalty": "gold"}, **headers)
    assert (answer.status, answer.json["code"]) == (status, code)


def test_one_of_several_versions_is_enough_and_a_weak_one_is_none(desk, ann):
    path = f"/customers/{ann}"
    tag = desk("GET", path).header("etag")
    assert desk("PATCH", path, {"loyalty": "silver"}, if_match=f"W/{tag}").status == 412
    for listed in (f'"a,b",{tag}', f'{tag} , "x"', f',, W/"x",\t{tag},', " * "):
        answer = desk("PATCH", path, {"loyalty": "silver"}, if_match=listed)
        assert (answer.status, answer.header("etag")) == (204, tag), listed


@pytest.mark.parametrize("prefer", ["return=minimal, return=representation", "x=return=representation", "returns"])
def test_a_preference_that_is_none_changes_nothing(desk, ann, prefer):
    answer = desk("PATCH", f"/customers/{ann}", {"loyalty": "gold"}, if_match="*", prefer=prefer)
    assert (answer.status, answer.header("preference-applied")) == (204, None)


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_view_of_another_purpose_by_now_is_none(desk, ann, platform):
    tag = desk("GET", f"/customers/{ann}").header("etag")
    text = POLICY.replace("care_desk:      {kind: standard, purpose: service,", OTHER)
    assert text != POLICY
    publish_policy(platform, samples.policy(text), principal=samples.TESTER)
    absent = desk("PATCH", f"/views/nowhere/rows/{ann}", {"loyalty": "gold"}, if_match=tag)
    assert (absent.status, absent.json["code"]) == (404, "unknown_view")
    path = f"/views/care_desk/rows/{ann}"
    assert desk("PATCH", path, {"loyalty": "gold"}, if_match=tag) == absent
    assert desk("GET", path) == absent
    assert desk("PATCH", f"/customers/{ann}", {"loyalty": "gold"}, if_match=tag).json["code"] == "not_writable"
    assert desk("POST", f"/customers/{ann}/opt-outs", {"opt_outs": ["direct_marketing"]}).status == 403
    codes = [each["code"] for each in World(platform).entries() if each["what"] == "refusal"]
    assert len(codes) == 5, "each has its own"


def test_a_key_is_for_one_request(desk, ann):
    desk("PATCH", f"/customers/{ann}", {"loyalty": "gold"}, if_match="*", idempotency_key="k")
    answer = desk("PATCH", f"/customers/{ann}", {"loyalty": "none"}, if_match="*", idempotency_key="k")
    assert (answer.status, answer.json["code"]) == (422, "idempotency_mismatch")


def test_a_twin_under_way_is_told_so(desk, ann, app, platform):
    doing = app.state.traffic.doing
    doing._now = type("Everything", (set,), {"__contains__": lambda *_: True})()
    answer = desk("PATCH", f"/customers/{ann}", {"loyalty": "gold"}, if_match="*")
    assert (answer.status, answer.json["code"]) == (409, "in_flight")


def test_unknown_hidden_and_malformed_rows_are_one_answer(app, platform, desk, ann):
    mailer = Desk(app, platform, "mailer", "newsletter")
    assert desk("POST", f"/customers/{ann}/opt-outs", {"opt_outs": ["direct_marketing"]}).status == 204
    rows = (ann, "00000000-0000-4000-8000-000000000001", "ann", "%00", "a%2Fb", "x" * 3000)
    for method, body in (("GET", None), ("PATCH", {"email": "x@example.org"})):
        answers = {mailer(method, f"/customers/{row}", body, if_match="*") for row in rows if row != "a%2Fb"}
        assert len(answers) == 1, method
        assert {each.status for each in answers} == {404}


def test_a_view_of_others_is_none(desk, ann):
    answers = [desk("GET", f"/views/{view}/rows/{ann}") for view in ("privacy_office", "nowhere", "newsletter")]
    assert {(each.status, each.body) for each in answers} == {(404, answers[0].body)}


@pytest.mark.parametrize("body", [[], "x", 1, None, {"loyalty": "platinum"}, {"loyalty": 3}])
def test_a_body_that_does_not_fit_is_not_repeated(desk, ann, body):
    answer = desk("PATCH", f"/customers/{ann}", body, if_match="*")
    assert answer.status == 422
    assert b"platinum" not in answer.body


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@pytest.mark.parametrize("body", [b'{"loyalty":"gold","loyalty":"none"}', b'{"loyalty":NaN}', b"[" * 90_000, b"\xff"])
def test_a_body_that_can_be_read_in_two_ways_is_none(app, desk, ann, body):
    headers = {**desk.headers, "if-match": "*", "idempotency-key": "twice"}
    answer = call(app, "PATCH", f"/customers/{ann}", headers, body)
    assert (answer.status, answer.json["code"]) == (422, "bad_body")


def test_a_reason_is_needed_where_the_view_needs_one(app, platform, ann):
    office = Desk(app, platform, "office", "privacy_office")
    assert office("GET", f"/customers/{ann}").json["code"] == "reason_needed"
    answer = office("PATCH", f"/customers/{ann}", {"income": 7}, if_match="*", cdp_reason="she asked for it")
    assert answer.status == 204


def test_a_refusal_is_taken_for_whoever_is_named(desk, ann):
    named = (ann, "email:ann1@example.org", "email:nobody@example.org", "nobody")
    said = {"opt_outs": ["direct_marketing"], "said": "no more mail"}
    answers = {desk("POST", f"/customers/{each}/opt-outs", said) for each in named}
    assert len(answers) == 1
    assert {each.status for each in answers} == {204}


def test_a_key_is_used_up_whoever_was_named(desk, ann):
    def again(who: str, key: str) -> Answer:
        path = f"/customers/{who}/opt-outs"
        desk("POST", path, {"opt_outs": ["direct_marketing"]}, idempotency_key=key)
        return desk("POST", path, {"opt_outs": ["sensitive_data"]}, idempotency_key=key)

    answers = [again(who, f"again{index}") for index, who in enumerate((ann, "email:nobody@example.org", "nobody"))]
    assert len(set(answers)) == 1
    assert answers[0].json["code"] == "idempotency_mismatch"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422), ({"opt_outs": "direct_marketing"}, 422), ({"opt_outs": [1]}, 422), ({"opt_outs": []}, 400),
        ({"opt_outs": ["nothing"]}, 400), ({"opt_outs": ["direct_marketing"], "state": "allowed"}, 422),
    ],
)  # fmt: skip
def test_an_app_can_only_refuse(desk, ann, body, status):
    assert desk("POST", f"/customers/{ann}/opt-outs", body).status == status


def test_who_knows_no_customers_passes_nothing_on(app, platform, ann):
    partner = Desk(app, platform, "partner", "acme_share")
    answer = partner("POST", f"/customers/{ann}/opt-outs", {"opt_outs": ["direct_marketing"]})
    assert (answer.status, answer.json["code"]) == (403, "not_writable")


def test_without_a_credential_there_is_nothing(app, ann):
    for method, path in (("GET", ""), ("PATCH", ""), ("POST", "/opt-outs")):
        assert call(app, method, f"/customers/{ann}{path}", {}, b"{}").status == 401
