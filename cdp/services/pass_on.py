"""A refusal that an app passes on for a person: it tightens, and nothing that an app says ever loosens.

The answer is the same whoever is named: one who is there, one who is not, one who refused before. An app that may not
know whether a person is here does not learn it by refusing for her; what it said of nobody is on the log.
"""

import base64
import uuid
from collections.abc import Sequence

from audit.entries import Entry, Principal, timestamp
from cdp.acts import record_acts
from cdp.bootstrap import InForce, Platform
from cdp.errors import BadInput, NotFound, Unavailable
from cdp.services.customers import find_customer
from cdp.services.idempotency import Once, Outcome, begin, recall, remember
from cdp.services.state_choices import Wish, check_wishes
from consent.events import Event, Evidence, Source, State
from consent.residence import read_regimes

TAKEN = 204
MAX_CHOICES = 50


def pass_on(
    platform: Platform, customer: str, choices: Sequence[str], *, principal: Principal, word: str, once: Once
) -> Outcome:
    """Record that a person refuses, as an app heard it.

    Args:
        customer: her id, or an identifier as `email:ann@example.org`.
        choices: what she refuses, as `consent.choices` writes it.
        word: what she said, if the app has it; it is kept sealed.

    Raises:
        BadInput: `unknown_opt_out`, `unknown_purpose`, `bad_choice_name`, `empty_change`.
        Refused: `in_flight`, `idempotency_mismatch`.
        Unavailable: the database, the keys or the log cannot serve.
    """
    for attempt in (1, 2):
        done = recall(platform, once)
        if done is not None:
            return done
        in_force = platform.in_force(fresh=attempt > 1)
        known = _known(in_force, choices)
        try:
            return _record(platform, in_force, customer, known, principal=principal, word=word, once=once)
        except NotFound:
            return _record_nobody(platform, in_force, known, principal=principal, once=once)
        except Unavailable as error:
            if attempt == 2 or error.code not in ("superseded", "store_conflict"):
                raise
    raise AssertionError


def _record(
    platform: Platform, in_force: InForce, customer: str, choices: list[str], *, principal: Principal, word: str,
    once: Once,
) -> Outcome:  # fmt: skip
    facts = {"opt_out": choices, "state": str(State.REFUSED), "source": str(Source.INGEST)}
    with platform.door.record(Entry("change", "opt_out", principal, in_force.versions, facts)) as change:
        begin(change.conn, once)
        found = find_customer(change.conn, in_force, platform.vault, customer)
        now, events = timestamp(), []
        regimes = read_regimes(change.conn, in_force.catalogue, in_force.policy.regime, [found.customer_id])
        region = regimes[found.customer_id].jurisdiction
        for choice in choices:
            event_id = str(uuid.uuid4())
            sealed = base64.b64encode(platform.vault.seal_note(f"consent/{event_id}", word)).decode() if word else ""
            evidence = Evidence(actor=principal.name, word=sealed)
            events.append(
                Event(
                    found.customer_id, choice, State.REFUSED, Source.INGEST, now, now, evidence, region,
                    event_id=event_id,
                )
            )  # fmt: skip
        record_acts(change.conn, in_force.catalogue, events, platform.vault.refusals)
        change.subjects.append(found.ordinal)
        outcome = Outcome(TAKEN)
        remember(change.conn, once, outcome)
    return outcome


def _record_nobody(
    platform: Platform, in_force: InForce, choices: list[str], *, principal: Principal, once: Once
) -> Outcome:
    """Record what was said of somebody who is not here.

    INVARIANT 1: its key is used up as that of any other request, or a second request under it would tell who is here.
    """
    facts = {"opt_out": choices, "code": "unknown_customer"}
    with platform.door.record(Entry("refusal", "opt_out", principal, in_force.versions, facts)) as change:
        begin(change.conn, once)
        outcome = Outcome(TAKEN)
        remember(change.conn, once, outcome)
    return outcome


def _known(in_force: InForce, choices: Sequence[str]) -> list[str]:
    """Return the choices by the catalogue's own names, each once; what the log says of them is no value of a caller."""
    if not choices or len(choices) > MAX_CHOICES:
        raise BadInput("empty_change", "a refusal names at least one opt-out", path="opt_outs")
    return [wish.choice for wish in check_wishes(in_force, [Wish(choice, State.REFUSED) for choice in choices])]
