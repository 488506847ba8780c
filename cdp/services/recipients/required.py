"""No read for a recipient with whom something was agreed and nothing holds any more: decision 44."""

from cdp.bootstrap import Platform
from cdp.errors import Refused
from cdp.services.recipients.known import holding, list_agreements, today


def require_agreement(platform: Platform, recipient: str) -> None:
    """Do nothing if a recipient may be given something today; with whom nothing was ever agreed, the policy alone says.

    Raises:
        Refused: `no_agreement`.
    """
    agreed = list_agreements(platform, recipient)
    if agreed and not holding(agreed, today()):
        hint = "keep the next agreement with `cdp recipient agree`, or take the view out of the policy"
        raise Refused(
            "no_agreement", "no agreement with the recipient of this view holds today", path="view", hint=hint
        )
