"""A naive interpreter of the policy over plain dicts, written from the design's section 4 alone.

It shares no code with the product: no import from it at all. Slow and plain on purpose. What it takes:

    field    {"type", "sensitivity", "mask": str | None, "general": {"how", ...} | None, "identifier", "words"}
    view     {"kind", "fields": list | None, "clear": list, "shapes": dict}
    purpose  {"name", "subject_to": list, "allows_sensitive": bool, "legal_basis": str, by default `contract`}
    row      {"customer_id", "id", "ids": {column: text}, "key", "flags": {opt-out: as stored}, "values": {name: value},
              "declared": [declaration]}, of everything that the row was collected under
    declaration  {"purposes": set, "recipients": set | None}, None where it names none
    request  {"select": list | None, "where": [condition], "order": [(column, desc, nulls first)], "limit", "offset"}
    condition  ("is", column, operator, [operand], negated) or ("and" | "or", [condition], negated)
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import cmp_to_key
from typing import Any

from tests.views.conditions_by_hand import Unknown, check, holds
from tests.views.shapes_by_hand import general, general_type, mask

Field = Mapping[str, Any]
Spec = Mapping[str, Any]

# Section 4, "What each kind does", line by line. A cell of the table: what is shown, and what a refused row shows.
TABLE: dict[tuple[str, str], tuple[str | None, str | None]] = {
    ("standard", "identifying"): ("masked", None), ("standard", "personal"): ("general", None),
    ("standard", "sensitive"): (None, None), ("standard", "none"): ("clear", None),
    ("full", "identifying"): ("clear", None), ("full", "personal"): ("clear", None),
    ("full", "sensitive"): ("clear", None), ("full", "none"): ("clear", None),
    ("anonymized", "personal"): ("general", None), ("anonymized", "sensitive"): ("clear", None),
    ("anonymized", "none"): ("clear", None),
    ("opt_out", "identifying"): ("clear", None), ("opt_out", "personal"): ("clear", None),
    ("opt_out", "sensitive"): ("clear", None), ("opt_out", "none"): ("clear", None),
    ("selective", "identifying"): ("clear", None), ("selective", "personal"): ("clear", "general"),
    ("selective", "sensitive"): ("clear", None), ("selective", "none"): ("clear", "clear"),
}  # fmt: skip
MUST_ALLOW = ("anonymized", "opt_out", "selective")


class Fault(Exception):
    """The request is refused; the code says why."""


def has_shape(field: Field, shape: str | None) -> bool:
    return (
        shape == "clear"
        or (shape == "masked" and bool(field["mask"]))
        or (shape == "general" and bool(field["general"]))
    )


def shape_type(field: Field, shape: str) -> str:
    if shape == "clear":
        return str(field["type"])
    return "text" if shape == "masked" else general_type(field)


def column_names(fields: Mapping[str, Field], view: Spec) -> list[str]:
    if view["fields"] is not None:
        return list(view["fields"])
    if view["kind"] == "anonymized":
        return [name for name, field in fields.items() if field["sensitivity"] in ("personal", "none")]
    return list(fields)


def shown_shape(name: str, field: Field, view: Spec, purpose: Spec) -> str | None:
    """What the kind alone gives everyone, before the view's own `shapes`."""
    kind, tag = view["kind"], field["sensitivity"]
    if name not in column_names({name: field}, view) or (kind, tag) not in TABLE:
        return None
    shape = TABLE[kind, tag][0]
    if tag == "sensitive" and kind in MUST_ALLOW and not (view["fields"] is not None and purpose["allows_sensitive"]):
        return None
    if kind == "anonymized" and tag == "none" and field["general"]:
        shape = "general"
    if kind == "standard" and tag in ("identifying", "personal") and name in view["clear"]:
        shape = "clear"
    return shape if has_shape(field, shape) else None


def faulty(fields: Mapping[str, Field], view: Spec, purpose: Spec) -> set[str]:
    """The fields for which the policy is wrong to ask what it asks."""
    wrong = set()
    for name, field in fields.items():
        listed = view["fields"] is not None and name in view["fields"]
        tag, kind = field["sensitivity"], view["kind"]
        if listed and kind == "anonymized" and tag == "identifying":
            wrong.add(name)
        if listed and kind in MUST_ALLOW and tag == "sensitive" and not purpose["allows_sensitive"]:
            wrong.add(name)
        if name in view["clear"] and tag == "sensitive":
            wrong.add(name)
        asked = view["shapes"].get(name)
        kinds = shown_shape(name, field, view, purpose)
        weaker = {"clear": ("clear", "masked", "general", "hidden"), None: ("hidden",)}.get(kinds, (kinds, "hidden"))
        if asked is not None and (asked not in weaker or (asked != "hidden" and not has_shape(field, asked))):
            wrong.add(name)
    return wrong


def chosen_shape(name: str, field: Field, view: Spec, purpose: Spec) -> str | None:
    asked = view["shapes"].get(name)
    if asked == "hidden":
        return None
    return asked or shown_shape(name, field, view, purpose)


def is_refused(row: Spec, opt_out: str) -> bool:
    """Anything but a plain false is a refusal: null, missing and odd mean hidden."""
    stored = row["flags"].get(opt_out)
    return not (stored is False or (type(stored) is int and stored == 0))


def is_collected_for(row: Spec, view: Spec, purpose: Spec) -> bool:
    """Every declaration under which the row was collected names the purpose, and rules out nobody who gets it."""
    if purpose.get("legal_basis") == "legal_obligation":
        return True
    told = [each["recipients"] is None or "acme" in each["recipients"] for each in row["declared"]]
    meant = [purpose["name"] in each["purposes"] for each in row["declared"]]
    return bool(meant) and all(meant) and (view["kind"] != "selective" or all(told))


def keeps_row(row: Spec, view: Spec, purpose: Spec) -> bool:
    if not is_collected_for(row, view, purpose):
        return False
    return view["kind"] == "selective" or not any(is_refused(row, each) for each in purpose["subject_to"])


def cell(row: Spec, name: str, field: Field, view: Spec, purpose: Spec) -> Any:
    shape = chosen_shape(name, field, view, purpose)
    if shape is None:
        return None
    kind, tag = view["kind"], field["sensitivity"]
    if tag == "sensitive" and kind != "full" and is_refused(row, "sensitive_data"):
        return None
    if kind == "selective" and any(is_refused(row, each) for each in purpose["subject_to"]):
        shape = refused_shape(field, shape, TABLE[kind, tag][1])
    if shape in ("masked", "general") and "shapes" in row:
        return row["shapes"][name, shape]
    return None if shape is None else shaped(field, shape, row["values"].get(name))


def refused_shape(field: Field, shape: str, refused: str | None) -> str | None:
    """The weaker of what the column shows and of what a refusal leaves; null where they do not compare."""
    if refused is None or not has_shape(field, refused):
        return None
    if refused in ("clear", shape):
        return shape
    # A column has one type.
    same = text_like(shape_type(field, refused)) == text_like(shape_type(field, shape))
    return refused if shape == "clear" and same else None


def text_like(kind: str) -> str:
    return "text" if kind == "choice" else kind


def shaped(field: Field, shape: str, value: Any) -> Any:
    if value is None or shape == "clear":
        return value
    return mask(field, value) if shape == "masked" else general(field, value)


def columns(fields: Mapping[str, Field], view: Spec, purpose: Spec, ids: Sequence[str]) -> list[tuple[str, str, bool]]:
    """The columns in order: name, type, and whether conditions may name it."""
    found = [(name, "text", True) for name in ids]
    for name in column_names(fields, view):
        shape = chosen_shape(name, fields[name], view, purpose)
        found.append((name, shape_type(fields[name], shape or "clear"), shape is not None))
    return found


def output(
    fields: Mapping[str, Field], rows: Sequence[Spec], view: Spec, purpose: Spec, ids: Sequence[str]
) -> list[dict[str, Any]]:
    """What the view shows, before anybody asks for less: rows in the order of their keys."""
    names = column_names(fields, view)
    kept = sorted((row for row in rows if keeps_row(row, view, purpose)), key=lambda row: row["key"])
    return [
        {name: row["ids"][name] for name in ids}
        | {name: cell(row, name, fields[name], view, purpose) for name in names}
        for row in kept
    ]


def answer(
    fields: Mapping[str, Field], rows: Sequence[Spec], view: Spec, purpose: Spec, ids: Sequence[str], request: Spec
) -> list[tuple[Any, ...]]:
    """The rows of an answer.

    Raises:
        Fault: with the code of the refusal.
    """
    words = {
        name
        for name, field in fields.items()
        if field.get("words") and chosen_shape(name, field, view, purpose) == "clear"
    }
    return ask(output(fields, rows, view, purpose, ids), columns(fields, view, purpose, ids), words, request)


def ask(
    found: list[dict[str, Any]], known: Sequence[tuple[str, str, bool]], words: set[str], request: Spec
) -> list[tuple[Any, ...]]:
    """What a request leaves of the rows that a view shows, in their order.

    Raises:
        Fault: with the code of the refusal.
    """
    types = {name: kind for name, kind, shown in known if shown}
    try:
        for condition in request["where"]:
            check(condition, types, words)
    except Unknown as unknown:
        raise Fault(unknown.args[0]) from None
    found = [row for row in found if all(holds(each, row, types) is True for each in request["where"])]
    for name, _, _ in request["order"]:
        if name not in types:
            raise Fault("unknown_column")
    if request["order"]:
        found.sort(key=cmp_to_key(comparer(request["order"], types)))
    chosen = [name for name, _, _ in known] if request["select"] is None else request["select"]
    if any(name not in [each for each, _, _ in known] for name in chosen):
        raise Fault("unknown_column")
    end = None if request["limit"] is None else request["offset"] + request["limit"]
    return [tuple(row[name] for name in chosen) for row in found[request["offset"] : end]]


def released(
    rows: Sequence[tuple[str, dict[str, Any]]], *, quasi: Sequence[str], sensitive: Sequence[str], k: int, least: int
) -> list[dict[str, Any]]:
    """Of generalised rows, each with its customer, those in groups of k people with diverse sensitive values."""
    kept = []
    for _, row in rows:
        group = [(who, each) for who, each in rows if all(each[name] == row[name] for name in quasi)]
        people = {who for who, _ in group}
        values = [{each[name] for _, each in group if each[name] is not None} for name in sensitive]
        if len(people) >= k and all(not each or len(each) >= least for each in values):
            kept.append(row)
    return sorted(kept, key=lambda row: [(cell is not None, str(cell)) for cell in row.values()])


def comparer(order: Sequence[tuple[str, bool, bool]], types: Mapping[str, str]) -> Callable[[Any, Any], int]:
    def typed(name: str, value: Any) -> Any:
        return Decimal(value) if types[name] == "decimal" and value is not None else value

    def compare(left: Mapping[str, Any], right: Mapping[str, Any]) -> int:
        for name, descending, nulls_first in order:
            a, b = typed(name, left[name]), typed(name, right[name])
            if a is None and b is None:
                continue
            if a is None:
                return -1 if nulls_first else 1
            if b is None:
                return 1 if nulls_first else -1
            if a != b:
                smaller = a < b
                return 1 if smaller == descending else -1
        return 0

    return compare
