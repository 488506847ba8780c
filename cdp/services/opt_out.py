"""Opting out and back in: flag, history and log entry in one transaction.

Design section 2, line 5: anything may tighten; only the person, or staff on the person's recorded word, loosens.
"""

import base64
import uuid

from audit.entries import Entry, Principal, timestamp
from cdp.bootstrap import Platform
from cdp.catalogue.document import nearest
from cdp.errors import BadInput, Refused
from cdp.services.customers import find_customer
from consent.events import Event, Evidence, Source, State
from consent.flags import add_events


def refuse(platform: Platform, customer: str, opt_out: str, *, principal: Principal, word: str = "") -> str:
    """Record that a customer refuses; return her id.

    Raises:
        BadInput: `unknown_opt_out`.
        NotFound: `unknown_customer`.
    """
    return _act(platform, customer, opt_out, State.REFUSED, principal=principal, word=word)


def allow(platform: Platform, customer: str, opt_out: str, *, principal: Principal, word: str) -> str:
    """Record that a customer takes a refusal back, on her own word; return her id.

    Raises:
        BadInput: `unknown_opt_out`.
        Refused: `word_needed`.
        NotFound: `unknown_customer`.
    """
    if not word.strip():
        hint = 'give what she said and how: `--word "by phone, 3 March: wants the newsletter again"`'
        raise Refused("word_needed", "only the customer's own word takes a refusal back", path="word", hint=hint)
    return _act(platform, customer, opt_out, State.ALLOWED, principal=principal, word=word)


def _act(platform: Platform, customer: str, opt_out: str, state: State, *, principal: Principal, word: str) -> str:
    in_force = platform.in_force(fresh=True)
    known = in_force.catalogue.opt_outs
    if opt_out not in known:
        hint = nearest(opt_out, known) or f"they are {', '.join(known)}"
        raise BadInput("unknown_opt_out", "the catalogue has no such opt-out", path="opt_out", hint=hint)
    facts = {"opt_out": opt_out, "state": str(state), "source": str(Source.STAFF)}
    act = "opt_out" if state is State.REFUSED else "opt_in"
    with platform.door.record(Entry("change", act, principal, in_force.versions, facts)) as change:
        found = find_customer(change.conn, in_force, platform.vault, customer)
        now, event_id = timestamp(), str(uuid.uuid4())
        sealed = base64.b64encode(platform.vault.seal_note(f"consent/{event_id}", word)).decode() if word else ""
        evidence = Evidence(actor=principal.name, word=sealed)
        event = Event(found.customer_id, opt_out, state, Source.STAFF, now, now, evidence, event_id=event_id)
        add_events(change.conn, in_force.catalogue, [event])
        change.subjects.append(found.ordinal)
    return found.customer_id
