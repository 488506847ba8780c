"""A file of any format as columns and rows, and the place at which its reading stands."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from cdp.errors import BadInput, Unavailable
from cdp.services.imports.columns import Columns, Known
from cdp.services.imports.csv_rows import csv_rows, read_header
from cdp.services.imports.lines import Lines, Reject, Row
from cdp.services.imports.ndjson import ndjson_objects, ndjson_rows
from cdp.services.imports.source import LINES, Source

if TYPE_CHECKING:
    from cdp.services.imports.arrow_rows import Records

Rows = Iterator[Row | Reject]


class Place(Protocol):
    """Where reading stands.

    Attributes:
        offset: from where it goes on: a byte of a text, a row of a table.
        number: how many lines, or rows, were taken.
        taken: how many bytes were taken, about.
        size: the offset of the end.
    """

    offset: int
    number: int
    size: int

    @property
    def taken(self) -> int: ...  # noqa: D102

    def move(self, offset: int, number: int) -> None: ...  # noqa: D102


def rows_of(source: Source, known: Known) -> tuple[Place, Columns, Rows]:
    """Return where reading stands, what the columns are, and the rows from where it will stand once one is asked for.

    Raises:
        BadInput: the columns are wrong, or the file is no table.
        Unavailable: `export_missing`.
    """
    if source.format not in LINES:
        return _table(source, known)
    lines = Lines(source.file, size=source.size)
    where = f"{source.path}:1"
    if source.format == "csv":
        header = read_header(lines)
        if header is None:
            raise no_header(source.path)
        delimiter, titles = header
        return lines, known.of_header(titles, where), csv_rows(lines, delimiter=delimiter, width=len(titles))
    begin = lines.offset
    first = next((found for found in ndjson_objects(lines) if not isinstance(found, Reject)), None)
    if first is None:
        raise no_header(source.path)
    columns, keys = known.of_keys(first[1], f"{source.path}:{first[0]}")
    lines.move(begin, 0)
    return lines, columns, ndjson_rows(lines, keys=keys, width=len(columns.targets))


def number_at(source: Source, offset: int) -> int:
    """Return how many lines, or rows, come before an offset."""
    return source.lines_before(offset) if source.format in LINES else offset


def open_table(source: Source) -> "Records":
    """Return the rows of a file of Parquet or Arrow.

    Raises:
        BadInput: `file_corrupt`, `file_too_large`.
        Unavailable: `export_missing`.
    """
    try:
        from cdp.services.imports.arrow_rows import Records
    except ModuleNotFoundError:
        hint = "pip install 'customer-data-platform[export]'"
        message = f"{source.format} needs pyarrow, which is not installed"
        raise Unavailable("export_missing", message, hint=hint) from None
    return Records(source)


def _table(source: Source, known: Known) -> tuple[Place, Columns, Rows]:
    records = open_table(source)
    columns = known.of_header(records.titles, str(source.path))
    return records, columns, records.rows([place for place, target in enumerate(columns.targets) if target])


def no_header(path: Path) -> BadInput:
    """Return the error of a file without names of columns."""
    message, hint = "the file does not begin with the names of fields", "a CSV file needs them as its first row"
    return BadInput("header_missing", message, path=f"{path}:1", hint=hint)
