"""The policy as a kind of document that is proposed."""

from typing import Final

from audit.entries import Principal
from cdp.bootstrap import InForce, Platform
from cdp.catalogue.document import Document as Parsed, parse_document, validate
from cdp.services.lock_out import require_sight
from cdp.services.proposals.dump import to_yaml
from cdp.services.proposals.kinds import Judged, Settle
from cdp.services.proposals.records import proposals_of_versions
from cdp.services.publish import publish_policy
from cdp.services.statements.publish import hold_to_statement
from views.check import Finding, check_policy
from views.policy import Policy
from views.policy_effects import widens

NAME: Final = "policy.yaml"


class PolicyDocument:
    """Drafts of the policy."""

    kind = "policy"

    def version(self, in_force: InForce) -> int:
        """As `Document.version`."""
        return in_force.policy_version

    def judge(self, platform: Platform, in_force: InForce, text: str) -> Judged:
        """As `Document.judge`."""
        policy, findings = read_draft(platform, in_force, text)
        wider = widens(in_force.catalogue, in_force.policy, policy)
        return Judged(findings, wider, same=policy == in_force.policy)

    def publish(
        self, platform: Platform, in_force: InForce, text: str, *, principal: Principal, why: str, settle: Settle
    ) -> int:
        """As `Document.publish`."""
        policy, _ = read_draft(platform, in_force, text)
        return publish_policy(platform, policy, principal=principal, over=in_force, why=why, settle=settle).version


POLICIES: Final = PolicyDocument()


def parse_draft(text: str) -> tuple[Policy, Parsed]:
    """Return a draft as a policy by itself, and where each key of it stands.

    Raises:
        BadInput, Several: it is malformed; each fault with its line.
    """
    document = parse_document(text, NAME)
    return validate(Policy, document), document


def read_draft(platform: Platform, in_force: InForce, text: str) -> tuple[Policy, tuple[Finding, ...]]:
    """Return a draft as a policy that may come into force, and what is odd about it.

    Raises:
        BadInput, Several: it is malformed, does not fit the catalogue, breaks the statement (`statement_broken`), or
            locks somebody out (`locks_out`).
    """
    policy, document = parse_draft(text)
    findings = tuple(check_policy(in_force.catalogue, policy, document))
    hold_to_statement(platform, in_force.catalogue, policy)
    require_sight(in_force.catalogue, in_force.policy, policy)
    return policy, findings


def text_of(platform: Platform, version: int) -> str:
    """Return a version as YAML: as it was typed, where it was; else written out from what is kept."""
    proposed = proposals_of_versions(platform, PolicyDocument.kind, [version]).get(version)
    return proposed.text if proposed else to_yaml(platform.policy(version))
