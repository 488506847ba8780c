"""Masks and generalisations for the plain values that the tests of the policy use, written out by hand.

Only for texts whose characters are letters by themselves; the shapes have their own tests.
"""

from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, Decimal
from math import floor
from typing import Any


def mask(field: Mapping[str, Any], value: Any) -> str | None:
    how = field["mask"]
    text = str(value)
    if how == "initials":
        return " ".join(f"{word[0]}." for word in text.split())
    if how == "email":
        local, _, domain = text.partition("@")
        return f"{local[0]}***@{domain[0]}***.{domain.rpartition('.')[2]}"
    if how == "generic":
        return f"{text[0] if text[0].isalnum() else '*'}***" if len(text) >= 4 else "***"
    raise AssertionError(how)


def general(field: Mapping[str, Any], value: Any) -> Any:
    spec = field["general"]
    how = spec["how"]
    if how == "prefix":
        return value[: spec["keep"]] + "*"
    if how == "year":
        return value[:4]
    if how == "band":
        low = floor(Decimal(value) / spec["width"]) * spec["width"]
        return f"{low}-{low + spec['width'] - 1}"
    if how == "round":
        if field["type"] == "integer":
            return int(Decimal(value).quantize(Decimal(1).scaleb(-spec["digits"]), ROUND_HALF_EVEN))
        return str(Decimal(value).quantize(Decimal(1).scaleb(-spec["digits"]), ROUND_HALF_EVEN))
    if how == "table":
        return spec["table"].get({True: "true", False: "false"}.get(value, value) if isinstance(value, bool) else value)
    raise AssertionError(how)


def general_type(field: Mapping[str, Any]) -> str:
    return str(field["type"]) if field["general"]["how"] == "round" else "text"
