"""The beginning of an answer, made in a worker thread: who asks, what for, the count, and the first chunk.

An answer that ends with its first chunk is made whole here, in the one visit to the thread. Of a longer one the
encoder comes back, to be asked for one piece after the other.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, Final, cast

import orjson
from starlette.types import Scope

from cdp.api.credentials import app_of, query_of
from cdp.api.reading.asked import Asked, asked_of
from cdp.api.reading.ending import with_end_line
from cdp.api.reading.persons import persons_of
from cdp.api.reading.window import Window, content_range
from cdp.api.traffic.gate import Traffic
from cdp.bootstrap import Platform
from cdp.errors import BadInput
from cdp.services.apps.known import App
from cdp.services.apps.read import children_of, count_as, explain_as, plan_as, read_as
from cdp.services.apps.tokens import Known
from cdp.services.cursors import Cursors
from cdp.services.formats.encode import encoder
from cdp.services.read import Answer, Form
from views.plan import Column, Plan, Template

COLUMNS: Final = "cdp-columns"
CURSOR: Final = "cdp-next-cursor"
_READ_AS: Final[dict[str, Form]] = {"json": "lines", "ndjson": "lines", "arrow": "columns", "parquet": "columns"}


@dataclass(frozen=True)
class Begun:
    """Status, headers, and the whole body, or its pieces when there is more than one chunk."""

    status: int
    headers: dict[str, str]
    body: bytes = b""
    pieces: Iterator[bytes] | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Ready:
    """A request for a view of which it is known who asks and for what; its tokens are taken."""

    scope: Scope
    app: App
    asked: Asked

    @property
    def platform(self) -> Platform:
        """The platform that is asked."""
        return cast("Platform", self.scope["app"].state.platform)

    @property
    def form(self) -> Form:
        """As what the rows are read."""
        return _READ_AS.get(self.asked.form.name, "rows")


def ready(scope: Scope, body: bytes, known: Known | None = None) -> Ready:
    """Return who asks, and for what.

    Args:
        known: as `cdp.services.apps.tokens.Tokens.read`.

    Raises:
        CdpError: nothing has left then.
    """
    view, query = scope["path_params"]["view"], query_of(scope)
    app = app_of(scope, query, body, view=view, known=known)
    asked = asked_of(app, view, query, headers_of(scope))
    platform = cast("Platform", scope["app"].state.platform)
    asked = placed(platform, app, asked)
    if not asked.explain:
        limits = cast("Traffic", scope["app"].state.traffic).limits
        for person in persons_of(platform.in_force(), asked.request, asked.children):
            limits.subject(scope, app.client_id, person)
        asked = _continued(cast("Cursors", scope["app"].state.cursors), app, asked)
    return Ready(scope, app, asked)


def begin(ready: Ready) -> Begun:
    """Begin to answer `GET` or `HEAD` of a view.

    Raises:
        CdpError: nothing has left then.
    """
    platform, app, asked = ready.platform, ready.app, ready.asked
    if asked.explain:
        return explained(platform, app, asked)
    total = count_as(platform, app, asked.request) if asked.counted else None
    if total is not None and asked.window.offset > total:
        raise BadInput("beyond_rows", "the window begins after the last row", path="offset")
    if ready.scope["method"] == "HEAD":
        return _head(plan_as(platform, app, asked.request), asked, total)
    return shown(ready, read_as(platform, app, asked.request, asked.children, form=ready.form), total)


def shown(ready: Ready, answer: Answer, total: int | None = None) -> Begun:
    """Return what an answer looks like; `total` is how many rows there are, where that was asked for.

    Raises:
        CdpError: nothing has left then.
    """
    state = ready.scope["app"].state
    stopping = cast("Traffic", state.traffic).stopping
    answer = Answer(answer.plan, stopping.until(answer.chunks), answer.reading)
    if ready.asked.single:
        return _single(ready.asked, answer)
    return _rows(cast("Cursors", state.cursors), ready.app, ready.asked, answer, total)


def placed(platform: Platform, app: App, asked: Asked) -> Asked:
    """Return what is asked for with the names of its children looked up among the app's views."""
    if not asked.selection.embedded:
        return asked
    request, children, plans = children_of(platform, app, asked.request, asked.selection, asked.below)
    return replace(asked, request=request, children=children, plans=plans)


def explained(platform: Platform, app: App, asked: Asked) -> Begun:
    """Return what the view does to each column, and why; nothing is read."""
    plan = explain_as(platform, app, asked.request)
    view = plan.view
    body = {
        "view": view.name, "kind": view.kind, "entity": view.entity, "purpose": view.purpose, "role": app.role,
        "columns": plan.explain(), "withheld": withheld(platform, plan),
        "children": {path: {"view": each.view.name, "columns": each.explain()} for path, each in asked.plans.items()},
    }  # fmt: skip
    return Begun(200, {"content-type": "application/json"}, orjson.dumps(body))


def withheld(platform: Platform, plan: Plan) -> list[dict[str, Any]]:
    """Return why rows are withheld, and how many where the number discloses nothing.

    INVARIANT 1: a number of refusals is about people whom the reader may not know of, and two such numbers tell what
    one of them did between. So the number is there only where the policy alone makes it 0.
    """
    purpose = platform.in_force().policy.purposes[plan.view.purpose]
    whom = f", or not for {plan.view.recipient}" if plan.view.recipient else ""
    unmeant = [] if purpose.is_owed else [{"reason": f"not collected for {purpose.name}{whom}", "rows": None}]
    if plan.view.recipient or not purpose.subject_to:
        return [{"reason": "no refusal withholds a row of this view", "rows": 0}, *unmeant]
    return [*({"reason": f"refused {name}", "rows": None} for name in purpose.subject_to), *unmeant]


def headers_of(scope: Scope) -> dict[str, str]:
    """Return the headers by name; of several of one name, all, joined."""
    found: dict[str, str] = {}
    for name, value in scope["headers"]:
        key, text = name.decode("latin-1"), value.decode("latin-1")
        found[key] = f"{found[key]}, {text}" if key in found else text
    return found


def _continued(cursors: Cursors, app: App, asked: Asked) -> Asked:
    if asked.cursor is None:
        return asked
    after, offset = cursors.open(app.client_id, asked.request, asked.children, asked.cursor)
    request = replace(asked.request, after=after, offset=0 if after is not None else offset)
    return replace(asked, request=request, window=replace(asked.window, offset=offset))


def _head(plan: Plan, asked: Asked, total: int | None) -> Begun:
    headers = _headers(plan, asked, content_range(asked.window, None, total))
    return Begun(_status(asked.window, None, total), headers)


def _columns(asked: Asked, answer: Answer) -> list[Column]:
    return [*answer.plan.columns, *(child.column for child in asked.children)]


def _single(asked: Asked, answer: Answer) -> Begun:
    rows = [row for chunk in answer.chunks for row in chunk]
    if len(rows) != 1:
        raise BadInput("not_single", "there is not exactly one such row", path="accept")
    names = [column.name for column in _columns(asked, answer)]
    headers = _headers(answer.plan, asked, "")
    return Begun(200, headers, orjson.dumps(dict(zip(names, rows[0], strict=True))))


def _rows(cursors: Cursors, app: App, asked: Asked, answer: Answer, total: int | None) -> Begun:
    columns, chunks, rows = _columns(asked, answer), answer.chunks, None
    if answer.reading.done:
        held = list(chunks)
        chunks, rows = iter(held), sum(map(len, held))
    headers = _headers(answer.plan, asked, content_range(asked.window, rows, total))
    if rows and rows == asked.window.limit:
        headers[CURSOR] = _next(cursors, app, asked, answer, rows)
    encode, status = encoder(asked.form.encoder), _status(asked.window, rows, total)
    pieces = with_end_line(asked.form.name, columns, chunks, encode) if asked.end_line else encode(columns, chunks)
    if rows is None:
        return Begun(status, headers, pieces=pieces)
    return Begun(status, headers, b"".join(pieces))


def _next(cursors: Cursors, app: App, asked: Asked, answer: Answer, rows: int) -> str:
    offset = asked.window.offset + rows
    after = None if asked.request.order else answer.reading.last
    return cursors.seal(app.client_id, asked.request, asked.children, (after, offset))


def _headers(plan: Plan, asked: Asked, range_: str) -> dict[str, str]:
    named = [_shapes_of(plan.template), *(shapes(each.columns, f"{path}.") for path, each in asked.plans.items())]
    headers = {"content-type": asked.form.media_type, COLUMNS: ", ".join(filter(None, named))}
    if range_:
        headers["content-range"] = range_
    if asked.counted:
        headers["preference-applied"] = f"count={asked.counted}"
    return headers


@lru_cache(maxsize=512)
def _shapes_of(template: Template) -> str:
    return shapes(template.columns)


def shapes(columns: Sequence[Column], before: str = "") -> str:
    """Return each column's shape, once for the whole answer, as a dictionary of RFC 9651."""
    return ", ".join(
        f"{before}{column.name}={shape}" for column, shape in zip(columns, map(_shape, columns), strict=True)
    )


def _shape(column: Column) -> str:
    decision = column.decision
    if decision is None:
        return "clear"
    refused = f";refused={decision.otherwise or 'hidden'}" if decision.unless else ""
    return f"{decision.shape or 'hidden'}{refused}"


def _status(window: Window, rows: int | None, total: int | None) -> int:
    if total is None:
        return 200
    whole = window.offset == 0 and (
        rows == total if rows is not None else window.limit is None or window.limit >= total
    )
    return 200 if whole else 206
