"""Generalisations: from a value to a less exact one that is still true of it.

Design section 4 (exact results); the terms follow ISO/IEC 20889. `year` is a function of a value; the others take
their parameter once and return such a function.

INVARIANT: each is total (what is no canonical value of its type is hidden: `None`) and gives its own result back.
"""

import re
from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Final

from cdp.shapes.graphemes import leading
from cdp.shapes.values import DECIMAL_DIGITS, INTEGER_GREATEST, INTEGER_LEAST, significant
from cdp.terms import Value

_LAST_YEAR: Final = 9999
_DATED: Final = frozenset({10, 25, 32})
"""The lengths of a date and of a date and time without and with a fraction of a second."""

_DECIMAL: Final = re.compile(r"(-?[0-9]{1,40})(?:\.([0-9]{1,40}))?")
_BAND: Final = re.compile(r"(-?[0-9]{1,40})-(-?[0-9]{1,40})")
_EXACT: Final = Context(prec=100)


def year(value: Value) -> str | None:
    """The year of a date or of a date and time.

    >>> year("1987-03-02"), year("1987"), year(None)
    ('1987', '1987', None)
    """
    if type(value) is not str:
        return None
    head = value[:4]
    if not (head.isascii() and head.isdigit()) or head == "0000":
        return None
    if len(value) == 4 or (len(value) in _DATED and value[4] == "-"):
        return head
    return None


def year_band(width: int) -> Callable[[Value], str | None]:
    """Bands of years that begin at multiples of the width; the last one ends in 9999.

    >>> year_band(10)("1987-03-02"), year_band(10)("1980-1989"), year_band(10)("0007-01-01")
    ('1980-1989', '1980-1989', '0000-0009')
    """
    bands: dict[str, str] = {}  # year → band; at most 9,999 of them

    def band_of(value: Value) -> str | None:
        if type(value) is not str:
            return None
        if len(value) in _DATED and value[4] == "-":
            found = bands.get(value[:4])
            if found is not None:
                return found
            exact = year(value)
            if exact is None:
                return None
            low = int(exact) // width * width
            found = bands[exact] = f"{low:04d}-{min(low + width - 1, _LAST_YEAR):04d}"
            return found
        return value if _is_year_band(value, width) else None

    return band_of


def _is_year_band(text: str, width: int) -> bool:
    if len(text) != 9 or not text.isascii() or not text[:4].isdigit():
        return False
    low = int(text[:4])
    return low % width == 0 and text[4:] == f"-{min(low + width - 1, _LAST_YEAR):04d}"


def band(width: int) -> Callable[[Value], str | None]:
    """Bands of numbers that begin at multiples of the width; a fraction belongs to the whole number below it.

    >>> band(10000)(52300), band(10000)("52300.75"), band(10)(-5), band(10)("-10--1")
    ('50000-59999', '50000-59999', '-10--1', '-10--1')
    """
    last = width - 1

    def band_of(value: Value) -> str | None:
        if type(value) is int and INTEGER_LEAST <= value <= INTEGER_GREATEST:
            low = value // width * width
            return f"{low}-{low + last}"
        if type(value) is not str:
            return None
        if found := _DECIMAL.fullmatch(value):
            whole, fraction = found.groups()
            floor = int(whole)
            if whole[0] == "-" and fraction and fraction.strip("0"):
                floor -= 1
            low = floor // width * width
            return f"{low}-{low + last}"
        if found := _BAND.fullmatch(value):
            low = int(found[1])
            if low % width == 0 and value == f"{low}-{low + last}":
                return value
        return None

    return band_of


def prefix(keep: int) -> Callable[[Value], str | None]:
    """The first characters that a person sees, and `*` for the rest; a shorter text is kept whole before the `*`.

    >>> prefix(2)("94107"), prefix(2)("94*"), prefix(2)("9")
    ('94*', '94*', '9*')
    """

    def prefix_of(value: Value) -> str | None:
        if type(value) is not str:
            return None
        text = value[:-1] if value[-1:] == "*" else value  # its own `*`, so that a result gives itself back
        return f"{leading(text, keep)}*"

    return prefix_of


def round_(digits: int) -> Callable[[Value], int | str | None]:
    """A number rounded to so many digits after the point, half to even; negative digits round before the point.

    A decimal is written with just so many digits, or stays as it is where that would make it longer than a decimal may
    be. What leaves the range of its type by rounding up is hidden.

    >>> round_(1)("51.4769"), round_(2)("51.4"), round_(-3)(52300), round_(0)("-0.4")
    ('51.5', '51.40', 52000, '0')
    """
    step = Decimal(1).scaleb(-digits)

    def rounded(value: Value) -> int | str | None:
        if type(value) is int:
            whole = round(value, digits) if INTEGER_LEAST <= value <= INTEGER_GREATEST else value
            return whole if INTEGER_LEAST <= whole <= INTEGER_GREATEST else None
        if type(value) is not str or not (found := _DECIMAL.fullmatch(value)):
            return None
        number = Decimal(value).quantize(step, ROUND_HALF_EVEN, _EXACT)
        plain = format(number or abs(number), "f")
        if significant(plain) <= DECIMAL_DIGITS:
            return plain
        return value if len(found[2] or "") < digits and significant(value) <= DECIMAL_DIGITS else None

    return rounded


def table(mapping: Mapping[str, str]) -> Callable[[Value], str | None]:
    """The generalisation that a table gives for the value's text; what the table does not name is hidden.

    Where a generalisation is a key itself, it is followed to the end, so the most general one holds. A key on a circle
    has no end and is hidden. A generalisation that is no key gives itself back.

    >>> general = table({"Berlin": "Germany", "Bonn": "Germany", "Germany": "Europe"})
    >>> general("Berlin"), general("Germany"), general("Europe"), general("Atlantis")
    ('Europe', 'Europe', 'Europe', None)
    """
    known = _settled(mapping)

    def general_of(value: Value) -> str | None:
        if type(value) is str:
            return known.get(value)
        if type(value) is bool:
            return known.get("true" if value else "false")
        if type(value) is int and INTEGER_LEAST <= value <= INTEGER_GREATEST:
            return known.get(str(value))
        return None

    return general_of


def _settled(mapping: Mapping[str, str]) -> dict[str, str]:
    known: dict[str, str] = {}
    for key in (*mapping, *mapping.values()):
        end, steps = key, 0
        while (above := mapping.get(end, end)) != end and steps <= len(mapping):
            end, steps = above, steps + 1
        if steps <= len(mapping):
            known[key] = end
    return known
