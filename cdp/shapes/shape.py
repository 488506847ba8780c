"""From what the catalogue says of a field to the one function that computes a shape of it.

Design section 4 (`mask`, `general`) and section 2 (shapes are computed once, when a value is written).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from cdp.catalogue.types import GENERAL_TYPES, PARAMETERS
from cdp.errors import BadInput
from cdp.shapes import generalise, masks
from cdp.shapes.values import INTEGER_GREATEST, INTEGER_LEAST
from cdp.terms import Generalisation, Mask, Type, Value

_MASKS: Final[dict[Mask, Callable[[str], str]]] = {
    Mask.EMAIL: masks.mask_email,
    Mask.PHONE: masks.mask_phone,
    Mask.INITIALS: masks.mask_initials,
    Mask.LAST4: masks.mask_last4,
    Mask.GENERIC: masks.mask_generic,
}


def masker(mask: Mask) -> Callable[[Value], str | None] | None:
    """The function that masks a value by its text, or None for a mask that has no masked shape.

    What has no text of its own (true, false, JSON) is hidden.

    >>> masked = masker(Mask.GENERIC)
    >>> masked and (masked("Lovelace"), masked(52300), masked(None))
    ('L***', '5***', None)
    """
    function = _MASKS.get(mask)
    if function is None:
        return None

    def masked(value: Value) -> str | None:
        if type(value) is str:
            return function(value)
        if type(value) is int and INTEGER_LEAST <= value <= INTEGER_GREATEST:
            return function(str(value))
        return None

    return masked


@dataclass(frozen=True, kw_only=True)
class Generaliser:
    """A generalisation with its parameters, as the catalogue gives them for one field.

    Args:
        kind: which generalisation.
        type: the type of the field.
        width: of a band, in years or in units.
        keep: how many characters a prefix keeps.
        digits: after the point; negative before it.
        table: value → generalised value.
    """

    kind: Generalisation
    type: Type
    width: int | None = None
    keep: int | None = None
    digits: int | None = None
    table: Mapping[str, str] | None = None


def generaliser(spec: Generaliser) -> Callable[[Value], Value]:
    """The function that generalises the values of one field.

    Raises:
        BadInput: `bad_generalisation`, when the type or the parameter does not fit. The catalogue says so earlier,
            with file and line, by the same tables.

    >>> generaliser(Generaliser(kind=Generalisation.YEAR_BAND, type=Type.DATE, width=10))("1987-03-02")
    '1980-1989'
    """
    if spec.type not in GENERAL_TYPES[spec.kind]:
        raise BadInput("bad_generalisation", f"`{spec.kind}` does not take a field of type {spec.type}")
    match spec.kind:
        case Generalisation.YEAR:
            return generalise.year
        case Generalisation.YEAR_BAND:
            return generalise.year_band(_number(spec))
        case Generalisation.BAND:
            return generalise.band(_number(spec))
        case Generalisation.PREFIX:
            return generalise.prefix(_number(spec))
        case Generalisation.ROUND:
            return generalise.round_(_number(spec))
        case Generalisation.TABLE:
            if spec.table is None:
                raise BadInput("bad_generalisation", "`table` needs a table")
            return generalise.table(spec.table)


def _number(spec: Generaliser) -> int:
    name, least, greatest = PARAMETERS[spec.kind]
    number = {"width": spec.width, "keep": spec.keep, "digits": spec.digits}[name]
    if number is None or not least <= number <= greatest:
        raise BadInput("bad_generalisation", f"`{spec.kind}` needs `{name}` from {least} to {greatest}")
    return number
