"""Logs and bundles in memory: made honestly, or by an operator who holds the key and rewrites what was."""

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from audit.bundle import CUSTOMER, LOG, BundleWriter, Scope, encode_hashes
from audit.checkpoint import Checkpoint, sign_checkpoint
from audit.entries import Entry, Principal, format_entry, frame_of
from audit.merkle import Frontier, leaf_hash
from audit.note import SignerKey
from audit.subjects import commit_subjects, split_subjects
from audit.tiles import Tile, TiledTree, consistency_proof, inclusion_proof, read_frontier

SIGNER = SignerKey("log.example.org/log", bytes(range(32)))
READER = Principal("os:reader", "agent")
MADE_AT = "2026-02-01T00:00:00.000000+00:00"


def entry(number: int, **facts: Any) -> bytes:
    """The bytes of an entry about one customer."""
    blocks = split_subjects([number])
    made = Entry("disclosure", "read", READER, None, {"rows": number, **facts}, subjects=[number])
    at = f"2026-01-01T{number // 3600 % 24:02}:{number // 60 % 60:02}:{number % 60:02}.000000+00:00"
    return format_entry(made, frame_of(made, at), {"customers": 1, "subjects": commit_subjects(blocks)})


@dataclass
class MemoryLog:
    """A log that is nothing but its entries."""

    entries: list[bytes] = field(default_factory=list)
    signer: SignerKey = SIGNER

    def read_tiles(self, tiles: Sequence[Tile], /) -> list[bytes]:
        return [self._tile(tile) for tile in tiles]

    def _tile(self, tile: Tile) -> bytes:
        leaves, span = list(map(leaf_hash, self.entries)), 256**tile.level
        starts = range(tile.index * 256 * span, (tile.index * 256 + tile.width) * span, span)
        return b"".join(Frontier().append(leaves[start : start + span]).root() for start in starts)

    def tree(self) -> TiledTree:
        return TiledTree(len(self.entries), self)

    def note(self, size: int | None = None) -> bytes:
        """The signed checkpoint of the first entries."""
        size = len(self.entries) if size is None else size
        root = Frontier().append(map(leaf_hash, self.entries[:size])).root()
        return sign_checkpoint(Checkpoint(self.signer.name, size, root), self.signer)

    def bundle(self, first: int = 0, end: int | None = None, *, olds: Sequence[int] = ()) -> bytes:
        """The log, or a part of it."""
        size = len(self.entries)
        end = size if end is None else end
        sink, tree = io.BytesIO(), self.tree()
        writer = self._begun(sink, Scope(LOG, first, end, MADE_AT), olds)
        if first:
            writer.line("edge", encode_hashes([read_frontier(first, reader=tree).encode()])[0])
        writer.line("rest", encode_hashes(consistency_proof(end, size, reader=tree)))
        for data in self.entries[first:end]:
            writer.entry(data)
        writer.seal(self.signer)
        return sink.getvalue()

    def person(self, numbers: Sequence[int], *, olds: Sequence[int] = ()) -> bytes:
        """Some entries, with their proofs."""
        sink, tree = io.BytesIO(), self.tree()
        writer = self._begun(sink, Scope(CUSTOMER, 0, len(self.entries), MADE_AT), olds)
        for number in numbers:
            writer.entry(self.entries[number])
            proof = inclusion_proof(number, len(self.entries), reader=tree)
            writer.line("path", {"hashes": encode_hashes(proof), "number": number})
        writer.seal(self.signer)
        return sink.getvalue()

    def _begun(self, sink: io.BytesIO, scope: Scope, olds: Sequence[int]) -> BundleWriter:
        writer, tree = BundleWriter(sink.write), self.tree()
        writer.scope(scope)
        writer.line("key", self.signer.verifier.format())
        writer.line("checkpoint", self.note().decode())
        for old in olds:
            proof = consistency_proof(old, len(self.entries), reader=tree)
            writer.line("old", {"hashes": encode_hashes(proof), "note": self.note(old).decode()})
        return writer


def log_of(count: int) -> MemoryLog:
    """A log of so many entries."""
    return MemoryLog([entry(number) for number in range(count)])
