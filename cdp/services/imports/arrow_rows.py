"""Rows of a Parquet file, or of record batches in Arrow's IPC format (a file or a stream), by pyarrow (extra `export`).

A place in such a file is a number of rows: reading goes on at the row group, or the record batch, that holds the next.

What is read may be hostile: the sizes it declares are looked at before anything is unpacked, and so is where offsets
and indices lead. What Arrow says of a broken file may hold values, so none of it is told.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from cdp.errors import BadInput
from cdp.services.imports.arrow_cells import cells_of, check_type, is_taken, sizes_of, slices
from cdp.services.imports.ipc_sizes import TooLargeError, count_rows
from cdp.services.imports.lines import ROW_BYTES, Reject, Row
from cdp.services.imports.source import Source

GROUP_BYTES: Final = 2 << 30
"""The most bytes of a row group, which is unpacked page by page."""

_ROWS: Final = 2_000
_MAGIC: Final = b"ARROW1\0\0"


class Records:
    """The rows of one file.

    Attributes:
        offset, number: how many rows were taken.
        taken: how many bytes they are, about.
        size: how many rows there are.
        titles: the names of the columns.
    """

    def __init__(self, source: Source) -> None:
        self.offset = self.number = self.taken = 0
        self._source = source
        with self._arrow():
            if source.format == "parquet":
                file = self._parquet()
                self.size, self._schema = _declared(file.metadata), file.schema_arrow
            else:
                self.size = count_rows(self._stream())
                self._schema = pa.ipc.open_stream(self._stream()).schema
            self.titles: list[str] = list(self._schema.names)

    def move(self, offset: int, number: int) -> None:
        """Go on after so many rows."""
        self.offset, self.number = offset, number

    def readable(self) -> list[int]:
        """Return the positions of the columns whose types are read."""
        return [place for place, each in enumerate(self._schema) if is_taken(each.type)]

    def rows(self, wanted: Sequence[int]) -> Iterator[Row | Reject]:
        """Yield the rows from where this stands; other columns than those at these positions are not looked at.

        Raises:
            BadInput: `unsupported_column`, `file_too_large`, `file_corrupt`.
        """
        for place in wanted:
            check_type(self._schema.field(place).type, f"{self._source.path} column {place + 1}")
        with self._arrow():
            for batch in self._from(self.offset):
                columns = {place: batch.column(place) for place in wanted}
                sizes = sizes_of(columns.values(), batch.num_rows)
                for begin, end in slices(sizes):
                    yield from self._slice(columns, sizes, begin, end)
            if self.offset != self.size:
                raise pa.ArrowInvalid

    def _slice(self, columns: dict[int, Any], sizes: list[int], begin: int, end: int) -> Iterator[Row | Reject]:
        is_long = sizes[begin] > ROW_BYTES
        held = {} if is_long else {place: cells_of(each.slice(begin, end - begin)) for place, each in columns.items()}
        for index in range(end - begin):
            self.offset = self.number = self.offset + 1
            self.taken += min(sizes[begin + index], ROW_BYTES)
            if is_long:
                yield Reject(self.number, "too_long")
                continue
            cells: list[object] = [None] * len(self.titles)
            for place, column in held.items():
                cells[place] = column[index]
            yield Row(self.number, cells)

    def _from(self, skip: int) -> Iterator[Any]:
        """Yield what comes after so many rows, in batches."""
        if self._source.format == "parquet":
            texts = [
                each.name for each in self._schema if pa.types.is_string(each.type) or pa.types.is_binary(each.type)
            ]
            file = self._parquet(texts)
            groups = list(range(file.metadata.num_row_groups))
            while groups and (rows := file.metadata.row_group(groups[0]).num_rows) <= skip:
                skip -= rows
                del groups[0]
            batches = file.iter_batches(_ROWS, row_groups=groups, use_threads=False)
        else:
            batches = self._ipc_batches()
        for batch in batches:
            if skip < batch.num_rows:
                yield batch.slice(skip)
            skip = max(0, skip - batch.num_rows)

    def _ipc_batches(self) -> Iterator[Any]:
        for batch in pa.ipc.open_stream(self._stream()):
            batch.validate(full=True)  # offsets and indices that lead outside would be followed
            for begin in range(0, batch.num_rows, _ROWS):
                yield batch.slice(begin, _ROWS)

    def _stream(self) -> Any:
        """Return the stream that an IPC file holds, between a magic word and a footer, or is."""
        self._source.file.seek(0)
        if self._source.file.read(len(_MAGIC)) != _MAGIC:
            self._source.file.seek(0)
        return pa.PythonFile(self._source.file, mode="r")

    def _parquet(self, texts: Sequence[str] = ()) -> Any:
        self._source.file.seek(0)
        # Texts stay dictionaries until they are measured: one of a megabyte may be meant a million times.
        return pq.ParquetFile(
            pa.PythonFile(self._source.file, mode="r"), read_dictionary=list(texts), buffer_size=1 << 20,
            pre_buffer=False, page_checksum_verification=True, thrift_string_size_limit=1 << 24,
            thrift_container_size_limit=1 << 20,
        )  # fmt: skip

    @contextmanager
    def _arrow(self) -> Iterator[None]:
        """Have what Arrow says of a file as an error of ours."""
        path, format_ = str(self._source.path), self._source.format
        try:
            yield
        except TooLargeError:
            message, hint = "a piece of the file is too large to unpack", "write smaller row groups or record batches"
            raise BadInput("file_too_large", message, path=path, hint=hint) from None
        except (pa.ArrowException, MemoryError, OSError, ValueError, EOFError):
            hint = "it may be cut off, encrypted or of another format"
            raise BadInput("file_corrupt", f"this is no whole and valid {format_} file", path=path, hint=hint) from None


def _declared(metadata: Any) -> int:
    """Return how many rows a Parquet file says that it has.

    Of its columns nothing is asked here: pyarrow ends the whole process where what is said of one is broken, while
    its reader raises.
    """
    if any(metadata.row_group(number).total_byte_size > GROUP_BYTES for number in range(metadata.num_row_groups)):
        raise TooLargeError
    return int(metadata.num_rows)
