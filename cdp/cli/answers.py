"""An answer as people see it: each column under the sign of its shape, a withheld cell as ○, then what was read.

Whether a single null was withheld or never known is nobody's business but the store's: in a column that a refusal can
turn into null, both show ○.
"""

from itertools import chain, islice
from typing import TYPE_CHECKING, Any, Final

import orjson

from cdp.cli.render import HUES, SIGNS, WORDS, Cell, counted, note, show, show_table, styled
from cdp.services.read import Answer
from cdp.terms import Type
from views.plan import Column, Plan

if TYPE_CHECKING:
    from rich.text import Text

SHOWN_ROWS: Final = 100
"""How many rows a table has at most, unless the caller says how many."""

_NUMBERS: Final = (Type.INTEGER, Type.DECIMAL)


def show_answer(answer: Answer, *, most: int | None) -> None:
    """Print the rows of an answer, with a line that says how to see more when there are more than `most`."""
    columns = answer.plan.columns
    found = chain.from_iterable(answer.chunks)
    rows = list(islice(found, most))
    more = next(found, None) is not None
    right = [index for index, column in enumerate(columns) if column.type in _NUMBERS]
    cells = [[_cell(column, value) for column, value in zip(columns, row, strict=True)] for row in rows]
    show_table([head(column) for column in columns], cells, right=right)
    show(styled(f"{counted(len(rows), 'row')} · {described(answer.plan)} · on the log", "dim"))
    show(styled(legend(answer.plan), "dim"))
    if more:
        note(f"these are the first {len(rows):,} rows; `--limit N` shows more, and `--format csv` gives them all")


def head(column: Column) -> "Text":
    """Return the name of a column under its signs: what everyone's cells are, then what a refusal makes of them."""
    signs = "".join(SIGNS[shape] for shape in _shapes(column))
    return styled(f"{signs} {column.name}".strip(), _hue(column))


def described(plan: Plan) -> str:
    """Return which view was read and for what."""
    recipient = f", for {plan.view.recipient}" if plan.view.recipient else ""
    return f"view {plan.view.name} ({plan.view.kind}), purpose {plan.view.purpose}{recipient}"


def legend(plan: Plan) -> str:
    """Return the meaning of the signs that a plan's columns have."""
    used = {shape for column in plan.columns for shape in _shapes(column)}
    return "   ".join(f"{SIGNS[shape]} {WORDS[shape]}" for shape in SIGNS if shape in used)


def _shapes(column: Column) -> list[str]:
    decision = column.decision
    if decision is None:
        return []
    return [decision.shape or "hidden", *([decision.otherwise or "hidden"] if decision.unless else [])]


def _hue(column: Column) -> str:
    """Return the hue of a field's sensitivity, which is the second word of its rule's name."""
    return HUES[column.decision.rule.split(".")[1]] if column.decision else ""


def _cell(column: Column, value: Any) -> Cell:
    if value is None:
        withheld = "hidden" in _shapes(column)
        return styled(SIGNS["hidden"] if withheld else "–", "dim")
    if column.type is Type.BOOLEAN:
        return "yes" if value else "no"
    return styled(orjson.dumps(value).decode() if column.type is Type.JSON else str(value))
