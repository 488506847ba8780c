"""A proposal of a colleague's that waits for the officer: more for some, less for others, and a replay to look at."""

from audit.entries import Principal
from cdp.bootstrap import Platform
from cdp.services.demo.files import POLICY
from cdp.services.proposals.deciding import ask_second
from cdp.services.proposals.drafting import begin_draft
from cdp.services.proposals.policies import POLICIES
from cdp.services.proposals.records import list_proposals
from views.policy import load_policy

_WHY = "Customer care asks for the statistics; the newsletter needs no names. 客服需要统计数据；资讯邮件不需要姓名。"
_EDITS = (("roles: [analyst]\n    fields: [birth", "roles: [analyst, agent]\n    fields: [birth"),
          ("fields: [full_name, email]", "fields: [email]"))  # fmt: skip


def propose_policy(platform: Platform, *, author: Principal) -> None:
    """Have somebody propose it, once for all demos; over a policy of the visitor's own nothing is proposed."""
    in_force = platform.in_force(fresh=True)
    if list_proposals(platform, POLICIES.kind) or in_force.policy != load_policy(POLICY):
        return
    text = POLICY.read_text()
    for old, new in _EDITS:
        text = text.replace(old, new, 1)
    made = begin_draft(platform, POLICIES, text, base=in_force.policy_version, why=_WHY, principal=author)
    ask_second(platform, POLICIES, made.number, seen=made.digest, principal=author)
