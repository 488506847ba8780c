"""Checking a bundle, from its first byte to its last, with no more memory than a batch of entries takes.

RFC 9162 section 2.1 for the tree, C2SP for checkpoints and cosignatures. In this order, since a bundle is read once:

    1. the checkpoint is signed by the log, and cosigned by the witnesses that are demanded
    2. earlier checkpoints are signed by the log, and the log has at least as many entries as each
    3. the log: the tree before the first entry is the beginning of the checkpoint's
       a person's entries: each is proven by a path to the root, their numbers ascend
    4. each entry is in its one format; times go forward
    5. the tree over the entries passes through every earlier checkpoint and ends in the signed one
    6. every byte is under the seal, and nothing follows it
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from typing import Any, BinaryIO, Final

from audit.bundle import (
    CUSTOMER,
    LOG,
    BundleReader,
    NotVerified,
    Scope,
    decode_bytes,
    decode_hashes,
    malformed,
    number,
)
from audit.commitments import commit_blocks, commit_reason
from audit.cosignature import Policy, WitnessKey, cosigned
from audit.entry_format import EntryError, parse_body
from audit.merkle import BrokenTree, Frontier, ProofError, leaf_hash, verify_consistency, verify_inclusion
from audit.note import VerifierKey
from audit.verify.held import Held, Signed, earlier
from audit.walk import TOLERANCE, Clock, Walk, WrongEntry

BATCH: Final = 2_048
_SALT_BYTES: Final = 16
_ONE_MEMBER: Final = bytes.fromhex("3a300000010000000000000010000000")
"""How a roaring bitmap of one member begins, which then follows in two bytes (RoaringFormatSpec)."""


@dataclass
class Report:
    """What was checked, what could not be, and what is odd, in words."""

    scope: Scope
    checkpoint: Signed
    entries: int = 0
    steps: list[str] = field(default_factory=list)
    limits: list[str] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Trust:
    """What the one who checks brings along: the keys that he knows, and the checkpoints that he remembers."""

    key: VerifierKey | None = None
    remembered: tuple[bytes, ...] = ()
    witnesses: tuple[WitnessKey, ...] = ()
    quorum: int | None = None


def verify_bundle(file: BinaryIO, trust: Trust | None = None) -> Report:
    """Check a bundle.

    Raises:
        NotVerified: something is not what it claims to be; with the notes that contradict each other, if any.
        NoteError: something is not signed as demanded.
    """
    trust = trust or Trust()
    reader = BundleReader(file)
    scope = reader.scope()
    stated = VerifierKey.parse(reader.note("key").decode())
    if trust.key is not None and trust.key.public != stated.public:
        raise NotVerified("wrong_key", "the bundle is not that of the log whose key was given")
    policy = Policy(stated, trust.witnesses, trust.quorum)
    note = reader.note("checkpoint")
    now = Signed(policy(note), note)  # 1
    if scope.end > now.size:
        raise malformed("it has more entries than its checkpoint signs for")
    report = Report(scope, now)
    held = _held(reader, stated, now, trust)  # 2
    clock = _person(reader, report) if scope.about == CUSTOMER else _log(reader, report, held)  # 3, 4, 5
    held.finish()
    reader.finish(stated)  # 6
    report.findings += clock.findings
    _say(report, trust, held, clock, cosigned(note, trust.witnesses))
    return report


def _held(reader: BundleReader, log: VerifierKey, now: Signed, trust: Trust) -> Held:
    proofs: dict[int, tuple[bytes, ...]] = {}
    remembered = [earlier(note, log) for note in trust.remembered]
    while reader.peek() == "old":
        said = reader.record("old", "hashes", "note")
        if not isinstance(said["note"], str):
            raise malformed("an earlier checkpoint of it is no note")
        one = earlier(said["note"].encode(), log)
        remembered.append(one)
        proofs[one.size] = decode_hashes(said["hashes"])
    held = Held(now, remembered)
    for size, proof in proofs.items():
        held.prove(size, proof)
    return held


def _log(reader: BundleReader, report: Report, held: Held) -> Clock:
    scope = report.scope
    edge = Frontier()
    if scope.first:
        try:
            edge = Frontier.decode(decode_bytes(reader.value("edge")))
        except BrokenTree:
            raise malformed("the right edge of its tree is none") from None
        if edge.size != scope.first:
            raise malformed("the right edge is that of a tree of another size")
    rest = decode_hashes(reader.value("rest"))
    walk = Walk(edge)
    entries = reader.entries()
    held.compare(edge.size, edge.root())
    for size in (*held.sizes(edge.size, scope.end), scope.end):
        _grow(walk, entries, size)
        held.compare(size, walk.edge.root())
    report.entries = scope.end - scope.first
    root = walk.edge.root()
    _consistent(rest, scope.end, root, report, "the tree over the entries is not the one that the checkpoint signs for")
    return walk.clock


def _grow(walk: Walk, entries: Iterator[bytes], size: int) -> None:
    while walk.edge.size < size:
        batch = list(islice(entries, min(BATCH, size - walk.edge.size)))
        if not batch:
            raise NotVerified("bundle_short", f"the bundle ends before entry {walk.edge.size}")
        try:
            walk.step(batch)
        except WrongEntry as error:
            raise NotVerified("entry_wrong", f"entry {error.number} is not in its format: {error}") from None


def _consistent(proof: Sequence[bytes], size: int, root: bytes, report: Report, message: str) -> None:
    now = report.checkpoint.checkpoint
    try:
        verify_consistency(proof, old_size=size, old_root=root, new_size=now.size, new_root=now.root)
    except ProofError:
        raise NotVerified("tree_differs", message, report.checkpoint.note) from None


def _person(reader: BundleReader, report: Report) -> Clock:
    """Check entries that stand far apart, each by its own path."""
    clock, last = Clock(), -1
    now = report.checkpoint.checkpoint
    for data in reader.entries():
        said = reader.record("path", "hashes", "number")
        at = number(said["number"])
        if not last < at or not report.scope.first <= at < report.scope.end:
            raise NotVerified("entry_order", f"entry {at} does not stand in the order of the log, or twice")
        body = _body(data, at)
        try:
            verify_inclusion(leaf_hash(data), decode_hashes(said["hashes"]), index=at, size=now.size, root=now.root)
        except ProofError:
            message = f"entry {at} is not in the tree that the checkpoint signs for"
            raise NotVerified("entry_not_in_log", message, report.checkpoint.note) from None
        _opened(reader, body, at)
        clock.tick(at, body["at"])
        last = at
        report.entries += 1
    return clock


def _body(data: bytes, at: int) -> dict[str, Any]:
    try:
        return parse_body(data)
    except EntryError as error:
        raise NotVerified("entry_wrong", f"entry {at} is not in its format: {error}") from None


def _opened(reader: BundleReader, body: dict[str, Any], at: int) -> None:
    """Check what is shown of the commitments of an entry."""
    if reader.peek() == "alone":
        said = reader.record("alone", "block", "member", "salt")
        salt, member = decode_bytes(said["salt"]), number(said["member"])
        shown = commit_blocks([(number(said["block"]), salt, _ONE_MEMBER + (member & 0xFFFF).to_bytes(2, "little"))])
        if member > 0xFFFF or len(salt) != _SALT_BYTES or body["customers"] != 1 or shown != body.get("subjects"):
            raise NotVerified("commitment_differs", f"entry {at} does not commit to the one customer that is shown")
    if reader.peek() == "reason":
        said = reader.record("reason", "salt", "text")
        if not isinstance(said["text"], str) or commit_reason(decode_bytes(said["salt"]), said["text"]) != body.get(
            "reason"
        ):
            raise NotVerified("commitment_differs", f"entry {at} does not commit to the reason that is shown")


def _say(report: Report, trust: Trust, held: Held, clock: Clock, seen: dict[WitnessKey, int]) -> None:
    now, scope = report.checkpoint.checkpoint, report.scope
    report.steps.append(
        f"the checkpoint of {now.origin} signs for {now.size:,} entries, root {now.root.hex()}"
        + (", with the key that you gave" if trust.key else "")
    )
    if trust.key is None:
        report.limits.append("whose key it is: the bundle gives it; compare it with what you know, or give it as --key")
    for witness, time in seen.items():
        at = datetime.fromtimestamp(time, UTC)
        report.steps.append(f"the witness {witness.name} saw this checkpoint by {at:%Y-%m-%d %H:%M:%S} UTC")
        if clock.latest and datetime.fromisoformat(clock.latest) > at + TOLERANCE:
            report.findings.append(
                f"the clock is ahead: an entry says {clock.latest}, after the witness {witness.name} saw it"
            )
    for one in held.compared:
        report.steps.append(f"it grew out of the checkpoint of {one.size:,} entries")
    if not held.compared:
        report.limits.append("whether it grew out of what it said before: no earlier checkpoint was given")
    if not trust.witnesses:
        report.limits.append("whether others are shown another history: no witness was demanded")
    if scope.about == LOG:
        report.steps.append(
            f"{report.entries:,} entries, {scope.first:,} to {scope.end:,}, each in its format, without a gap, and the "
            "tree over them is the one that is signed for"
        )
        if scope.end < now.size:
            report.limits.append(f"the {now.size - scope.end:,} entries after them: they are not in this bundle")
        report.limits.append("whom entries are about and why: that lies beside the log, and `cdp log verify` checks it")
    else:
        report.steps.append(f"{report.entries:,} entries, each in its format, and proven to be in that log")
        report.limits.append(
            "whether these are all entries about the person: only whoever holds the store can show that"
        )
        report.limits.append(
            "that entries about many people are about this one: showing it would show who else they name"
        )
    report.steps.append("every byte of the file is under the seal of the log")
    if not clock.findings:
        report.steps.append("times go forward")
