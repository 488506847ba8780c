"""What events say of refusals: categories of a consent banner, and the browser's own signal.

`context.consent.categoryPreferences` (Segment), `context.consentManagement` (RudderStack) and `Sec-GPC: 1`. A category
stands for the choice that its source maps it to. INVARIANT: only a refusal is heard. A category that is allowed, one
that is not named, and a context without any say nothing: what a program sends is nobody's own word.
"""

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any, Final

from sqlalchemy import Connection

from audit.entries import timestamp
from cdp.bootstrap import InForce
from cdp.ingest.arrived import Arrived
from cdp.ingest.sources import Source
from cdp.services.identity.sighting import Folded
from cdp.store.lookup import lock_customers
from cdp.terms import THIRD_PARTY_DISCLOSURE
from consent.choices import Choices
from consent.events import Event, Evidence, Source as Origin, State
from consent.flags import add_events

GPC_CHOICE: Final = THIRD_PARTY_DISCLOSURE
"""What `Sec-GPC: 1` refuses: sale and sharing. Neither the organisation's own letters nor anything else."""


def refuse(conn: Connection, in_force: InForce, source: Source, kept: Sequence[tuple[Arrived, Folded]]) -> None:
    """Add what the events refuse to the history of those whom they are about: each choice once a batch."""
    received, known = timestamp(), _Known(conn, in_force, {str(person.customer_id) for _, person in kept})
    acts: dict[tuple[str, str], Event] = {}  # by customer and choice
    for each, person in kept:
        for choice, origin, because in _refused(each, source):
            key = (str(person.customer_id), choice)
            if (key in acts and acts[key].effective_at <= each.event.at) or known.withholds(*key):
                continue
            acts[key] = Event(
                key[0], choice, State.REFUSED, origin, each.event.at, max(received, each.event.at),
                Evidence(actor=source.principal.name, more={"signal": because}),
                reference=f"source:{source.name}", event_id=_event_id(each.message, choice),
            )  # fmt: skip
    if acts:
        add_events(conn, in_force.catalogue, [acts[key] for key in sorted(acts)])


class _Known:
    """What those people refuse already: to say it again would add nothing but length to their histories."""

    def __init__(self, conn: Connection, in_force: InForce, people: set[str]) -> None:
        self._choices = Choices.of(in_force.catalogue)
        self._people = lock_customers(conn, in_force.catalogue, people)

    def withholds(self, customer_id: str, choice: str) -> bool:
        person = self._people.get(customer_id)
        return person is not None and self._choices.withheld(choice) <= person.refused


def refused_categories(context: dict[str, Any]) -> set[str]:
    """Return the categories that a context refuses."""
    found: set[str] = set()
    consent = context.get("consent")
    preferences = consent.get("categoryPreferences") if isinstance(consent, dict) else None
    if isinstance(preferences, dict):
        found |= {name for name, allowed in preferences.items() if allowed is not True}
    management = context.get("consentManagement")
    denied = management.get("deniedConsentIds") if isinstance(management, dict) else None
    if isinstance(denied, list):
        found |= {name for name in denied if isinstance(name, str)}
    return found


def _refused(each: Arrived, source: Source) -> Iterator[tuple[str, Origin, str]]:
    if each.gpc:
        yield GPC_CHOICE, Origin.SIGNAL, "gpc"
    if source.consent:
        contexts = [each.event.context]
        if each.event.name == "Segment Consent Preference Updated":
            contexts.append({"consent": each.event.properties})
        refused = set().union(*(refused_categories(context) for context in contexts))
        for category in sorted(refused):
            if category in source.consent:
                yield source.consent[category], Origin.INGEST, "category"


def _event_id(message: str, choice: str) -> str:
    """Return the id of an act: the same for the same message, so that it counts once."""
    digest = hashlib.blake2b(f"{message}|{choice}".encode(), digest_size=16, person=b"cdp/consent/1").hexdigest()
    return f"{digest[:8]}-{digest[8:12]}-{digest[12:16]}-{digest[16:20]}-{digest[20:]}"
