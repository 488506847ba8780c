"""What events say of refusals: the browser's own signal, strings of consent platforms, categories of a banner.

`consent.signals` decodes them. INVARIANT: only a refusal is heard. A category that is allowed, one that is not named,
and a context without any say nothing: what a program sends is nobody's own word.
"""

import hashlib
from collections.abc import Sequence

from sqlalchemy import Connection

from audit.entries import timestamp
from cdp.acts import record_acts
from cdp.bootstrap import InForce
from cdp.ingest.arrived import Arrived
from cdp.ingest.sources import Source
from cdp.services.identity.sighting import Folded
from cdp.store.lookup import lock_customers
from cdp.terms import Value
from cdp.vault.refusals import KeptRefusals
from consent.choices import Choices
from consent.events import Event, Evidence, Source as Origin, State
from consent.history import read_histories
from consent.repeated import standing_from
from consent.residence import read_regimes
from consent.signals.read import HEADER, Refusals, read_signals
from consent.signals.signal import Form

_GPC = ((HEADER, "1"),)
_OWN = frozenset({Form.GPC, Form.GPP, Form.TCF, Form.USP})
"""Forms whose refusals have names of their own; a banner's are words of a stranger."""


def refuse(
    conn: Connection, in_force: InForce, source: Source, kept: Sequence[tuple[Arrived, Folded]], beside: KeptRefusals
) -> None:
    """Add what the events refuse to the histories of those whom they are about, each choice once: the earliest."""
    heard = [
        (each, str(person.customer_id), refusals)
        for each, person in kept
        if (refusals := _heard(each, source)).signals
    ]  # fmt: skip
    if not heard:
        return
    people, received = sorted({customer_id for _, customer_id, _ in heard}), timestamp()
    known = _Known(conn, in_force, people)
    regimes = read_regimes(conn, in_force.catalogue, in_force.policy.regime, people)
    acts: dict[tuple[str, str], Event] = {}  # by customer and choice
    for each, customer_id, refusals in sorted(heard, key=lambda one: (one[0].event.at, one[0].message)):
        for choice in refusals.choices(regimes[customer_id].regime):
            if (customer_id, choice) in acts or known.has(customer_id, choice):
                continue
            acts[customer_id, choice] = Event(
                customer_id, choice, State.REFUSED, Origin.SIGNAL, min(each.event.at, received), received,
                Evidence(actor=source.principal.name, more=_evidence(refusals)),
                reference=f"source:{source.name}", event_id=_event_id(each.message, choice),
            )  # fmt: skip
    if acts:
        record_acts(conn, in_force.catalogue, [acts[key] for key in sorted(acts)], beside)


class _Known:
    """What signals have refused for those people already."""

    def __init__(self, conn: Connection, in_force: InForce, people: Sequence[str]) -> None:
        self._choices = Choices.of(in_force.catalogue)
        lock_customers(conn, in_force.catalogue, people)
        self._standing = {
            customer_id: standing_from(Origin.SIGNAL, history.values(), self._choices)
            for customer_id, history in read_histories(conn, people).items()
        }

    def has(self, customer_id: str, choice: str) -> bool:
        """Return whether a signal's refusal of this choice counts for her."""
        return self._choices.canonical(choice) in self._standing[customer_id]


def _heard(each: Arrived, source: Source) -> Refusals:
    return read_signals(_GPC if each.gpc else (), each.event.context, source.consent)


def _evidence(refusals: Refusals) -> dict[str, Value]:
    """Return what a refusal rests on; the strings themselves stay sealed with the event."""
    names, forms = list[Value](), list[Value]()
    names += sorted({name for signal in refusals.signals if signal.form in _OWN for name in signal.said})
    forms += sorted({str(signal.form) for signal in refusals.signals})
    return {"signals": forms, "said": names}


def _event_id(message: str, choice: str) -> str:
    """Return the id of an act: the same for the same message, so that it counts once."""
    digest = hashlib.blake2b(f"{message}|{choice}".encode(), digest_size=16, person=b"cdp/consent/1").hexdigest()
    return f"{digest[:8]}-{digest[8:12]}-{digest[12:16]}-{digest[16:20]}-{digest[20:]}"
