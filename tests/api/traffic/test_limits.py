"""What a request is told about its limits."""

import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.api.calling import call


def endpoint(request: Request) -> Response:
    limits = request.app.state.traffic.limits
    limits.app(request.scope, request.headers["x-app"])
    if "x-person" in request.headers:
        limits.subject(request.scope, request.headers["x-app"], request.headers["x-person"])
    return Response(b"here")


def sign_in(request: Request) -> Response:
    request.app.state.traffic.limits.address(request.scope)
    return Response(b"in")


ROUTES = [Route("/thing", endpoint), Route("/customers/{id}/opt-outs", endpoint), Route("/in", sign_in)]


def test_an_app_is_told_what_is_left_and_then_how_long_to_wait(scene):
    app = scene.app(*ROUTES)
    answers = [call(app, "GET", "/thing", {"x-app": "a"}) for _ in range(6)]
    assert [each.status for each in answers] == [200] * 5 + [429]
    assert answers[0].header("ratelimit-policy") == '"app";q=5;w=60'
    assert answers[0].header("ratelimit").startswith('"app";r=4;t=')
    assert answers[0].header("retry-after") is None
    assert answers[5].json["code"] == "too_many_requests"
    assert answers[5].header("retry-after").isdigit()
    assert 1 <= int(answers[5].header("retry-after")) <= 12
    assert answers[5].header("ratelimit").startswith('"app";r=0;')


def test_another_app_has_its_own(scene):
    app = scene.app(*ROUTES)
    for _ in range(6):
        call(app, "GET", "/thing", {"x-app": "a"})
    assert call(app, "GET", "/thing", {"x-app": "b"}).header("ratelimit").startswith('"app";r=4;')


def test_one_person_is_asked_about_less_often_and_no_app_sees_another_ones_asking(scene):
    app = scene.app(*ROUTES)
    asked = [call(app, "GET", "/thing", {"x-app": "a", "x-person": "ann"}) for _ in range(3)]
    assert [each.status for each in asked] == [200, 200, 429]
    assert asked[1].header("ratelimit-policy") == '"subject";q=2;w=60, "app";q=5;w=60'
    other = call(app, "GET", "/thing", {"x-app": "b", "x-person": "ann"})
    assert (other.status, other.header("ratelimit").split(";")[1]) == (200, "r=1")


def test_a_persons_refusal_does_not_wait_for_what_an_app_has_used_up(scene):
    app = scene.app(*ROUTES)
    for _ in range(6):
        call(app, "GET", "/thing", {"x-app": "a"})
    assert call(app, "POST", "/customers/x/opt-outs", {"x-app": "a"}).status == 405  # the route takes GET here
    assert call(app, "GET", "/customers/x/opt-outs", {"x-app": "a"}).status == 200


def test_a_person_who_was_read_often_may_still_refuse(scene):
    app, named = scene.app(*ROUTES), {"x-app": "a", "x-person": "ann"}
    assert [call(app, "GET", "/thing", named).status for _ in range(3)] == [200, 200, 429]
    refusals = [call(app, "GET", "/customers/ann/opt-outs", named) for _ in range(3)]
    assert [each.status for each in refusals] == [200, 200, 429]
    assert refusals[0].header("ratelimit").startswith('"subject";r=1;')


def test_an_address_that_has_not_signed_in_is_limited(scene):
    app = scene.app(*ROUTES)
    assert [call(app, "GET", "/in").status for _ in range(4)] == [200, 200, 200, 429]


@pytest.mark.parametrize("quota", ["app", "subject", "address"])
def test_without_a_quota_nothing_is_said(scene, quota):
    scene.traffic.limits._quotas.clear()
    answer = call(scene.app(*ROUTES), "GET", "/thing", {"x-app": "a", "x-person": "ann"})
    assert answer.status == 200
    assert answer.header("ratelimit") is None
