"""Random views, purposes and requests over the population, as plain dicts; most are right, some are not."""

from typing import Any

from hypothesis import strategies as st

from tests.views import interpreter
from tests.views.people import CUSTOMERS, ENTITIES, POOLS, SCOPES, TEXTS, pool

KINDS = ("standard", "full", "opt_out", "selective")
ABSENT = "nosuch"
WORDS = ("a", "b a", "王", "小明", "o'brien", "say", "none", "zz", "")


@st.composite
def views(draw: st.DrawFn) -> dict[str, Any]:
    """A view that the design allows, with its purpose and entity."""
    kind = draw(st.sampled_from(KINDS))
    entity = draw(st.sampled_from(["customer", "customer", "customer", "order"]))
    fields = ENTITIES[entity]
    scope = draw(st.sampled_from(sorted(SCOPES))) if kind != "full" else "serve"
    basis = draw(st.sampled_from(["contract", "contract", "contract", "legal_obligation"]))
    purpose = {"subject_to": list(SCOPES[scope]), "allows_sensitive": draw(st.booleans()), "legal_basis": basis}
    listed = kind in ("opt_out", "selective") or draw(st.booleans())
    names = draw(st.lists(st.sampled_from(sorted(fields)), min_size=1, unique=True)) if listed else None
    clear = (
        draw(st.lists(st.sampled_from(names or sorted(fields)), unique=True, max_size=4)) if kind == "standard" else []
    )
    shapes = draw(
        st.dictionaries(
            st.sampled_from(names or sorted(fields)),
            st.sampled_from(["clear", "masked", "general", "hidden"]),
            max_size=3,
        )
    )
    view = {"kind": kind, "fields": names, "clear": clear, "shapes": shapes}
    wrong = interpreter.faulty(fields, view, purpose)
    if names is not None:
        view["fields"] = [name for name in names if name not in wrong or name in shapes] or [
            "total" if entity == "order" else "city"
        ]
    view["shapes"] = {
        name: shape for name, shape in shapes.items() if name not in wrong and name in (view["fields"] or fields)
    }
    view["clear"] = [name for name in clear if name not in wrong and name in (view["fields"] or fields)]
    wrong = interpreter.faulty(fields, view, purpose)
    if view["fields"] is not None and wrong:
        view["fields"] = [name for name in view["fields"] if name not in wrong] or [
            "total" if entity == "order" else "city"
        ]
    return {"view": view, "purpose": purpose, "scope": scope, "entity": entity}


def operands(kind: str) -> st.SearchStrategy[str]:
    """Texts that fit a column of this type, most of them values that are there; the empty one is no value."""
    if kind in ("text", "choice"):
        return st.one_of(
            st.sampled_from([*TEXTS, "gold", "a1", "", "L***", "a*", "AB*", "***", "0-9"]),
            st.text("aAb é*%_\\王", max_size=4),
        )
    if kind == "boolean":
        return st.sampled_from(["true", "false", ""])
    known = [str(each) for each in POOLS[kind]]
    more = {"integer": st.integers(-20, 120).map(str), "decimal": st.decimals(-200, 200, places=3).map(str)}
    return st.one_of(st.sampled_from([*known, ""]), more.get(kind, st.nothing()))


@st.composite
def patterns(draw: st.DrawFn) -> str:
    parts = draw(
        st.lists(
            st.sampled_from(
                ["*", "%", "_", "a", "A", "b", "é", "É", "王", "😀", "\\*", "\\_", "\\\\", "[", "]", "?", "^"]
            ),
            max_size=5,
        )
    )
    return "".join(parts)


@st.composite
def comparisons(draw: st.DrawFn, columns: list[tuple[str, str, bool]], words: list[str], *, odd: bool) -> Any:
    name, kind, _ = draw(st.sampled_from(columns))
    if odd and draw(st.integers(0, 30)) == 0:
        name = ABSENT
    ordered = ["eq", "neq", "gt", "gte", "lt", "lte", "in", "is"]
    choices = {"json": ["is"], "boolean": ["eq", "neq", "in", "is"]}.get(kind, ordered)
    if kind in ("text", "choice"):
        choices = [*ordered, "like", "ilike", *(["fts"] if name in words or odd else [])]
    operator = draw(st.sampled_from(choices))
    if operator == "is":
        texts = [draw(st.sampled_from(["null", "not_null", *(["true", "false"] if kind == "boolean" else [])]))]
    elif operator == "in":
        texts = draw(st.lists(operands(kind), max_size=4))
    elif operator in ("like", "ilike"):
        texts = [draw(patterns())]
    elif operator == "fts":
        texts = [draw(st.sampled_from(WORDS))]
    else:
        texts = [draw(operands(kind))]
    return ("is", name, operator, texts, draw(st.booleans()))


def conditions(columns: list[tuple[str, str, bool]], words: list[str], *, odd: bool) -> st.SearchStrategy[Any]:
    def groups(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        return st.tuples(st.sampled_from(["and", "or"]), st.lists(inner, min_size=1, max_size=3), st.booleans())

    return st.recursive(comparisons(columns, words, odd=odd), groups, max_leaves=5)


@st.composite
def requests(draw: st.DrawFn, columns: list[tuple[str, str, bool]], words: list[str]) -> dict[str, Any]:
    """A request for some of these columns; hidden ones among them are asked about now and then."""
    odd = draw(st.integers(0, 5)) == 0
    shown = [column for column in columns if column[2]] or columns
    asked = columns if odd else shown
    names = [name for name, _, _ in columns]
    sortable = [name for name, kind, _ in asked if kind != "json"] or names[:1]
    order = draw(
        st.lists(
            st.tuples(st.sampled_from(sortable), st.booleans(), st.booleans()),
            max_size=3,
            unique_by=lambda each: each[0],
        )
    )
    return {
        "select": draw(st.none() | st.lists(st.sampled_from(names), min_size=1, unique=True)),
        "where": draw(st.lists(conditions(asked, words, odd=odd), max_size=3)),
        "order": order,
        "limit": draw(st.none() | st.integers(0, 12) | st.just(100)),
        "offset": draw(st.just(0) | st.integers(0, 12)),
    }


__all__ = ["CUSTOMERS", "conditions", "pool", "requests", "views"]
