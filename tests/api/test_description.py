"""The description is true: schemathesis asks everything that it allows and more, and gets nothing it does not say."""

import base64

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from cdp.api.description import describe
from cdp.ingest.sources import add_source
from cdp.services.regulations.keys import add_regulator
from tests import samples
from tests.api.apps import basic, bearer, register
from tests.api.calling import call

EXAMPLES = 25
"""For each operation."""

CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_headers_conformance,
    response_schema_conformance, unsupported_method,
]  # fmt: skip


@pytest.fixture
def engine_name():
    return "sqlite"


@pytest.fixture
def credentials(app, platform):
    """What opens each part of the interface: an app's token, a source's key, a regulator's, an app's own secret."""
    desk = register(platform, "desk", "care_desk", "care_orders")
    _, source = add_source(platform, "web", principal=samples.TESTER)
    _, regulator = add_regulator(platform, "segment", principal=samples.TESTER)
    return {
        "ingest": {"authorization": "Basic " + base64.b64encode(f"{source}:".encode()).decode()},
        "regulations": {"authorization": f"Bearer {regulator}"},
        "access": basic(desk),
        "": bearer(app, desk),
    }


def test_every_answer_is_one_that_is_described(app, credentials):
    described = schemathesis.openapi.from_asgi("/openapi.json", app, headers=credentials[""])
    operations = [each.ok() for each in described.get_all_operations()]
    assert {each.path.split("/")[1] for each in operations} >= {"views", "log", "v1", "regulations", "oauth"}
    for operation in operations:
        tag = next(iter(operation.tags or ()), "")
        validate(operation, credentials.get(tag, credentials[""]))


def validate(operation, credential):
    @given(case=operation.as_strategy())
    @settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck), deadline=None, database=None)
    def ask(case):
        case.call_and_validate(headers=credential, checks=CHECKS)

    try:
        ask()
    except BaseException as error:
        error.add_note(f"{operation.method.upper()} {operation.path}")
        raise


def test_an_app_finds_its_own_views_with_examples(app, platform):
    stranger = call(app, "GET", "/openapi.json")
    assert "care_desk" not in stranger.body.decode()
    told = call(app, "GET", "/openapi.json", bearer(app, register(platform, "desk", "care_desk"))).json
    assert "/views/newsletter" not in told["paths"]
    get = told["paths"]["/views/care_desk"]["get"]
    [example] = get["responses"]["200"]["content"]["application/json"]["example"]
    assert example["email"] == "a***@e***.org"
    assert example["income"] == "50000-59999"
    assert example["religion"] is None
    assert "religion" not in {each["name"] for each in get["parameters"]}


def test_every_operation_says_who_may_ask_and_what_may_come(app):
    for path, item in describe(app)["paths"].items():
        for method, operation in item.items():
            assert "security" in operation, (method, path)
            assert {"401", "429", "500", "503"} <= operation["responses"].keys()
            assert "default" not in operation["responses"], "it would make every answer one that is described"
            assert "HTTPValidationError" not in str(operation)
