"""Writing bundles out of the stored log: the whole of it, a part, or one person's entries with their proofs.

`audit.bundle` is the format, `audit.verify` checks it. Entries leave byte for byte as they are stored, in batches.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, func, select

from audit.about import Known, entries_of
from audit.bundle import CUSTOMER, LOG, BundleWriter, Scope, encode_hashes
from audit.checkpoint import Checkpoint, parse_checkpoint
from audit.entries import parse_entry
from audit.note import SignerKey, parse_note
from audit.stored_checkpoint import read_newest
from audit.stored_tree import StoredTiles
from audit.subjects import SubjectBlock
from audit.tiles import TiledTree, consistency_proof, inclusion_proof, read_frontier
from audit.verify_log import UnsealNote
from cdp.errors import Unavailable
from cdp.store.platform import LOG_CHECKPOINT, LOG_ENTRY, LOG_NOTE, LOG_SUBJECT

BATCH: Final = 1_000
DAYS: Final = 400
"""How many days back a bundle has the last checkpoint of each day."""


@dataclass(frozen=True, slots=True)
class Material:
    """What every bundle has: the checkpoints that are asked for besides, the key of the log, and the time."""

    earlier: tuple[bytes, ...]
    signer: SignerKey
    made_at: str


@dataclass(frozen=True, slots=True)
class Range:
    """Which entries: numbers, or times as the entries have them; None is open."""

    since: int | str | None = None
    until: int | str | None = None


def write_log(conn: Connection, writer: BundleWriter, material: Material, which: Range) -> int:
    """Write a bundle of the entries in a range, as one transaction sees the log; return how many they are."""
    note, now = _newest(conn)
    first, end = _bounds(conn, now.size, which)
    tree = TiledTree(now.size, StoredTiles(conn.execute))
    writer.scope(Scope(LOG, first, end, material.made_at))
    _head(writer, material, note, [*_daily(conn, now.size), *material.earlier], tree)
    if first:
        writer.line("edge", encode_hashes([read_frontier(first, reader=tree).encode()])[0])
    writer.line("rest", encode_hashes(consistency_proof(end, now.size, reader=tree)))
    for start in range(first, end, BATCH):
        for _, data in _entries(conn, range(start, min(start + BATCH, end))):
            writer.entry(data)
    writer.seal(material.signer)
    return end - first


def write_person(
    conn: Connection, writer: BundleWriter, material: Material, which: Range, *,
    numbers: Sequence[Known], unseal_note: UnsealNote, withheld: Collection[str] = (),
) -> int:  # fmt: skip
    """Write a bundle of the entries about one customer, each with its inclusion proof; return how many they are.

    INVARIANT: nothing of it says who else was read; a set of customers is shown only where she is all of it, and a
    reason only there: what is said of many may name others, and under somebody else's number it was said of both.

    Args:
        withheld: grants of break-glass of which she is not told yet; what was done by them is left out.
    """
    note, now = _newest(conn)
    first, end = _bounds(conn, now.size, which)
    tree = TiledTree(now.size, StoredTiles(conn.execute))
    writer.scope(Scope(CUSTOMER, first, end, material.made_at))
    _head(writer, material, note, [*_daily(conn, now.size), *material.earlier], tree)
    whose = {number: names for number, names in entries_of(conn, numbers).items() if first <= number < end}
    hers, written = list(whose), 0
    for start in range(0, len(hers), BATCH):
        for number, data in _entries(conn, hers[start : start + BATCH]):
            if parse_entry(data).get("break_glass") in withheld:
                continue
            written += 1
            writer.entry(data)
            proof = inclusion_proof(number, now.size, reader=tree)
            writer.line("path", {"hashes": encode_hashes(proof), "number": number})
            if whose[number] and parse_entry(data)["customers"] == 1:
                _open(conn, writer, number, unseal_note)
    writer.seal(material.signer)
    return written


def kept_from(conn: Connection) -> int:
    """Return the number of the first entry that is still there."""
    return int(conn.execute(select(func.min(LOG_ENTRY.c.number))).scalar_one() or 0)


def _newest(conn: Connection) -> tuple[bytes, Checkpoint]:
    """Return the newest signed checkpoint, as it is stored and as it is read."""
    note = read_newest(conn)
    if note is None:
        raise Unavailable(
            "log_unsigned", "the log has no signed checkpoint yet", path="log", hint="`cdp log checkpoint`"
        )
    return note, _checkpoint(note)


def _daily(conn: Connection, size: int) -> list[bytes]:
    """Return the last checkpoint of each day, the oldest first."""
    c = LOG_CHECKPOINT.c
    last = select(func.max(c.size)).where(c.size < size).group_by(func.substr(c.signed_at, 1, len("2026-01-01")))
    sizes = sorted(conn.execute(last).scalars())[-DAYS:]
    rows = conn.execute(select(c.note).where(c.size.in_(sizes)).order_by(c.size))
    return [bytes(row.note) for row in rows]


def _checkpoint(note: bytes) -> Checkpoint:
    return parse_checkpoint(parse_note(note)[0])


def _head(writer: BundleWriter, material: Material, note: bytes, earlier: Sequence[bytes], tree: TiledTree) -> None:
    writer.line("key", material.signer.verifier.format())
    writer.line("checkpoint", note.decode())
    size = _checkpoint(note).size
    for each in earlier:
        old = _checkpoint(each).size
        if old > size:
            message = f"the log has {size:,} entries, fewer than the {old:,} of the earlier checkpoint"
            raise Unavailable("log_rolled_back", message, path="--checkpoint", hint="keep both files for an expert")
        proof = consistency_proof(old, size, reader=tree)
        writer.line("old", {"hashes": encode_hashes(proof), "note": each.decode()})


def _bounds(conn: Connection, size: int, which: Range) -> tuple[int, int]:
    kept = kept_from(conn)
    first = kept if which.since is None else _place(conn, which.since, kept, size)
    end = size if which.until is None else _place(conn, which.until, kept, size)
    return first, max(first, end)


def _place(conn: Connection, bound: int | str, low: int, high: int) -> int:
    """Return the number at which a bound lies; a time is looked for as in a book, since entries are in its order."""
    if isinstance(bound, int):
        return min(max(bound, low), high)
    while low < high:
        middle = (low + high) // 2
        at = parse_entry(next(_entries(conn, [middle]))[1])["at"]
        low, high = (middle + 1, high) if at < bound else (low, middle)
    return low


def _entries(conn: Connection, numbers: Sequence[int]) -> Iterator[tuple[int, bytes]]:
    """Yield entries that all have to be there."""
    c = LOG_ENTRY.c
    wanted = select(c.number, c.entry)
    if isinstance(numbers, range):
        wanted = wanted.where(c.number >= numbers.start, c.number < numbers.stop)
    else:
        wanted = wanted.where(c.number.in_(numbers))
    found = {number: bytes(entry) for number, entry in conn.execute(wanted)}
    for number in numbers:
        if number not in found:
            hint = "run `cdp log verify`; entries that were dropped when their time was over are not exported"
            raise Unavailable("entry_missing", "an entry is not there", path=f"entry {number}", hint=hint)
        yield number, found[number]


def _open(conn: Connection, writer: BundleWriter, number: int, unseal_note: UnsealNote) -> None:
    c, n = LOG_SUBJECT.c, LOG_NOTE.c
    block = conn.execute(select(c.block, c.salt, c.members).where(c.entry == number)).one_or_none()
    if block is not None:
        member = SubjectBlock(block.block, bytes(block.salt), bytes(block.members)).ordinals()[0] & 0xFFFF
        salt = encode_hashes([bytes(block.salt)])[0]
        writer.line("alone", {"block": block.block, "member": member, "salt": salt})
    note = conn.execute(select(n.salt, n.sealed).where(n.entry == number)).one_or_none()
    if note is not None:
        salt_bytes = bytes(note.salt)
        text = unseal_note(salt_bytes.hex(), bytes(note.sealed))
        writer.line("reason", {"salt": encode_hashes([salt_bytes])[0], "text": text})
