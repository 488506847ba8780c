"""Bringing the next statement into force, and holding a policy to the one in force."""

from dataclasses import dataclass

from audit.entries import Entry, Principal, timestamp
from cdp.bootstrap import Platform
from cdp.catalogue.model import Catalogue
from cdp.errors import BadInput, Unavailable
from cdp.services.statements.known import statement_in_force, statements
from cdp.store.stating import STATEMENT_VERSION
from cdp.store.versions import add_version, lock_force
from views.check import Finding
from views.policy import Policy
from views.statement.document import Statement
from views.statement.lint import lint


@dataclass(frozen=True)
class Stated:
    """What came into force, and what is odd about it. `changed` is false when it was in force already."""

    number: int
    findings: tuple[Finding, ...]
    changed: bool = True


def publish_statement(platform: Platform, statement: Statement, *, principal: Principal) -> Stated:
    """Bring a statement into force; from then on customers who have not read it are told of it.

    Raises:
        Several: `statement_broken`: the policy in force breaks what it promises.
        BadInput: `statement_version`: another text was published under the same version.
    """
    in_force = platform.in_force(fresh=True)
    findings = tuple(lint(in_force.catalogue, in_force.policy, statement))
    known = statements(platform)
    if known and known[0].statement.digest == statement.digest:
        return Stated(known[0].number, findings, changed=False)
    if any(each.statement.version == statement.version for each in known):
        message = "another text was published under this version: what people have read does not change"
        raise BadInput("statement_version", message, path="version", hint="give it another `version`")
    facts = {"statement": statement.version, "digest": statement.digest}
    with platform.door.record(Entry("change", "publish_statement", principal, in_force.versions, facts)) as change:
        force = lock_force(change.conn)
        if (force.catalogue_digest, force.policy_digest) != (in_force.catalogue.digest, in_force.policy.digest):
            raise Unavailable("superseded", "the catalogue or the policy has changed meanwhile", hint="try again")
        number = add_version(
            change.conn, STATEMENT_VERSION, digest=statement.digest, body=statement.body, author=principal.name,
            at=timestamp(),
        )  # fmt: skip
    return Stated(number, findings)


def hold_to_statement(platform: Platform, catalogue: Catalogue, policy: Policy) -> None:
    """Return if a policy keeps what the statement in force promises, or there is none.

    Raises:
        Several: `statement_broken`.
    """
    published = statement_in_force(platform)
    if published is not None:
        lint(catalogue, policy, published.statement)
