"""Which field types each mask and each generalisation takes, what they give, and the bounds of their parameters.

Design section 4, keys of a field. The functions themselves are in `cdp.shapes`, which stands above the catalogue.
"""

from typing import Final

from cdp.terms import Generalisation, Mask, Type

TEXT_LENGTH: Final = 2_000
"""The most characters of a text whose field says nothing else: room for any name or address, and for a note."""

TEXT_SIZE: Final = 100_000
"""The most characters of any text, and of a JSON value."""

MASK_TYPES: Final[dict[Mask, frozenset[Type]]] = {
    Mask.EMAIL: frozenset({Type.TEXT}),
    Mask.PHONE: frozenset({Type.TEXT, Type.INTEGER}),
    Mask.INITIALS: frozenset({Type.TEXT}),
    Mask.LAST4: frozenset({Type.TEXT, Type.INTEGER}),
    # Not choice and boolean: their values are few and known, so the first character alone would tell which one it is.
    Mask.GENERIC: frozenset({Type.TEXT, Type.INTEGER, Type.DECIMAL, Type.DATE, Type.DATETIME}),
    Mask.HIDDEN: frozenset(Type),
}
"""The field types that each mask takes."""

GENERAL_TYPES: Final[dict[Generalisation, frozenset[Type]]] = {
    Generalisation.YEAR: frozenset({Type.DATE, Type.DATETIME}),
    Generalisation.YEAR_BAND: frozenset({Type.DATE, Type.DATETIME}),
    Generalisation.BAND: frozenset({Type.INTEGER, Type.DECIMAL}),
    Generalisation.PREFIX: frozenset({Type.TEXT, Type.CHOICE}),
    Generalisation.ROUND: frozenset({Type.INTEGER, Type.DECIMAL}),
    Generalisation.TABLE: frozenset({Type.TEXT, Type.CHOICE, Type.INTEGER, Type.BOOLEAN}),
}
"""The field types that each generalisation takes."""

PARAMETERS: Final[dict[Generalisation, tuple[str, int, int]]] = {
    Generalisation.YEAR_BAND: ("width", 1, 10**15),
    Generalisation.BAND: ("width", 1, 10**15),
    Generalisation.PREFIX: ("keep", 1, 1_000),
    Generalisation.ROUND: ("digits", -15, 15),
}
"""The number that a generalisation needs: its key in the catalogue, its least and its greatest value."""


def general_type(kind: Generalisation, field_type: Type) -> Type:
    """The type of the generalised shape: text, but rounding keeps the type of the field.

    >>> general_type(Generalisation.BAND, Type.INTEGER).value
    'text'
    >>> general_type(Generalisation.ROUND, Type.DECIMAL).value
    'decimal'
    """
    return field_type if kind is Generalisation.ROUND else Type.TEXT
