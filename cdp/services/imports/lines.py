"""The lines of a file, of bounded length, each with its place; and the row that a reader yields.

Broken UTF-8 and NUL do not stop the reading: the row they are in is named and rejected.
"""

from collections.abc import Sequence
from io import BufferedReader
from typing import Final, NamedTuple, Self

ROW_BYTES: Final = 1 << 20
"""The most bytes of a row, however many lines it has."""

_BOM: Final = b"\xef\xbb\xbf"


class Row(NamedTuple):
    """A row: the line on which it begins, and its cells by position; None and the empty text are not given."""

    line: int
    cells: Sequence[object]


class Reject(NamedTuple):
    """Why a row was not taken; `field` is the name of a field or a column's position, never what was in it."""

    line: int
    reason: str
    field: str = ""


class TooLongError(Exception):
    """A row goes on beyond its bound."""


class Lines:
    """Iterates over lines as text.

    Attributes:
        offset: where the next line begins.
        number: how many lines were taken.
        size: of the file, in bytes.
        fault: what is wrong with the lines taken since `begin_row`, if anything.
    """

    def __init__(self, file: BufferedReader, *, offset: int = 0, number: int = 0, size: int = 0) -> None:
        self.size = size
        self.fault = ""
        self._room = ROW_BYTES
        self._file = file
        self.move(offset, number)
        if offset == 0:
            self.move(len(_BOM) if file.read(len(_BOM)) == _BOM else 0, 0)

    @property
    def taken(self) -> int:
        """How many bytes were taken."""
        return self.offset

    def begin_row(self) -> None:
        """Say that what is taken next belongs to a new row."""
        self._room = ROW_BYTES
        self.fault = ""

    def move(self, offset: int, number: int) -> None:
        """Go on from a line whose place is known."""
        self._file.seek(offset)
        self.offset = offset
        self.number = number

    def raw(self, size: int) -> bytes:
        """Return the next line without reading it as text, or as much of it as `size` allows."""
        raw = self._file.readline(size)
        self.offset += len(raw)
        self.number += raw.endswith(b"\n")
        return raw

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        raw = self._file.readline(self._room + 1)
        if not raw:
            raise StopIteration
        self._room -= len(raw)
        if self._room < 0:
            raise TooLongError
        self.offset += len(raw)
        self.number += 1
        try:
            text = raw.decode()
        except UnicodeDecodeError:
            self.fault = "not_utf8"
            text = raw.decode(errors="replace")
        if "\0" in text:
            self.fault = self.fault or "nul"
        return text
