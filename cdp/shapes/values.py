"""Canonical values: what a CSV cell or an NDJSON member becomes before it is stored or compared.

Design section 4 (in JSON, integers are numbers, decimals text, dates and times ISO 8601 text). `None` and the empty
text are a missing value in every type. A canonical value gives itself back, but for a text in a `json` field: a text
is always read as JSON there.

INVARIANT: what is raised names the expected form and never holds the value, not even in a chained exception; that is
why every `raise` stands outside the `except` that saw the fault.
"""

import json
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime
from decimal import Decimal
from math import isfinite
from typing import Final, TypeGuard

from cdp.catalogue.types import TEXT_SIZE
from cdp.errors import BadInput
from cdp.terms import Type, Value

JSON_DEPTH: Final = 32
"""The most lists and objects within each other."""

DECIMAL_DIGITS: Final = 15
"""The most digits of a decimal, leading zeros not counted: so many are exact in SQLite's REAL, too."""

DECIMAL_SCALE: Final = 30
"""The most digits after the point."""

INTEGER_LEAST: Final = -(2**63)
INTEGER_GREATEST: Final = 2**63 - 1

_NAMED_CHOICES: Final = 8
_NUMBER_SIZE: Final = 64

_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,20}")
_PLAIN: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?")
_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DATETIME: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"(?:[T ](?:[01][0-9]|2[0-3]):[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]{1,9})?)?(?:Z|[+-][0-9]{2}(?::?[0-9]{2})?)?)?"
)
_BOOLEANS: Final = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def _bad(expected: str) -> BadInput:
    return BadInput("bad_value", f"expected {expected}")


def _is_text(text: str) -> bool:
    """Whether both databases can store it: no NUL, no half of a surrogate pair, not too long."""
    if len(text) > TEXT_SIZE or "\0" in text:
        return False
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _text(longest: int) -> Callable[[object], Value]:
    def coerced(raw: object) -> Value:
        if raw is None or raw == "":
            return None
        if isinstance(raw, str) and len(raw) <= longest and _is_text(raw):
            return raw
        raise _bad(f"text of at most {longest:,} characters, without NUL and unpaired surrogates")

    return coerced


def _integer(raw: object) -> int | None:
    if raw is None or raw == "":
        return None
    number: int | None = None
    if isinstance(raw, str):
        if _INTEGER.fullmatch(raw):
            number = int(raw)
    elif isinstance(raw, int) and not isinstance(raw, bool):
        number = raw
    if number is None or not INTEGER_LEAST <= number <= INTEGER_GREATEST:
        raise _bad("a whole number of 64 bits, such as 42")
    return number


def significant(plain: str) -> int:
    """How many digits a number in plain notation has after its leading zeros.

    >>> significant("-0.050"), significant("129.90")
    (2, 5)
    """
    return len(plain.lstrip("-0.").replace(".", ""))


def _plain(text: str) -> str | None:
    """A number in plain notation with its scale kept, or None."""
    if len(text) > _NUMBER_SIZE or not _NUMBER.fullmatch(text):
        return None
    number = Decimal(text)
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int) or not -DECIMAL_SCALE <= exponent <= DECIMAL_DIGITS:
        return None
    plain = format(number or abs(number), "f")  # no negative zero
    return plain if significant(plain) <= DECIMAL_DIGITS else None


def _decimal(raw: object) -> str | None:
    if raw is None or raw == "":
        return None
    plain: str | None = None
    if isinstance(raw, str):
        if len(raw) <= DECIMAL_DIGITS and _PLAIN.fullmatch(raw) and (raw[0] != "-" or raw.strip("-0.")):
            return raw  # canonical already, as nearly all are
        plain = _plain(raw)
    elif isinstance(raw, float):
        plain = _plain(repr(raw))
    elif isinstance(raw, int) and not isinstance(raw, bool) and abs(raw) < 10**DECIMAL_DIGITS:
        plain = str(raw)
    if plain is None:
        raise _bad(f"a number of at most {DECIMAL_DIGITS} digits, such as 129.90")
    return plain


def _boolean(raw: object) -> bool | None:
    if raw is None or raw == "":
        return None
    found = raw if isinstance(raw, bool) else _BOOLEANS.get(raw.lower()) if isinstance(raw, str) else None
    if found is None:
        raise _bad("true or false")
    return found


def _date(raw: object) -> str | None:
    if raw is None or raw == "":
        return None
    if isinstance(raw, str) and _DATE.fullmatch(raw):
        try:
            date.fromisoformat(raw)
        except ValueError:
            pass
        else:
            return raw
    raise _bad("a date of the form YYYY-MM-DD")


def _datetime(raw: object) -> str | None:
    if raw is None or raw == "":
        return None
    if isinstance(raw, str) and _DATETIME.fullmatch(raw):
        try:
            moment = datetime.fromisoformat(raw)
            moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
        except (ValueError, OverflowError):  # no such day; or before the year 1 or after 9999 once it is in UTC
            pass
        else:
            return moment.isoformat()
    raise _bad("a date and time of the form YYYY-MM-DDThh:mm:ss, with Z or an offset such as +02:00 if it is not UTC")


def _once(pairs: list[tuple[str, Value]]) -> dict[str, Value]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError  # two readers would take different ones of them
    return members


def _no_constant(_: str) -> None:
    raise ValueError  # NaN and Infinity are no JSON


_NO_JSON: Final = object()
_read_json: Final = json.JSONDecoder(object_pairs_hook=_once, parse_constant=_no_constant).decode


def _is_scalar(node: object) -> bool:
    if node is None or isinstance(node, bool):
        return True
    if isinstance(node, str):
        return _is_text(node)
    if isinstance(node, int):
        return INTEGER_LEAST <= node <= INTEGER_GREATEST
    return isinstance(node, float) and isfinite(node)


def _is_json(value: object) -> TypeGuard[Value]:
    """Whether a value is JSON within the bounds; looks at no more of it than a value may have."""
    room = TEXT_SIZE
    waiting: list[tuple[object, int]] = [(value, 0)]
    while waiting:
        node, depth = waiting.pop()
        if isinstance(node, list | dict):
            room -= 1 + len(node)
            if room < 0 or depth >= JSON_DEPTH:
                return False
            waiting.extend((item, depth + 1) for item in node)
            if isinstance(node, dict):
                if not all(isinstance(key, str) for key in node):
                    return False
                waiting.extend((item, depth + 1) for item in node.values())
        elif not _is_scalar(node):
            return False
        elif isinstance(node, str):
            room -= len(node)
    return room >= 0


def _json(raw: object) -> Value:
    if raw is None or raw == "":
        return None
    value = raw
    if isinstance(raw, str):
        value = _NO_JSON
        if len(raw) <= TEXT_SIZE:
            with suppress(ValueError, RecursionError):
                value = _read_json(raw)
    if _is_json(value):
        return value
    raise _bad(f"JSON of at most {TEXT_SIZE:,} characters and {JSON_DEPTH} levels, without duplicate keys")


def _choice(choices: Sequence[str]) -> Callable[[object], Value]:
    known = frozenset(choices)
    names = f"one of {', '.join(choices)}" if len(choices) <= _NAMED_CHOICES else "one of the choices of the field"

    def coerced(raw: object) -> Value:
        if raw is None or raw == "":
            return None
        if isinstance(raw, str) and raw in known:
            return raw
        raise _bad(names)

    return coerced


_COERCERS: Final[dict[Type, Callable[[object], Value]]] = {
    Type.INTEGER: _integer,
    Type.DECIMAL: _decimal,
    Type.BOOLEAN: _boolean,
    Type.DATE: _date,
    Type.DATETIME: _datetime,
    Type.JSON: _json,
}


def coercer(type_: Type, choices: Sequence[str] = (), longest: int = TEXT_SIZE) -> Callable[[object], Value]:
    """The function that makes canonical values of one field; taken once, then called for every value.

    Args:
        longest: the most characters of a text.

    Raises (when called):
        BadInput: `bad_value`, with the expected form.

    >>> made = coercer(Type.CHOICE, ["gold", "silver"])
    >>> made("gold"), made("")
    ('gold', None)
    """
    if type_ is Type.TEXT:
        return _text(longest)
    return _choice(choices) if type_ is Type.CHOICE else _COERCERS[type_]


def coerce(type_: Type, raw: object, *, choices: Sequence[str] = ()) -> Value:
    """The canonical value of what was entered; `None` and the empty text are missing values.

    Raises:
        BadInput: `bad_value`, with the expected form.

    >>> coerce(Type.INTEGER, "42"), coerce(Type.DECIMAL, "129.90"), coerce(Type.BOOLEAN, "Yes")
    (42, '129.90', True)
    >>> coerce(Type.DATETIME, "2024-05-01T12:00:00+02:00")
    '2024-05-01T10:00:00+00:00'
    >>> coerce(Type.DATE, "1 May 2024")
    Traceback (most recent call last):
    cdp.errors.BadInput: expected a date of the form YYYY-MM-DD
    """
    return coercer(type_, choices)(raw)
