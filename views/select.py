"""What of a view is selected: columns, and with each row the rows of child views, `*,orders(total,items(*))`.

PostgREST's resource embedding (https://postgrest.org, "Resource Embedding"), as far as this: a child is named by its
view, by its entity, or by its entity's plural; how a name becomes a view is decided where it is known who asks.
"""

from dataclasses import dataclass

from cdp.errors import BadInput
from views.conditions import split_outside
from views.request import parse_select

MAX_DEPTH = 3
MAX_EMBEDDED = 8


@dataclass(frozen=True, slots=True)
class Selection:
    """Columns, None for all, and children by the name under which they stand in a row."""

    columns: tuple[str, ...] | None
    embedded: tuple[tuple[str, "Selection"], ...] = ()


def parse_selection(text: str, *, depth: int = 0) -> Selection:
    """Parse a selection.

    Raises:
        BadInput: `bad_select`.
    """
    if "(" not in text and ")" not in text:
        return Selection(parse_select(text))
    columns: list[str] = []
    embedded: list[tuple[str, Selection]] = []
    for part in (each.strip() for each in split_outside(text)):
        name, opened, inner = part.partition("(")
        if not opened:
            columns.append(part)
        elif not inner.endswith(")") or not name or depth == MAX_DEPTH:
            raise _bad()
        else:
            embedded.append((name, parse_selection(inner[:-1], depth=depth + 1)))
    if len({name for name, _ in embedded}) != len(embedded) or len(embedded) > MAX_EMBEDDED:
        raise _bad()
    everything = columns == ["*"]
    if "*" in columns and not everything:
        raise _bad()
    return Selection(None if everything else tuple(columns), tuple(embedded))


def _bad() -> BadInput:
    message = f"a selection is written `a,b,child(c,d)`, with children at most {MAX_DEPTH} deep"
    return BadInput("bad_select", message, path="select")
