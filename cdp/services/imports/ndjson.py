"""Rows of an NDJSON file: one JSON object (RFC 8259) a line, no key twice at any depth, no NaN or Infinity."""

import json
from collections.abc import Iterator
from typing import Any, Final

from cdp.services.imports.columns import Keys
from cdp.services.imports.lines import Lines, Reject, Row, TooLongError

_PIECE: Final = 1 << 16


class _DuplicateKeyError(ValueError):
    """Two readers would take different ones of them."""


def ndjson_objects(lines: Lines) -> Iterator[tuple[int, dict[str, Any]] | Reject]:
    """Yield the objects from where `lines` stands, each with its line; blank lines are none."""
    while True:
        number = lines.number + 1
        lines.begin_row()
        try:
            text = next(lines)
        except StopIteration:
            return
        except TooLongError:
            lines.move(lines.offset, number - 1)
            while (piece := lines.raw(_PIECE)) and not piece.endswith(b"\n"):
                pass
            yield Reject(number, "too_long")
            continue
        if lines.fault:
            yield Reject(number, lines.fault)
        elif not text.isspace():
            yield _parse(number, text)


def ndjson_rows(lines: Lines, *, keys: Keys, width: int) -> Iterator[Row | Reject]:
    """Yield the rows from where `lines` stands.

    Args:
        keys: the position of each key.
        width: how many positions there are.
    """
    for found in ndjson_objects(lines):
        yield found if isinstance(found, Reject) else _row(*found, keys, width)


def _row(number: int, members: dict[str, Any], keys: Keys, width: int) -> Row | Reject:
    cells: list[object] = [None] * width
    together: dict[str, object] = {}
    for place, (key, value) in enumerate(members.items(), 1):
        position = keys.of(key)
        if position is None:
            return Reject(number, "unknown_field", f"key {place}")
        if position == keys.together:
            together[key] = value
        elif position >= 0:
            if cells[position] is not None:  # two keys that are mapped to one field
                return Reject(number, "duplicate_key", f"key {place}")
            cells[position] = value
    if together:
        cells[keys.together] = together
    return Row(number, cells)


def _parse(number: int, text: str) -> tuple[int, dict[str, Any]] | Reject:
    try:
        value = _read(text)
    except _DuplicateKeyError:
        return Reject(number, "duplicate_key")
    except RecursionError:
        return Reject(number, "too_deep")
    except ValueError:
        return Reject(number, "malformed_json")
    return (number, value) if isinstance(value, dict) else Reject(number, "not_an_object")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise _DuplicateKeyError
    return members


def _no_constant(_: str) -> None:
    raise ValueError


_read: Final = json.JSONDecoder(object_pairs_hook=_once, parse_constant=_no_constant).decode
