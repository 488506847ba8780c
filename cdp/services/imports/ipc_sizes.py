"""What the messages of an Arrow IPC stream declare, read from their flat buffers before anything is unpacked.

Arrow's columnar format 1.5, "Serialization and Interprocess Communication": a message's header is a FlatBuffers table;
each compressed buffer of its body begins with its size when unpacked. pyarrow unpacks without a bound and does not
say these sizes, so the few members that tell them are read here.
"""

import struct
from typing import Any, Final

import pyarrow as pa

MAX_BYTES: Final = 512 << 20
"""The most bytes of a record batch, which is unpacked as a whole."""

_HEADER_TYPE, _HEADER = 1, 2
_DICTIONARY, _RECORDS = 2, 3
_LENGTH, _BUFFERS, _COMPRESSION = 0, 2, 3
_PLAIN: Final = -1


class TooLargeError(Exception):
    """A piece of a file is larger than its bound."""


def count_rows(stream: Any) -> int:
    """Return how many rows the record batches of a stream are.

    Raises:
        TooLargeError: one of them, or a dictionary, is too large.
        pyarrow.ArrowException, ValueError, EOFError: the stream is broken.
    """
    rows = 0
    reader = pa.ipc.MessageReader.open_stream(stream)
    while True:
        try:
            message = reader.read_next_message()
        except StopIteration:
            return rows
        table = _Table.root(message.metadata.to_pybytes())
        kind = table.byte(_HEADER_TYPE)
        if kind not in (_DICTIONARY, _RECORDS):
            continue
        header = table.table(_HEADER)
        records = header if kind == _RECORDS else header.table(1)
        _check(records, message.body)
        rows += records.long(_LENGTH) if kind == _RECORDS else 0


def _check(records: "_Table", body: Any) -> None:
    size = body.size
    if records.place(_COMPRESSION):
        for offset, length in records.pairs(_BUFFERS):
            if length == 0:
                continue
            if offset < 0 or length < 8 or offset + length > body.size:
                raise ValueError
            unpacked = struct.unpack_from("<q", body, offset)[0]
            if unpacked < _PLAIN:
                raise ValueError
            size += max(0, unpacked)
    if size > MAX_BYTES:
        raise TooLargeError


class _Table:
    """A table of FlatBuffers: a place whose first word leads to the offsets of its members."""

    def __init__(self, data: bytes, at: int) -> None:
        self._data = data
        self._at = at
        self._members = at - self._word("<i", at)

    @classmethod
    def root(cls, data: bytes) -> "_Table":
        return cls(data, _unpack("<I", data, 0))

    def place(self, member: int) -> int:
        """Return where a member stands, 0 when it is left out."""
        slot = 4 + 2 * member
        offset = self._word("<H", self._members + slot) if slot < self._word("<H", self._members) else 0
        return self._at + offset if offset else 0

    def byte(self, member: int) -> int:
        place = self.place(member)
        return self._word("<B", place) if place else 0

    def long(self, member: int) -> int:
        place = self.place(member)
        found = self._word("<q", place) if place else 0
        if found < 0:
            raise ValueError
        return found

    def table(self, member: int) -> "_Table":
        place = self.place(member)
        if not place:
            raise ValueError
        return _Table(self._data, place + self._word("<I", place))

    def pairs(self, member: int) -> list[tuple[int, int]]:
        """Return a vector of structs of two 64-bit numbers."""
        place = self.place(member)
        if not place:
            return []
        begin = place + self._word("<I", place)
        count = self._word("<I", begin)
        if begin + 4 + 16 * count > len(self._data):
            raise ValueError
        return list(struct.iter_unpack("<qq", self._data[begin + 4 : begin + 4 + 16 * count]))

    def _word(self, form: str, at: int) -> int:
        return _unpack(form, self._data, at)


def _unpack(form: str, data: bytes, at: int) -> int:
    if not 0 <= at <= len(data) - struct.calcsize(form):
        raise ValueError
    return int(struct.unpack_from(form, data, at)[0])
