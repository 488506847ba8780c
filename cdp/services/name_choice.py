"""Naming a choice by its parts: an opt-out, a channel, a purpose, as people give them."""

from cdp.bootstrap import Platform
from cdp.catalogue.document import nearest
from cdp.errors import BadInput
from consent.choices import Choice, Choices


def name_choice(platform: Platform, opt_out: str | None, channel: str | None, purpose: str | None) -> str:
    """Return the choice as the history writes it.

    A purpose alone is that of the narrowest opt-out that it is subject to: to refuse it there is enough to stop it.

    Raises:
        BadInput: `choice_missing`, `unknown_purpose`, `purpose_unbound`.
    """
    in_force = platform.in_force(fresh=True)
    if opt_out is None:
        if purpose is None:
            hint = f"name one of {', '.join(in_force.catalogue.opt_outs)}, or a purpose"
            raise BadInput("choice_missing", "this says nothing that could be refused", path="opt_out", hint=hint)
        known = in_force.policy.purposes.get(purpose)
        if known is None:
            hint = nearest(purpose, in_force.policy.purposes)
            raise BadInput("unknown_purpose", "the policy has no such purpose", path="purpose", hint=hint)
        if not known.subject_to:
            message = "the purpose is subject to no opt-out: its legal basis allows none"
            raise BadInput("purpose_unbound", message, path="purpose")
        choices = Choices.of(in_force.catalogue)
        opt_out = max(known.subject_to, key=lambda name: len(choices.lineage(name)))
    return Choice(opt_out, channel, purpose).format()
