"""A customer's own act, signed in: she refuses something, or takes it back. Effective with the next read anywhere."""

import uuid

from audit.entries import HERSELF, Entry, timestamp
from cdp.bootstrap import Platform
from cdp.errors import BadInput
from cdp.services.customers import find_customer
from consent.events import Event, Evidence, Source, State
from consent.flags import add_events


def decide(platform: Platform, customer_id: str, opt_out: str, state: State, *, evidence: Evidence) -> None:
    """Record her act with its entry, and set the flag, in one transaction.

    Args:
        evidence: what she was shown: language and digest of the text, and the request.

    Raises:
        BadInput: `unknown_opt_out`.
        NotFound: `unknown_customer`.
    """
    in_force = platform.in_force(fresh=True)
    if opt_out not in in_force.catalogue.opt_outs:
        raise BadInput("unknown_opt_out", "the catalogue has no such opt-out", path="opt_out")
    act = "opt_out" if state is State.REFUSED else "opt_in"
    facts = {"opt_out": opt_out, "state": str(state), "source": str(Source.PORTAL)}
    with platform.door.record(Entry("change", act, HERSELF, in_force.versions, facts)) as change:
        found = find_customer(change.conn, in_force, platform.vault, customer_id)
        now = timestamp()
        event = Event(
            found.customer_id, opt_out, state, Source.PORTAL, now, now, evidence, event_id=str(uuid.uuid4())
        )  # fmt: skip
        add_events(change.conn, in_force.catalogue, [event])
        change.subjects.append(found.ordinal)
