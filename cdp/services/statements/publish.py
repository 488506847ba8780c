"""Bringing the next statement into force, and holding a policy to the one in force."""

from dataclasses import dataclass

from audit.entries import Entry, Principal, timestamp
from cdp.bootstrap import Platform
from cdp.catalogue.model import Catalogue
from cdp.errors import BadInput, Refused, Unavailable
from cdp.services.statements.draft import Draft, remove_draft, require_draft, require_revision
from cdp.services.statements.known import statement_in_force, statements
from cdp.services.statements.tell import begin_telling
from cdp.services.statements.written import read_fields
from cdp.store.stating import STATEMENT_VERSION
from cdp.store.versions import add_version, lock_force
from views.check import Finding
from views.policy import STATEMENT, Policy
from views.statement.document import Statement
from views.statement.lint import lint


@dataclass(frozen=True)
class Stated:
    """What came into force, and what is odd about it. `changed` is false when it was in force already."""

    number: int
    findings: tuple[Finding, ...]
    changed: bool = True


def publish_statement(
    platform: Platform, statement: Statement, *, principal: Principal, letters: bool = True, revision: str = ""
) -> Stated:
    """Bring a statement into force; from then on customers who have not read it are told of it.

    Args:
        letters: whether they are told by mail, too; of the first one nobody is, since nothing has changed.
        revision: that of the draft which it is; the draft is done with then.

    Raises:
        Several: `statement_broken`: the policy in force breaks what it promises.
        BadInput: `statement_version`: another text was published under the same version.
        Refused: `draft_moved`.
    """
    in_force = platform.in_force(fresh=True)
    findings = tuple(lint(in_force.catalogue, in_force.policy, statement))
    known = statements(platform)
    if known and known[0].statement.digest == statement.digest:
        return Stated(known[0].number, findings, changed=False)
    if any(each.statement.version == statement.version for each in known):
        message = "another text was published under this version: what people have read does not change"
        raise BadInput("statement_version", message, path="version", hint="give it another `version`")
    facts = {"statement": statement.version, "digest": statement.digest, "letters": letters and bool(known)}
    with platform.door.record(Entry("change", "publish_statement", principal, in_force.versions, facts)) as change:
        force = lock_force(change.conn)
        if (force.catalogue_digest, force.policy_digest) != (in_force.catalogue.digest, in_force.policy.digest):
            raise Unavailable("superseded", "the catalogue or the policy has changed meanwhile", hint="try again")
        at = timestamp()
        number = add_version(
            change.conn, STATEMENT_VERSION, digest=statement.digest, body=statement.body, author=principal.name, at=at
        )
        if number != len(known) + 1:
            raise Unavailable("superseded", "another statement was published meanwhile", hint="try again")
        if revision:
            require_revision(change.conn, revision)
            remove_draft(change.conn)
        begin_telling(change.conn, number, at=at, letters=letters and bool(known))
    return Stated(number, findings)


def publish_draft(platform: Platform, *, revision: str, principal: Principal, letters: bool) -> Stated:
    """Bring the draft into force, as somebody had it before her.

    Raises:
        NotFound: `no_draft`.
        Refused: `draft_moved`; `draft_stale`: another version came into force since it was begun; `second_needed`:
            the policy wants another person than who saved it last.
        Several: as `read_fields` and `publish_statement`.
    """
    draft = require_draft(platform)
    published = statement_in_force(platform)
    if draft.base != (published.number if published else 0):
        hint = "look at what changed, take it over, and save the draft again"
        raise Refused("draft_stale", "another version came into force since the draft was begun", hint=hint)
    if needs_other(platform, draft, principal):
        hint = "ask another officer to look at it and publish it"
        raise Refused("second_needed", "the policy wants the statement published by somebody else", hint=hint)
    statement = read_fields(draft.fields)
    return publish_statement(platform, statement, principal=principal, letters=letters, revision=revision)


def needs_other(platform: Platform, draft: Draft, principal: Principal) -> bool:
    """Return whether the policy wants somebody else to publish a draft than who saved it last."""
    return STATEMENT in platform.in_force(fresh=True).policy.two_officers and draft.author == principal.name


def hold_to_statement(platform: Platform, catalogue: Catalogue, policy: Policy) -> None:
    """Return if a policy keeps what the statement in force promises, or there is none.

    Raises:
        Several: `statement_broken`.
    """
    published = statement_in_force(platform)
    if published is not None:
        lint(catalogue, policy, published.statement)
