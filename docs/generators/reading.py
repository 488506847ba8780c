"""The generated parts of `docs/reading.md`: operators by type, and the limits."""

from typing import Final

from cdp.terms import CHUNK_ROWS, LATE_ROWS, Type
from docs.generators.markdown import table, words
from views.conditions import MAX_CONDITIONS, MAX_DEPTH, MAX_ITEMS, MAX_OPERAND, Op
from views.request import MAX_ORDER, MAX_REASON
from views.where import _ALLOWED

_MEANINGS: Final = {
    Op.EQ: ("equal", "`eq.gold`"),
    Op.NEQ: ("not equal; a null is neither", "`neq.gold`"),
    Op.GT: ("greater", "`gt.100`"),
    Op.GTE: ("greater or equal", "`gte.2024-01-01`"),
    Op.LT: ("less", "`lt.100`"),
    Op.LTE: ("less or equal", "`lte.100`"),
    Op.IN: ("one of a list", '`in.(gold,"a, b")`'),
    Op.IS: ("null, not_null, true, false, unknown", "`is.null`"),
    Op.LIKE: ("a pattern: `*` or `%` any run, `_` any one character, `\\` before a literal", "`like.An*`"),
    Op.ILIKE: ("as `like`, minding no case of ASCII letters", "`ilike.an*`"),
    Op.FTS: (
        "has all these words; on fields with `search: words` that the view shows clear",
        "`fts.ann smith`",
    ),
}


def _operators() -> str:
    rows = []
    for op in Op:
        types = [type_ for type_ in Type if op in _ALLOWED[type_]]
        meaning, example = _MEANINGS[op]
        rows.append([f"`{op}`", meaning, "every type" if len(types) == len(Type) else words(types), example])
    return table(["operator", "meaning", "takes columns of", "example"], rows)


def _limits() -> str:
    rows = [
        ["conditions in a request", f"{MAX_CONDITIONS:,}"],
        ["groups within each other", f"{MAX_DEPTH:,}"],
        ["members of a list", f"{MAX_ITEMS:,}"],
        ["characters of a value", f"{MAX_OPERAND:,}"],
        ["characters of a reason", f"{MAX_REASON:,}"],
        ["keys of an order", f"{MAX_ORDER:,}"],
        ["rows over which a condition or order on a sealed column is judged", f"{LATE_ROWS:,}"],
        ["rows under one log entry", f"{CHUNK_ROWS:,}"],
    ]
    return table(["the most", ""], rows)


PARTS: Final = {"operators": _operators, "limits": _limits}
