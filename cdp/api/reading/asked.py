"""Query and headers → what is asked for. What is no parameter of ours is a condition, as in PostgREST."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote

from cdp.api.preferences import preferred
from cdp.api.purpose import PARAMETER
from cdp.api.reading.accept import SINGLE, Form, form_of
from cdp.api.reading.window import Window, window_of
from cdp.errors import BadInput
from cdp.services.apps.known import App
from cdp.services.embed import Child
from views.conditions import parse_conditions
from views.plan import Plan
from views.request import ViewRequest, parse_order
from views.select import Selection, parse_selection

PARAMETERS: Final = ("select", "order", "limit", "offset", "cursor", "format", "explain", "end", PARAMETER)
REASON: Final = "cdp-reason"
_COUNTS: Final = ("exact", "planned", "estimated")


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it was written: the question with its window, and in which form the answer is wanted.

    `selection` names children and `below` says what is asked of them; `children` and their `plans` are there once it is
    known who asks.

    `counted` is the word of `Prefer: count=…`. All three are answered exactly: what an engine plans with or estimates
    from knows rows that the view does not show.
    """

    request: ViewRequest
    selection: Selection
    below: dict[str, ViewRequest]
    window: Window
    form: Form
    counted: str = ""
    cursor: str | None = None
    explain: bool = False
    end_line: bool = False
    children: tuple[Child, ...] = ()
    plans: dict[str, Plan] = field(default_factory=dict)

    @property
    def single(self) -> bool:
        """Whether one row is wanted, and neither none nor several."""
        return self.form.name == SINGLE


def asked_of(app: App, view: str, query: Iterable[tuple[str, str]], headers: Mapping[str, str]) -> Asked:
    """Parse a request of an app for a view: the question is put in the app's role, for its purpose.

    Raises:
        BadInput: which part is wrong, and never what was sent.
    """
    ours: dict[str, str] = {}
    conditions: list[tuple[str, str]] = []
    below: dict[str, list[tuple[str, str]]] = {}
    for name, value in query:
        path, dot, last = name.rpartition(".")
        if dot and path != "not":
            below.setdefault(path, []).append((last, value))
        elif name not in PARAMETERS:
            conditions.append((name, value))
        elif name in ours and name != PARAMETER:
            raise BadInput("bad_parameter", "a parameter is there twice", path=name)
        else:
            ours[name] = value
    selection = parse_selection(ours.get("select", ""))
    window = window_of(ours.get("limit"), ours.get("offset"), headers.get("range"))
    form = form_of(ours.get("format"), headers.get("accept"))
    limit = window.limit
    if form.name == SINGLE:
        limit = 2 if limit is None else min(limit, 2)  # a second row is enough to know
    request = ViewRequest(
        view,
        app.role,
        select=selection.columns,
        where=parse_conditions(conditions),
        order=parse_order(ours.get("order", "")),
        limit=limit,
        offset=window.offset,
        reason=_reason(headers.get(REASON)),
        purpose=app.purpose,
    )
    return Asked(
        request,
        selection,
        _children(below, set(_paths(selection))),
        window,
        form,
        counted=_counted(headers.get("prefer", "")),
        cursor=_cursor(ours),
        explain=_flag(ours, "explain", "1"),
        end_line=_flag(ours, "end", "line"),
    )


def _paths(selection: Selection, before: str = "") -> Iterator[str]:
    for name, inner in selection.embedded:
        yield before + name
        yield from _paths(inner, f"{before}{name}.")


def _children(below: dict[str, list[tuple[str, str]]], paths: set[str]) -> dict[str, ViewRequest]:
    """Return conditions and order of children, by their path."""
    if not below.keys() <= {*paths, *(f"{path}.not" for path in paths)}:
        raise BadInput("bad_condition", "a name with a dot is one of a child that is selected", path="where")
    found: dict[str, ViewRequest] = {}
    for path in paths:
        pairs = [*below.get(path, ()), *((f"not.{name}", value) for name, value in below.get(f"{path}.not", ()))]
        order = [value for name, value in pairs if name == "order"]
        if len(order) > 1 or any(name in ("limit", "offset") for name, _ in pairs):
            raise BadInput("bad_parameter", "a child takes conditions and one order", path="select")
        where = parse_conditions([(name, value) for name, value in pairs if name != "order"])
        found[path] = ViewRequest("", "", where=where, order=parse_order(order[0] if order else ""))
    return found


def _counted(prefer: str) -> str:
    value = preferred(prefer, "count") if prefer else ""
    return value if value in _COUNTS else ""


def _flag(ours: dict[str, str], name: str, on: str) -> bool:
    if ours.get(name, on) not in (on, "0", "true", "false"):
        raise BadInput("bad_parameter", f"it takes `{on}`", path=name)
    return ours.get(name) in (on, "true")


def _cursor(ours: dict[str, str]) -> str | None:
    if "cursor" in ours and "offset" in ours:
        raise BadInput("bad_window", "a cursor is a place already, so there is no offset beside it", path="offset")
    return ours.get("cursor")


def _reason(header: str | None) -> str:
    """Return why it is read; beyond ASCII it is written in percents, as UTF-8."""
    if header is None:
        return ""
    try:
        return unquote(header.encode("latin-1").decode("ascii"), errors="strict").strip()
    except ValueError:
        message = "a reason is text in ASCII, or percent-encoded UTF-8"
        raise BadInput("bad_reason", message, path=REASON) from None
