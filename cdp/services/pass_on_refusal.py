"""Passing on what a customer refuses: for apps, sources and others who may tighten and may not know who is a customer.

The answer is the same whether there is such a customer or not, and so is the work that is seen of it: one entry.
"""

from collections.abc import Sequence

from audit.entries import Entry, Principal
from cdp.bootstrap import Platform
from cdp.errors import NotFound, Refused
from cdp.services.state_choices import Said, Wish, check_wishes, state_choices
from consent.events import OF_THE_PERSON, Evidence, Source, State


def pass_on_refusal(
    platform: Platform,
    customer: str,
    refused: Sequence[str],
    *,
    principal: Principal,
    source: Source = Source.INGEST,
    evidence: Evidence = Evidence(),  # noqa: B008 -- it is frozen
    effective_at: str = "",
) -> None:
    """Record that a customer refuses these choices, if there is such a customer.

    Raises:
        BadInput: as `state_choices`; it depends on the choices alone.
        Refused: `not_her_word`, for a source that speaks for the person.
    """
    if source in OF_THE_PERSON:
        raise Refused("not_her_word", "who passes a refusal on does not speak for the customer", path="source")
    wishes = [Wish(choice, State.REFUSED) for choice in refused]
    said = Said(source, evidence=evidence, effective_at=effective_at)
    try:
        state_choices(platform, customer, wishes, principal=principal, said=said)
    except NotFound:
        in_force = platform.in_force()
        choices = {wish.choice: str(wish.state) for wish in check_wishes(in_force, wishes)}
        facts = {"source": str(source), "choices": choices, "code": "unknown_customer"}
        platform.door.note(Entry("refusal", "opt_out", principal, in_force.versions, facts))
