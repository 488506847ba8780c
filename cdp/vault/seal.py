"""Sealed segments and notes: their format, their padding, and what they are bound to.

AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce, design section 5:

    segment = header ‖ nonce[12] ‖ ciphertext ‖ tag[16]
    header  = 1 (format, u8) ‖ schema (u32) ‖ key version (u16), big endian
    associated data = "cdp/seal/1|" ‖ table ‖ "|" ‖ row id ‖ "|" ‖ segment ‖ "|" ‖ header

    note    = 1 (format, u8) ‖ nonce[12] ‖ ciphertext ‖ tag[16]
    associated data = "cdp/note/1|" ‖ context

The names of table and segment hold no "|" and the header has a fixed length, so the associated data can be read in one
way only, whatever the row id. The plaintext is a JSON object {field: value}, for a note a JSON string, with spaces
after it up to 64, 128, 256, 512, 1024 or the next multiple of 1024 bytes: spaces after a JSON text mean nothing, so
nothing has to say where they begin, and of a short value only the bucket shows.

Nonces come from the operating system for each segment or each call, never from state of this process that a fork would
copy. A customer's key seals few segments; the key of the notes may seal 2^32 (SP 800-38D, 8.3).
"""

import os
import re
import struct
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from cdp.errors import BadInput
from cdp.terms import Value
from cdp.vault.faults import fault

FORMAT: Final = 1
BUCKETS: Final = (64, 128, 256, 512, 1024)
KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12

_HEADER: Final = struct.Struct(">BIH")
_START: Final = _HEADER.size + NONCE_BYTES
_NAME: Final = re.compile(r"[a-z][a-z0-9_]*")


class Header(NamedTuple):
    """What a segment says of itself in the clear. To be believed only once the segment has opened."""

    format: int
    schema: int
    key_version: int


class Sealer:
    """Seals and opens one kind of segment of one table; make it once, since it holds what is the same for all rows."""

    def __init__(self, table: str, segment: str) -> None:
        if not (_NAME.fullmatch(table) and _NAME.fullmatch(segment)):  # INVARIANT: no "|" in either, see above
            raise BadInput("segment_name", "not the name of a table and of a segment", path="segment")
        self._path = f"{table}/{segment}"
        self._before = f"cdp/seal/1|{table}|".encode()
        self._after = f"|{segment}|".encode()

    def seal(self, key: bytes, row_id: str, values: Mapping[str, Value], *, schema: int, key_version: int = 1) -> bytes:
        """The segment that holds these values.

        Raises:
            BadInput: `value_unsealable` for a value that is no JSON.
        """
        return self.seal_rows({"": key}, [("", row_id, values)], schema=schema, key_version=key_version)[0]

    def seal_rows(
        self,
        keys: Mapping[str, bytes],
        rows: Iterable[tuple[str, str, Mapping[str, Value]]],
        *,
        schema: int,
        key_version: int = 1,
    ) -> list[bytes]:
        """The segments of many rows, each given as customer, row id and values, under the keys of their customers.

        A list and not a generator: its nonces are taken at once, and a generator that was forked would use them twice.

        Raises:
            Unavailable: `key_missing` for a customer without a key.
        """
        rows = list(rows)
        head = _HEADER.pack(FORMAT, schema, key_version)
        before, after = self._before, self._after + head
        nonces = os.urandom(NONCE_BYTES * len(rows))
        sealed = []
        for number, (customer_id, row_id, values) in enumerate(rows):
            key = keys.get(customer_id)
            if key is None:
                raise fault("key_missing", self._path)
            nonce = nonces[number * NONCE_BYTES : (number + 1) * NONCE_BYTES]
            sealed.append(head + nonce + _cipher(key).encrypt(nonce, _pad(values), before + row_id.encode() + after))
        return sealed

    def unseal(self, key: bytes, row_id: str, blob: bytes) -> dict[str, Value]:
        """The values in a segment.

        Raises:
            Unavailable: `segment_damaged` if anything at all does not fit.
        """
        try:
            head = blob[: _HEADER.size]
            if head[0] != FORMAT:
                raise fault("segment_damaged", self._path)
            bound = self._before + row_id.encode() + self._after + head
            values = orjson.loads(_cipher(key).decrypt(blob[_HEADER.size : _START], blob[_START:], bound))
        except (InvalidTag, ValueError, IndexError):  # ValueError: cut within the nonce, or no JSON
            raise fault("segment_damaged", self._path) from None
        if not isinstance(values, dict):
            raise fault("segment_damaged", self._path)
        return values

    def unseal_rows(
        self, keys: Mapping[str, bytes], rows: Iterable[tuple[str, str, bytes | None]]
    ) -> list[dict[str, Value] | None]:
        """The values of many rows, each given as customer, row id and segment; None where key or segment is gone."""
        unseal, get = self.unseal, keys.get
        return [
            unseal(key, row_id, blob) if (key := get(customer_id)) is not None and blob is not None else None
            for customer_id, row_id, blob in rows
        ]

    def header(self, blob: bytes) -> Header:
        """The header of a segment, whose format is known.

        Raises:
            Unavailable: `segment_damaged`.
        """
        if len(blob) < _START or blob[0] != FORMAT:
            raise fault("segment_damaged", self._path)
        return Header(*_HEADER.unpack_from(blob))


def seal(
    key: bytes, *, table: str, row_id: str, segment: str, schema: int, key_version: int, values: Mapping[str, Value]
) -> bytes:
    """One segment, as `Sealer.seal`; for many, make the Sealer once."""
    return Sealer(table, segment).seal(key, row_id, values, schema=schema, key_version=key_version)


def unseal(key: bytes, blob: bytes, *, table: str, row_id: str, segment: str) -> dict[str, Value]:
    """The values of one segment, as `Sealer.unseal`; for many, make the Sealer once."""
    return Sealer(table, segment).unseal(key, row_id, blob)


def seal_note(key: bytes, context: str, text: str) -> bytes:
    """A short text under a platform key; `context` says where it belongs, and no two notes should share it."""
    nonce = os.urandom(NONCE_BYTES)
    return bytes((FORMAT,)) + nonce + _cipher(key).encrypt(nonce, _pad(text), b"cdp/note/1|" + context.encode())


def unseal_note(key: bytes, context: str, blob: bytes) -> str:
    """The text of a note.

    Raises:
        Unavailable: `note_damaged` if anything at all does not fit.
    """
    try:
        if blob[0] == FORMAT:
            nonce, sealed = blob[1 : 1 + NONCE_BYTES], blob[1 + NONCE_BYTES :]
            text = orjson.loads(_cipher(key).decrypt(nonce, sealed, b"cdp/note/1|" + context.encode()))
            if isinstance(text, str):
                return text
    except (InvalidTag, ValueError, IndexError):
        pass
    raise fault("note_damaged", "note")


def padded_length(length: int) -> int:
    """The bucket of a plaintext of this length."""
    for bucket in BUCKETS:
        if length <= bucket:
            return bucket
    return -(-length // BUCKETS[-1]) * BUCKETS[-1]


def _pad(value: Mapping[str, Value] | str) -> bytes:
    try:
        text = orjson.dumps(value)
    except orjson.JSONEncodeError:  # its text can hold the value
        raise BadInput("value_unsealable", "a value is no JSON", hint="coerce values first") from None
    return text.ljust(padded_length(len(text)))


def _cipher(key: bytes) -> AESGCM:
    if len(key) != KEY_BYTES:  # a shorter one would quietly choose AES-128
        raise fault("key_damaged", "key")
    return AESGCM(key)
