"""The whole interface in OpenAPI 3.1: what the framework knows of its routes, the plain routes, and the problems.

Whoever signs in gets her own views besides, with examples made by the policy in force. A stranger is not told which
views there are: for each app a view that is not its own is one that does not exist.
"""

from typing import Any, Final

from fastapi import FastAPI

from cdp.api.ingest import ROUTES as TAKEN
from cdp.api.problems import MEDIA_TYPE
from cdp.api.reading import described
from cdp.api.regulations import ROUTES as REGULATING
from cdp.bootstrap import InForce
from views.policy import View

Schema = dict[str, Any]

PROBLEM: Final[Schema] = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "code", "message"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string", "description": "stable; docs/errors.md has them all"},
        "message": {"type": "string"},
        "path": {"type": "string", "description": "which part of the request"},
        "hint": {"type": "string"},
    },
}
_SCHEMES: Final[Schema] = {
    "app": {
        "type": "oauth2",
        "description": "what `cdp app add` printed, exchanged for a token of some minutes",
        "flows": {"clientCredentials": {"tokenUrl": "/oauth/token", "scopes": {}}},
    },
    "regulator": {"type": "http", "scheme": "bearer", "description": "what `cdp regulator add` printed"},
    "client": {"type": "http", "scheme": "basic"},
    "write_key": {"type": "http", "scheme": "basic", "description": "the write key of a source as the user"},
}
_WORDS: Final = {
    "400": "the request is wrong",
    "401": "no bearer token that holds",
    "403": "refused",
    "404": "not there, or not for you",
    "406": "an answer has none of the forms that are accepted",
    "408": "the body did not arrive in time",
    "413": "the body is too large",
    "416": "the window begins after the last row",
    "409": "not in the state that this needs, or the same is being done just now",
    "412": "the row is not as it was",
    "422": "the body does not have its form",
    "428": "the version that is changed is not said",
    "429": "too many requests",
    "431": "the head of the request is too large",
    "500": "a fault of ours; the code says where",
    "503": "cannot be served now; `Retry-After` says when to try again",
}
_PUBLIC: Final = ("/healthz", "/readyz", "/metrics", "/openapi.json", "/docs", "/log", "/.well-known", "/oauth")
"""Where no bearer token of an app is asked for."""


def describe(app: FastAPI, in_force: InForce | None = None, views: list[View] | None = None) -> Schema:
    """Return the description; with `views`, for the app whose they are."""
    found = dict(app.openapi())
    mine = described.of_app(in_force, views) if in_force is not None and views else {}
    paths = {**_plain(), **described.general(), **mine, **found["paths"]}
    components = dict(found.get("components", {}))
    components["schemas"] = {**components.get("schemas", {}), "Problem": PROBLEM}
    components["securitySchemes"] = _SCHEMES
    components["schemas"].pop("HTTPValidationError", None)
    components["schemas"].pop("ValidationError", None)
    told = {
        path: {how: _told(path, each) for how, each in sorted(item.items())} for path, item in sorted(paths.items())
    }
    return {**found, "paths": told, "components": components}


def _told(path: str, operation: Schema) -> Schema:
    """Return an operation with the problems it may answer with, and who may ask."""
    answers = dict(operation["responses"])
    if "HTTPValidationError" in str(answers.get("422", "")):
        del answers["422"]  # the framework's own, which never leaves
    for status, words in _WORDS.items():
        answers.setdefault(status, _problem(words))
    public = path.startswith(_PUBLIC)
    return {"security": [] if public else [{"app": []}], **operation, "responses": answers}


def _problem(words: str) -> Schema:
    return {"description": words, "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}


def _plain() -> Schema:
    def page(name: str, summary: str, media_type: str, *others: str) -> Schema:
        content = {"description": summary, "content": {media_type: {}}}
        answers = {"200": content, **{each: {**content, "description": "not now"} for each in others}}
        return {"get": {"operationId": name, "summary": summary, "tags": ["service"], "responses": answers}}

    return {
        **_ingest(),
        **_regulations(),
        "/docs": page("docs", "This, for people", "text/html"),
        "/openapi.json": page("openapi", "This, for programs; with a token, with its views", "application/json"),
        "/.well-known/gpc.json": page("gpc", "That Global Privacy Control is honoured", "application/json"),
        "/healthz": page("health", "Whether the process lives", "application/json"),
        "/readyz": page("ready", "Whether it can serve", "application/json", "503"),
        "/metrics": page("metrics", "Numbers, for Prometheus", "text/plain"),
    }


def _ingest() -> Schema:
    """Return what sources post to; the words are those of Segment and RudderStack, whose SDKs do."""
    done = {"200": {"description": "taken in", "content": {"application/json": {}}}}
    key = {"name": "write_key", "in": "path", "required": True, "schema": {"type": "string"}}

    def operation(name: str, summary: str, method: str, *parameters: Schema) -> Schema:
        body: Schema = {"requestBody": {"content": {"application/json": {}}}} if method == "post" else {}
        told = {"operationId": name, "summary": summary, "tags": ["ingest"], "parameters": list(parameters), **body}
        asking = {"operationId": f"{name}_options", "summary": "What a browser may send", "tags": ["ingest"]}
        return {
            method: {**told, "security": [{"write_key": []}], "responses": done},
            "options": {**asking, "security": [], "responses": {"204": {"description": "that"}}},
        }

    names = {path: path.strip("/").replace("/", "_") for path in TAKEN}
    found = {path: operation(names[path], f"Events: {kind}", "post") for path, kind in TAKEN.items()}
    found["/v1/m"] = operation("v1_m", "What a browser SDK measures of itself", "post")
    found["/v1/projects/{write_key}/settings"] = operation("segment_settings", "Where a browser SDK sends", "get", key)
    for path in ("/sourceConfig", "/sourceConfig/"):
        found[path] = operation(f"rudder_settings_{path.count('/')}", "Where a browser SDK sends", "get")
    return found


def _regulations() -> Schema:
    """Return what regulators ask; the words are those of Segment and RudderStack."""
    found: Schema = {}
    own: Schema = {"application/json": {}, "application/vnd.segment.v1+json": {}}
    wrong = {status: _problem(words) for status, words in _WORDS.items()}
    for each in wrong.values():  # what the outermost layers refuse has the form of the other routes
        each["content"] |= own
    for (method, path), (name, summary, _) in REGULATING.items():
        parts = [each.strip("{}") for each in path.split("/") if each.startswith("{")]
        parameters = [{"name": each, "in": "path", "required": True, "schema": {"type": "string"}} for each in parts]
        body: Schema = {"requestBody": {"content": {"application/json": {}}}} if method == "POST" else {}
        found.setdefault(path, {})[method.lower()] = {
            "operationId": name, "summary": summary, "tags": ["regulations"], "parameters": parameters, **body,
            "security": [{"regulator": []}],
            "responses": {"200": {"description": summary, "content": own}, **({} if "v2" in path else wrong)},
        }  # fmt: skip
    return found
