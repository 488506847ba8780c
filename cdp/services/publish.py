"""Bringing the two files into force: the first versions by `init`, the next policy by `publish`.

Design section 4, Versions. The next catalogue comes into force through `cdp.services.model`, which re-shapes rows.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection

from audit.door import Change
from audit.entries import Entry, Principal, timestamp
from cdp.bootstrap import InForce, Platform
from cdp.catalogue.model import Catalogue
from cdp.errors import Refused, Unavailable
from cdp.services.lock_out import require_sight
from cdp.services.spread_regimes import spread_regimes
from cdp.services.statements.publish import hold_to_statement
from cdp.store.platform import CATALOGUE_VERSION, POLICY_VERSION
from cdp.store.tables import build_schema, keep_statistics_off
from cdp.store.tokens import give_tokens, wait_for_writers
from cdp.store.versions import add_version, bind_vault, lock_force, put_catalogue_in_force, put_policy_in_force
from cdp.terms import Kind
from views.check import Finding, check_policy
from views.policy import Policy


@dataclass(frozen=True)
class Published:
    """What came into force, and what is odd about it. `changed` is false when it was in force already."""

    version: int
    digest: str
    findings: tuple[Finding, ...]
    changed: bool = True


def initialise(platform: Platform, catalogue: Catalogue, policy: Policy, *, principal: Principal) -> Published:
    """Create the tables of the catalogue and bring both files into force, unless some are already.

    Raises:
        Several: the policy does not fit the catalogue.
        Refused: `already_initialised`, when other versions are in force.
    """
    findings = tuple(check_policy(catalogue, policy))
    force = platform.force()
    if force.catalogue_version:
        if (force.catalogue_digest, force.policy_digest) == (catalogue.digest, policy.digest):
            return Published(force.policy_version, policy.digest, findings, changed=False)
        hint = "use `cdp model apply` and `cdp policy publish` to change it"
        raise Refused("already_initialised", "another catalogue or policy is in force", hint=hint)
    facts = {"catalogue": catalogue.digest, "policy": policy.digest}
    with platform.door.record(Entry("change", "init", principal, None, facts)) as change:
        conn, at = change.conn, timestamp()
        schema = build_schema(catalogue, conn.dialect.name)
        schema.metadata.create_all(conn)
        keep_statistics_off(conn, schema)
        first = add_version(
            conn, CATALOGUE_VERSION, digest=catalogue.digest, body=catalogue.body, author=principal.name, at=at
        )
        put_catalogue_in_force(conn, first, catalogue.digest)
        version = _publish(conn, catalogue, policy, principal, at)
        bind_vault(conn, platform.vault.fingerprint)
    return Published(version, policy.digest, findings)


def publish_policy(
    platform: Platform, policy: Policy, *, principal: Principal, over: InForce | None = None, why: str = "",
    settle: Callable[[Change, int], None] = lambda _change, _version: None,
) -> Published:  # fmt: skip
    """Bring a policy into force; from its entry on, the door gives nothing out that an older one decided.

    Where its regimes are others, customers are refused what they refuse before that, and once more afterwards: those
    who came meanwhile.

    Args:
        over: what it was judged against, and may take the place of; by default whatever is in force.
        why: in the words of who proposed it.
        settle: what is done besides in the same transaction, with the number of the version.

    Raises:
        Several: the policy does not fit the catalogue in force, breaks the statement in force (`statement_broken`), or
            locks people out (`locks_out`).
        Unavailable: `superseded`.
    """
    in_force = platform.in_force(fresh=True)
    if over is not None and over.versions != in_force.versions:
        raise _superseded()
    findings = tuple(check_policy(in_force.catalogue, policy))
    if policy.digest == in_force.policy.digest:
        return Published(in_force.policy_version, policy.digest, findings, changed=False)
    hold_to_statement(platform, in_force.catalogue, policy)
    require_sight(in_force.catalogue, in_force.policy, policy)
    moved = policy.regime != in_force.policy.regime
    if moved:
        spread_regimes(platform, policy.regime, principal=principal)
    facts = {"catalogue": in_force.catalogue.digest, "policy": policy.digest, "policy_before": in_force.policy.digest}
    with platform.door.record(Entry("change", "publish_policy", principal, None, facts, reason=why)) as change:
        wait_for_writers(change.conn, in_force.catalogue, _scopes(policy))
        force = lock_force(change.conn)
        if (force.catalogue_digest, force.policy_digest) != (in_force.catalogue.digest, in_force.policy.digest):
            raise _superseded()
        if force.applying is not None:
            hint = "try again when `cdp model apply` is done"
            raise Unavailable("catalogue_applying", "a new catalogue is being applied", hint=hint)
        version = _publish(change.conn, in_force.catalogue, policy, principal, timestamp())
        settle(change, version)
    platform.in_force(fresh=True)
    if moved:
        spread_regimes(platform, policy.regime, principal=principal)
    return Published(version, policy.digest, findings)


def _superseded() -> Unavailable:
    return Unavailable("superseded", "the catalogue or the policy has changed meanwhile", hint="try again")


def _publish(conn: Connection, catalogue: Catalogue, policy: Policy, principal: Principal, at: str) -> int:
    version = add_version(conn, POLICY_VERSION, digest=policy.digest, body=policy.body, author=principal.name, at=at)
    put_policy_in_force(conn, version, policy.digest)
    give_tokens(conn, catalogue, _scopes(policy))
    return version


def _scopes(policy: Policy) -> set[tuple[str, str]]:
    """Return within what rows are named by tokens: pairs of scope and entity."""
    return {(view.scope, view.entity) for view in policy.views.values() if view.kind is Kind.SELECTIVE}
