"""Titles of a file's columns and some of its rows, whatever the catalogue knows of them: what a guess is made from."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from cdp.services.imports.csv_rows import csv_rows, read_header
from cdp.services.imports.formats import no_header, open_table
from cdp.services.imports.lines import Lines, Reject
from cdp.services.imports.ndjson import ndjson_objects
from cdp.services.imports.source import LINES, Source

ROWS: Final = 200


@dataclass(frozen=True)
class Sample:
    """The cells of each column, by its title; those that are empty are left out."""

    columns: dict[str, list[object]]


def take_sample(source: Source) -> Sample:
    """Return the first rows of a file.

    Raises:
        BadInput: `header_missing`, or the file is no table.
        Unavailable: `export_missing`.
    """
    columns: dict[str, list[object]] = {}
    for row in islice(_rows(source, columns), ROWS):
        for title, cell in row:
            held = columns.setdefault(title, [])
            if cell is not None and cell != "":
                held.append(cell)
    return Sample(columns)


def _rows(source: Source, columns: dict[str, list[object]]) -> Iterator[list[tuple[str, object]]]:
    if source.format == "ndjson":
        for found in ndjson_objects(Lines(source.file)):
            yield [] if isinstance(found, Reject) else list(found[1].items())
        return
    if source.format in LINES:
        lines = Lines(source.file)
        header = read_header(lines)
        if header is None:
            raise no_header(source.path)
        delimiter, titles = header
        rows = csv_rows(lines, delimiter=delimiter, width=len(titles))
    else:
        records = open_table(source)
        titles, rows = records.titles, records.rows(records.readable())
    columns |= {title: [] for title in titles}
    for row in rows:
        yield [] if isinstance(row, Reject) else list(zip(titles, row.cells, strict=True))
