"""One error table for all that speaks HTTP, and nothing of a request or of a driver in any answer."""

import logging

import pytest
from fastapi import APIRouter, FastAPI
from pydantic import BaseModel, ConfigDict
from starlette.responses import StreamingResponse

from cdp.api import problems
from cdp.api.guard import Guard
from cdp.api.problems import problem
from cdp.errors import BadInput, NotFound, Refused, Several, Unauthenticated, Unavailable
from cdp.statuses import CODES, STATUS
from tests.api.calling import REQUEST_ID, call
from tests.cli.test_errors import every_error
from tests.docs.codes import raised

CANARY = "canary-7f3a"
router = APIRouter()


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    number: int


@router.post("/body/{number}")
def _body(number: int, body: Body) -> None:
    """Has a body and a number."""


@router.get("/fails")
def _fails() -> None:
    raise KeyError(CANARY)


@router.get("/breaks")
def _breaks() -> StreamingResponse:
    def pieces():
        yield b"one"
        raise KeyError(CANARY)

    return StreamingResponse(pieces())


@pytest.fixture
def small() -> FastAPI:
    app = FastAPI(openapi_url=None, redirect_slashes=False)
    app.add_middleware(Guard)
    problems.install(app)
    app.include_router(router)
    return app


def test_every_error_has_a_row():
    assert every_error() == set(STATUS)


def test_every_code_of_the_table_is_raised():
    assert CODES.keys() <= raised().keys()


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (BadInput("c", "wrong"), 400),
        (Unauthenticated("c", "wrong"), 401),
        (Refused("c", "wrong"), 403),
        (NotFound("c", "wrong"), 404),
        (Unavailable("c", "wrong"), 503),
        (Several("c", "wrong", [BadInput("d", "worse", path="a")]), 400),
    ],
)
def test_an_error_is_a_problem_with_its_code(small, error, status):
    @small.get("/error")
    def _error() -> None:
        raise error

    answer = call(small, "GET", "/error")
    assert answer.status == status
    assert answer.header("content-type") == "application/problem+json"
    assert answer.json["code"] == "c"
    assert answer.json["message"] == answer.json["detail"] == "wrong"
    assert answer.json["status"] == status


def test_where_a_fault_of_the_servers_lies_is_not_told():
    said = problem(Unavailable("store_missing", "it is not there", path="/srv/cdp/data.db", hint="look there"))
    assert (said["code"], said.keys() & {"path", "hint"}) == ("store_missing", set())
    assert problem(Unavailable("busy", "too many", hint="try again"))["hint"] == "try again"
    assert problem(BadInput("bad_value", "none", path="where", hint="give one"))["path"] == "where"


@pytest.mark.parametrize(
    ("target", "body", "path"),
    [
        (f"/body/{CANARY}", b'{"number": 1}', "path"),
        ("/body/1", f'{{"number": "{CANARY}"}}'.encode(), "body"),
        ("/body/1", f'{{"{CANARY}": 1, "number": 1}}'.encode(), "body"),
        ("/body/1", CANARY.encode(), "body"),
        ("/body/1", b"{}", "body.number"),
    ],
)
def test_what_is_malformed_is_not_repeated(small, target, body, path):
    answer = call(small, "POST", target, {"content-type": "application/json"}, body)
    assert answer.status == 422
    assert answer.json["code"] == "bad_body"
    assert answer.json["path"] == path
    assert CANARY.encode() not in answer.body


@pytest.mark.parametrize(("method", "target", "status"), [("GET", f"/{CANARY}", 404), ("PUT", "/fails", 405)])
def test_what_the_framework_refuses_is_a_problem_too(small, method, target, status):
    answer = call(small, method, target)
    assert answer.status == answer.json["status"] == status
    assert CANARY.encode() not in answer.body


def test_the_unexpected_tells_its_place_alone(small, caplog):
    with caplog.at_level(logging.DEBUG):
        answer = call(small, "GET", "/fails")
    assert answer.status == 500
    assert answer.json["message"].startswith("internal error (code KeyError at tests/api/test_errors.py:")
    assert CANARY not in answer.body.decode() + caplog.text
    assert REQUEST_ID in caplog.text


def test_an_answer_that_cannot_be_finished_breaks_off(small, caplog):
    answer = call(small, "GET", "/breaks")
    assert (answer.status, answer.body, answer.whole) == (200, b"one", False)
    assert CANARY not in caplog.text


@pytest.mark.parametrize("given", ["", CANARY, f"{REQUEST_ID}\n", REQUEST_ID.upper().replace("0", "A")])
def test_a_request_id_that_is_none_is_not_repeated(small, given):
    answer = call(small, "GET", "/none", {"x-request-id": given})
    assert answer.header("x-request-id") not in (None, given)
    assert len(answer.header("x-request-id")) == 36


def test_every_answer_is_kept_nowhere(small):
    answer = call(small, "GET", "/none")
    assert answer.header("cache-control") == "no-store"
    assert answer.header("x-request-id") == REQUEST_ID
