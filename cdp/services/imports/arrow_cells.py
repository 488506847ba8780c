"""Columns of Arrow as cells: which types are taken, how large their rows are, and what stands in them.

Decimals become text with their scale, times with a zone become UTC, structs and lists JSON. A cell that Python cannot
hold (a date after 9999, text that is not UTF-8) is a fault of its row alone.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import types

from cdp.errors import BadInput

_SLICE_BYTES: Final = 1 << 20
_DEPTH: Final = 32
_WIDE: Final = 64
"""What a cell that has no length is counted as."""

_UNREADABLE: Final = object()
"""In the place of a cell that Python cannot hold: no type of field takes it."""


def check_type(type_: Any, path: str) -> None:
    """Make sure that a column can be read.

    Raises:
        BadInput: `unsupported_column`.
    """
    if not is_taken(type_):
        hint = "write it as text, number, boolean, date, time, list or struct, or leave it out with a mapping to `-`"
        raise BadInput("unsupported_column", "columns of this type are not read", path=path, hint=hint)


def is_taken(type_: Any) -> bool:
    """Return whether a column can be read."""
    return _is_taken(_inner(type_), 0)


def sizes_of(columns: Iterable[Any], rows: int) -> list[int]:
    """Return how many bytes each row is, about; nothing is unpacked for it."""
    total = pa.repeat(pa.scalar(0, pa.int64()), rows)
    for column in columns:
        total = pc.add(total, pc.fill_null(pc.cast(_lengths(column), pa.int64()), 0))
    found: list[int] = total.to_pylist()
    return found


def slices(sizes: list[int]) -> Iterator[tuple[int, int]]:
    """Yield begin and end of runs of rows that are small together; a large row is one of its own."""
    begin = held = 0
    for index, size in enumerate(sizes):
        if index > begin and held + size > _SLICE_BYTES:
            yield begin, index
            begin, held = index, 0
        held += size
    if begin < len(sizes):
        yield begin, len(sizes)


def cells_of(column: Any) -> list[object]:
    """Return the cells of a column, of so many rows as fit into memory."""
    column = column.storage if isinstance(column, pa.ExtensionArray) else column
    column = column.dictionary_decode() if types.is_dictionary(column.type) else column
    if types.is_timestamp(column.type):
        column = pc.cast(column, pa.timestamp("us", "UTC" if column.type.tz else None), safe=False)
    try:
        values = column.to_pylist()
    except (ArithmeticError, ValueError, LookupError):
        values = [_scalar(each) for each in column]
    if types.is_string(column.type) or types.is_integer(column.type) or types.is_boolean(column.type):
        return list(values)
    return [_plain(value) for value in values]


def _scalar(scalar: Any) -> object:
    try:
        found: object = scalar.as_py()
    except (ArithmeticError, ValueError, LookupError):
        return _UNREADABLE
    return found


def _plain(value: object) -> object:
    """Return a value as a file of JSON would hold it."""
    match value:
        case dict():
            return {str(key): _plain(each) for key, each in value.items()}
        case list() | tuple():
            return [_plain(each) for each in value]
        case Decimal() | UUID():
            return f"{value:f}" if isinstance(value, Decimal) else str(value)
        case date() | datetime() | time():
            return value.isoformat()
        case bytes():
            return _decoded(value)
        case _:
            return value


def _decoded(value: bytes) -> object:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return _UNREADABLE


def _lengths(column: Any) -> Any:
    """Return the length of each cell in bytes."""
    if isinstance(column, pa.ExtensionArray):
        return _lengths(column.storage)
    if types.is_dictionary(column.type):
        return _lengths(column.dictionary).take(column.indices)
    if _is_text(column.type):
        return pc.binary_length(column)
    if types.is_nested(column.type):
        return pa.array([each.nbytes for each in (column.slice(index, 1) for index in range(len(column)))])
    return pa.repeat(pa.scalar(_WIDE), len(column))


def _inner(type_: Any) -> Any:
    if isinstance(type_, pa.BaseExtensionType):
        return _inner(type_.storage_type)
    return _inner(type_.value_type) if types.is_dictionary(type_) else type_


def _is_taken(type_: Any, depth: int) -> bool:
    """Below the first level, types that mean one value many times are not taken: it could not be measured."""
    if types.is_list(type_) or types.is_large_list(type_) or types.is_fixed_size_list(type_):
        return depth < _DEPTH and _is_taken(type_.value_type, depth + 1)
    if types.is_struct(type_):
        return depth < _DEPTH and all(_is_taken(type_.field(n).type, depth + 1) for n in range(type_.num_fields))
    scalar = (
        _is_text(type_), types.is_boolean(type_), types.is_integer(type_), types.is_floating(type_),
        types.is_null(type_), types.is_decimal(type_), types.is_date(type_), types.is_time(type_),
        types.is_timestamp(type_) and depth == 0,
    )  # fmt: skip
    return any(scalar)


def _is_text(type_: Any) -> bool:
    return any(
        is_kind(type_)
        for is_kind in (
            types.is_string, types.is_large_string, types.is_binary, types.is_large_binary, types.is_fixed_size_binary,
        )
    )  # fmt: skip
