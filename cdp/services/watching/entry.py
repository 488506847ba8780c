"""One entry of the log: what it says, why, and the proof that it is there, checked on the spot."""

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, select

from audit.cosignature import Policy
from audit.entries import Entry, Principal, parse_entry
from audit.merkle import TreeError
from audit.note import NoteError
from audit.passage import Chunk
from audit.proof import check_inclusion, parse_inclusion
from audit.subjects import SubjectBlock
from cdp.bootstrap import InForce, Platform
from cdp.errors import NotFound
from cdp.services.log_public import prove_inclusion
from cdp.store.platform import LOG_ENTRY, LOG_NOTE, LOG_SUBJECT

_MOST: Final = 1 << 62


@dataclass(frozen=True)
class Told:
    """An entry.

    Attributes:
        data: its bytes, which the proof is about.
        reason: why, in the reader's own words; empty where none was given, or it is not for who asks.
        signed: of how many entries the checkpoint is that it was proven against; none while it waits for one.
        fault: what is wrong with the proof, in the verifier's words; empty while it holds.
    """

    number: int
    body: dict[str, Any]
    data: bytes
    reason: str
    signed: int | None
    fault: str


@dataclass
class _Looking:
    """The entry as the door reads it; a reason is about those whom the entry is about."""

    platform: Platform
    in_force: InForce
    number: int
    reasons: bool

    def entry(self, principal: Principal) -> Entry:
        """Return the entry of the look."""
        facts = {"of": self.number, "reason_shown": self.reasons}
        return Entry("disclosure", "log_entry", principal, self.in_force.versions, facts)

    def read(self, conn: Connection, _position: object | None) -> Chunk:
        """Read it."""
        c = LOG_ENTRY.c
        data = conn.execute(select(c.entry).where(c.number == self.number)).scalar_one_or_none()
        if data is None:
            raise _nothing()
        reason, subjects = self._reason(conn) if self.reasons else ("", [])
        return Chunk([(bytes(data), reason)], subjects, None)

    def _reason(self, conn: Connection) -> tuple[str, list[int]]:
        n, s = LOG_NOTE.c, LOG_SUBJECT.c
        note = conn.execute(select(n.salt, n.sealed).where(n.entry == self.number)).one_or_none()
        if note is None:
            return "", []
        blocks = conn.execute(select(s.block, s.salt, s.members).where(s.entry == self.number))
        about = [SubjectBlock(block, bytes(salt), bytes(members)) for block, salt, members in blocks]
        reason = self.platform.vault.unseal_note(bytes(note.salt).hex(), bytes(note.sealed))
        return reason, [ordinal for each in about for ordinal in each.ordinals()]


def read_entry(platform: Platform, number: int, *, principal: Principal, reasons: bool) -> Told:
    """Return an entry of the log.

    Args:
        platform: the open store.
        number: which.
        principal: who asks.
        reasons: whether why it was done is told, too.

    Raises:
        NotFound: `not_found`: there is none, or it was dropped.
        Unavailable: the database, the keys or the log cannot serve.
    """
    if not 0 <= number < _MOST:
        raise _nothing()
    reading = _Looking(platform, platform.in_force(fresh=True), number, reasons)
    [(data, reason)] = [row for rows in platform.door.disclose(reading, principal) for row in rows]
    signed, fault = _proven(platform, number, data)
    return Told(number, parse_entry(data), data, reason, signed, fault)


def _proven(platform: Platform, number: int, data: bytes) -> tuple[int | None, str]:
    try:
        proof = prove_inclusion(platform, number)
    except NotFound:
        return None, ""
    except TreeError as error:
        return None, str(error)
    try:
        return check_inclusion(parse_inclusion(proof), data, Policy(platform.keeper.verifier)).size, ""
    except (TreeError, NoteError) as error:
        return None, str(error)


def _nothing() -> NotFound:
    return NotFound("not_found", "there is no such thing here")
