"""Opting out of one thing and back in."""

from audit.entries import Principal
from cdp.bootstrap import Platform
from cdp.services.state_choices import Said, Wish, state_choices
from consent.events import State


def refuse(platform: Platform, customer: str, choice: str, *, principal: Principal, word: str = "") -> str:
    """Record that a customer refuses; return her id.

    Raises:
        BadInput, NotFound: as `state_choices`.
    """
    said = Said(word=word)
    return state_choices(platform, customer, [Wish(choice, State.REFUSED)], principal=principal, said=said).customer_id


def allow(platform: Platform, customer: str, choice: str, *, principal: Principal, word: str) -> str:
    """Record that a customer takes a refusal back, on her own word; return her id.

    Raises:
        BadInput, NotFound: as `state_choices`.
        Refused: `word_needed`.
    """
    said = Said(word=word)
    return state_choices(platform, customer, [Wish(choice, State.ALLOWED)], principal=principal, said=said).customer_id
