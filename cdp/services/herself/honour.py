"""Global Privacy Control of a customer's own browser, signed in: it refuses for her what it stands for.

W3C draft of April 2026. It is written down once: what she then decides on the page, which tells her of it, is her own
later word, and the same browser does not overrule her with every page. That it is absent says nothing.
"""

from contextlib import suppress
from typing import Final

from audit.entries import HERSELF, Entry, timestamp
from cdp.acts import record_acts
from cdp.bootstrap import Platform
from cdp.services.customers import find_customer
from cdp.store.lookup import lock_customers
from consent.choices import Choices
from consent.events import Event, Evidence, Source, State
from consent.history import read_events
from consent.residence import read_regimes
from consent.signals.read import Refusals, gpc_signal

REFERENCE: Final = "portal"
"""What its acts belong to, as those of events belong to their source."""


class _Already(Exception):
    """There is nothing to add; the transaction need not leave a trace."""


def honour(platform: Platform, customer_id: str, *, request_id: str) -> None:
    """Record what the signal refuses, with its entry, unless that is in her history.

    Raises:
        NotFound: `unknown_customer`.
        Unavailable: the database or the log cannot serve.
    """
    in_force, signal = platform.in_force(), Refusals((gpc_signal(),))
    entry = Entry("change", "opt_out", HERSELF, in_force.versions, {"source": str(Source.SIGNAL)})
    with suppress(_Already), platform.door.record(entry) as change:
        conn, catalogue = change.conn, in_force.catalogue
        found = find_customer(conn, in_force, platform.vault, customer_id)
        lock_customers(conn, catalogue, [found.customer_id])
        hers = read_regimes(conn, catalogue, in_force.policy.regime, [found.customer_id])[found.customer_id]
        wanted = {Choices.of(catalogue).canonical(choice) for choice in signal.choices(hers.regime)}
        wanted -= {
            Choices.of(catalogue).canonical(event.choice)
            for event in read_events(conn, found.customer_id)
            if event.source is Source.SIGNAL and event.reference == REFERENCE
        }
        if not wanted:
            raise _Already
        now = timestamp()
        said = Evidence(actor=HERSELF.name, request_id=request_id, more={"signals": ["gpc"], "said": ["Sec-GPC"]})
        events = [
            Event(
                found.customer_id, choice, State.REFUSED, Source.SIGNAL, now, now, said, hers.jurisdiction, REFERENCE
            )
            for choice in sorted(wanted)
        ]  # fmt: skip
        record_acts(conn, catalogue, events, platform.vault.refusals)
        change.facts["choices"] = {choice: str(State.REFUSED) for choice in sorted(wanted)}
        change.subjects.append(found.ordinal)
