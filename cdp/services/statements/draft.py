"""The next statement while it is being written: one draft for everybody, kept as it was typed, valid or not.

INVARIANT: nothing that somebody saved is overwritten unseen. A draft has a revision, and who saves names the one that
she had before her; of two officers the second is told, and keeps what she typed.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
from sqlalchemy import Connection, delete, insert, select

from audit.entries import Entry, Principal, timestamp
from cdp.bootstrap import Platform
from cdp.errors import BadInput, CdpError, NotFound, Refused, Several
from cdp.services.statements.known import statement_in_force, statements
from cdp.services.statements.written import Fields, field_names, fields_of, read_fields
from cdp.store.stating import STATEMENT_DRAFT
from cdp.store.versions import lock_force
from views.check import Finding
from views.statement.document import Statement
from views.statement.lint import lint

_C: Final = STATEMENT_DRAFT.c


@dataclass(frozen=True)
class Draft:
    """What is being written.

    Attributes:
        revision: names what was saved last.
        base: the number of the version that it was begun from, 0 for none.
        fields: what was typed, by `cdp.services.statements.written.field_names`.
        author: who saved it last, as the log knows her.
    """

    revision: str
    base: int
    fields: Fields
    author: str
    saved_at: str


@dataclass(frozen=True)
class Judged:
    """What is to be said of a draft.

    Attributes:
        statement: what it says; None while it is not finished.
        faults: what keeps it from being published: what is not finished, or what the policy breaks.
        findings: what is odd about it, and keeps nothing.
    """

    statement: Statement | None
    faults: Sequence[CdpError] = ()
    findings: Sequence[Finding] = ()


def find_draft(platform: Platform) -> Draft | None:
    """Return the draft; None while nobody writes one."""
    rows = platform.door.lookup(_query())
    return _draft(rows[0]) if rows else None


def first_fields(platform: Platform) -> tuple[int, dict[str, str]]:
    """Return what a new draft begins with, and from which version: the one in force, or an empty page."""
    published = statement_in_force(platform)
    if published is None:
        return 0, dict.fromkeys(field_names(), "")
    return published.number, fields_of(published.statement)


def judge(platform: Platform, fields: Fields) -> Judged:
    """Hold what was typed to the policy in force."""
    try:
        statement = read_fields(fields)
    except Several as error:
        return Judged(None, error.faults)
    judged = judge_statement(platform, statement)
    known = (each.statement for each in statements(platform))
    if any(each.version == statement.version and each.digest != statement.digest for each in known):
        message = "another text was published under this version: what people have read does not change"
        taken = BadInput("statement_version", message, path="version", hint="give it another `version`")
        return Judged(statement, (taken, *judged.faults), judged.findings)
    return judged


def judge_statement(platform: Platform, statement: Statement) -> Judged:
    """Hold a statement to the policy in force, and say what is wrong in place of raising it."""
    in_force = platform.in_force()
    try:
        return Judged(statement, (), lint(in_force.catalogue, in_force.policy, statement))
    except Several as error:
        return Judged(statement, error.faults)


def save_draft(platform: Platform, fields: Fields, *, revision: str, base: int, principal: Principal) -> Draft:
    """Keep what was typed.

    Args:
        revision: that of the draft which she had before her; empty when there was none.
        base: the version that it is begun from, or that she has held it against since.

    Raises:
        Refused: `draft_moved`: somebody else saved, published or threw away meanwhile.
    """
    kept = {name: fields.get(name, "") for name in field_names()}
    entry = Entry("change", "draft_statement", principal, platform.in_force().versions)
    with platform.door.record(entry) as change:
        lock_force(change.conn)
        require_revision(change.conn, revision)
        draft = Draft(str(uuid.uuid4()), base, kept, principal.name, timestamp())
        remove_draft(change.conn)
        change.conn.execute(
            insert(STATEMENT_DRAFT).values(
                one=1, revision=draft.revision, base=base, body=orjson.dumps(kept).decode(), author=draft.author,
                saved_at=draft.saved_at,
            )
        )  # fmt: skip
        change.facts["revision"] = draft.revision
    return draft


def discard_draft(platform: Platform, *, revision: str, principal: Principal) -> None:
    """Throw the draft away.

    Raises:
        Refused: `draft_moved`.
    """
    facts = {"revision": revision}
    entry = Entry("change", "discard_statement_draft", principal, platform.in_force().versions, facts)
    with platform.door.record(entry) as change:
        lock_force(change.conn)
        require_revision(change.conn, revision)
        remove_draft(change.conn)


def require_draft(platform: Platform) -> Draft:
    """Return the draft.

    Raises:
        NotFound: `no_draft`.
    """
    found = find_draft(platform)
    if found is None:
        raise NotFound("no_draft", "nobody is writing a statement", path="draft", hint="begin one")
    return found


def require_revision(conn: Connection, revision: str) -> Draft | None:
    """Return the draft if it is still as somebody had it before her; the caller holds the lock.

    Raises:
        Refused: `draft_moved`.
    """
    row = conn.execute(_query()).one_or_none()
    found = _draft(row) if row is not None else None
    if (found.revision if found else "") != revision:
        hint = "look at what is there now, and save again"
        raise Refused("draft_moved", "somebody changed the draft meanwhile", path="revision", hint=hint)
    return found


def remove_draft(conn: Connection) -> None:
    """Take the draft away."""
    conn.execute(delete(STATEMENT_DRAFT))


def _query() -> Any:
    return select(_C.revision, _C.base, _C.body, _C.author, _C.saved_at)


def _draft(row: Any) -> Draft:
    revision, base, body, author, saved_at = row
    return Draft(revision, base, orjson.loads(body), author, saved_at)
