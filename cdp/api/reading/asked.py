"""Query and headers → what is asked for. What is no parameter of ours is a condition, as in PostgREST."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from cdp.api.purpose import PARAMETER
from cdp.api.reading.accept import SINGLE, Form, form_of
from cdp.api.reading.window import Window, window_of
from cdp.errors import BadInput
from views.conditions import parse_conditions
from views.request import ViewRequest, parse_order, parse_select

PARAMETERS: Final = ("select", "order", "limit", "offset", "cursor", "format", "explain", "end", PARAMETER)
REASON: Final = "cdp-reason"
_COUNTS: Final = ("exact", "planned", "estimated")


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it was written: the question, its window, and in which form the answer is wanted.

    `counted` is the word of `Prefer: count=…`. All three are answered exactly: what an engine plans with or estimates
    from knows rows that the view does not show.
    """

    request: ViewRequest
    window: Window
    form: Form
    counted: str = ""
    cursor: str | None = None
    explain: bool = False
    end_line: bool = False

    @property
    def single(self) -> bool:
        """Whether one row is wanted, and neither none nor several."""
        return self.form.name == SINGLE


def asked_of(view: str, query: Iterable[tuple[str, str]], headers: Mapping[str, str]) -> Asked:
    """Parse a request for a view.

    Raises:
        BadInput: which part is wrong, and never what was sent.
    """
    ours: dict[str, str] = {}
    conditions: list[tuple[str, str]] = []
    for name, value in query:
        if name not in PARAMETERS:
            conditions.append((name, value))
        elif name in ours and name != PARAMETER:
            raise BadInput("bad_parameter", "a parameter is there twice", path=name)
        else:
            ours[name] = value
    request = ViewRequest(
        view,
        "",
        select=parse_select(ours.get("select", "")),
        where=parse_conditions(conditions),
        order=parse_order(ours.get("order", "")),
        reason=_reason(headers.get(REASON)),
    )
    return Asked(
        request,
        window_of(ours.get("limit"), ours.get("offset"), headers.get("range")),
        form_of(ours.get("format"), headers.get("accept")),
        counted=_counted(headers.get("prefer", "")),
        cursor=_cursor(ours),
        explain=_flag(ours, "explain", "1"),
        end_line=_flag(ours, "end", "line"),
    )


def _counted(prefer: str) -> str:
    for part in prefer.split(","):
        name, _, value = part.strip().partition("=")
        if name == "count" and value in _COUNTS:
            return value
    return ""


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
