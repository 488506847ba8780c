"""Recording what a customer refuses or allows: flags, history and log entry in one transaction, all of it or nothing.

Design section 2, line 5: anything may tighten; only the person, or staff on the person's recorded word, loosens.
Portal, console and command line come here; apps and sources that pass on a refusal go by
`cdp.services.pass_on`.
"""

import base64
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from audit.entries import Entry, Principal, timestamp
from cdp.acts import record_acts
from cdp.bootstrap import InForce, Platform
from cdp.catalogue.document import nearest
from cdp.errors import BadInput, Refused
from cdp.services.customers import find_customer
from consent.choices import Choices, parse_choice
from consent.events import OF_THE_PERSON, Event, Evidence, Source, State
from consent.history import read_events
from consent.precedence import refused_flags
from consent.residence import read_regimes

SKEW: Final = timedelta(minutes=5)
"""How far the clock of whoever tells us may be ahead of ours; what is ahead within that counts from now."""


def clock() -> datetime:
    """Return the time now."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Wish:
    """One thing that she refuses or allows; `choice` as `consent.choices` writes it."""

    choice: str
    state: State


@dataclass(frozen=True)
class Said:
    """How it came here.

    Attributes:
        source: `portal` for the person herself, `staff` for her word recorded by staff.
        word: what she said, in clear; it is kept sealed. Staff takes nothing back without it.
        effective_at: from when it counts, ISO 8601 with an offset; empty for now.
    """

    source: Source = Source.STAFF
    word: str = ""
    evidence: Evidence = field(default_factory=Evidence)
    effective_at: str = ""
    reference: str | None = None


@dataclass(frozen=True)
class Stated:
    """What holds of a customer afterwards."""

    customer_id: str
    refused: frozenset[str]


def state_choices(
    platform: Platform, customer: str, wishes: Sequence[Wish], *, principal: Principal, said: Said
) -> Stated:
    """Record what a customer refuses and allows.

    Raises:
        BadInput: `unknown_opt_out`, `unknown_purpose`, `bad_choice_name`, `contradictory_choices`, `bad_time`,
            `future_time`.
        Refused: `word_needed`, `not_her_word`.
        NotFound: `unknown_customer`.
    """
    in_force = platform.in_force(fresh=True)
    wanted = check_wishes(in_force, wishes)
    loosens = any(wish.state is State.ALLOWED for wish in wanted)
    if loosens:
        _require_her_word(said)
    with platform.door.record(_entry(in_force, wanted, said, principal)) as change:
        found = find_customer(change.conn, in_force, platform.vault, customer)
        said = replace(said, evidence=replace(said.evidence, actor=principal.name))
        regimes = read_regimes(change.conn, in_force.catalogue, in_force.policy.regime, [found.customer_id])
        events = _events(platform, found.customer_id, wanted, said, regimes[found.customer_id].jurisdiction)
        record_acts(change.conn, in_force.catalogue, events, platform.vault.refusals)
        history = read_events(change.conn, found.customer_id)
        change.subjects.append(found.ordinal)
    return Stated(found.customer_id, refused_flags(history, Choices.of(in_force.catalogue)))


def check_wishes(in_force: InForce, wishes: Sequence[Wish]) -> list[Wish]:
    """Return the wishes, each once and by the catalogue's own names.

    Raises:
        BadInput: as `state_choices`.
    """
    choices, known = Choices.of(in_force.catalogue), in_force.catalogue.opt_outs
    wanted: dict[str, Wish] = {}
    for wish in wishes:
        choice = parse_choice(wish.choice)
        if choice.opt_out not in known:
            hint = nearest(choice.opt_out, known) or f"they are {', '.join(known)}"
            raise BadInput("unknown_opt_out", "the catalogue has no such opt-out", path="opt_out", hint=hint)
        purposes = {*in_force.policy.purposes, *(each.purpose for each in in_force.catalogue.narrower.values())}
        if choice.purpose is not None and choice.purpose not in purposes:
            hint = nearest(choice.purpose, [each for each in purposes if each])
            raise BadInput("unknown_purpose", "the policy has no such purpose", path="purpose", hint=hint)
        name = choices.canonical(wish.choice)
        if wanted.setdefault(name, replace(wish, choice=name)).state is not wish.state:
            raise BadInput("contradictory_choices", "one choice is both refused and allowed", path="choice")
    if not wanted:
        raise BadInput("contradictory_choices", "nothing is refused or allowed", path="choice")
    return list(wanted.values())


def effective_time(said: str, now: datetime) -> str:
    """Return the time from which an act counts, as the history writes it.

    Raises:
        BadInput: `bad_time`, `future_time`.
    """
    if not said:
        return timestamp(now)
    try:
        at = datetime.fromisoformat(said)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        hint = "write it as 2026-03-02T14:00:00+01:00"
        raise BadInput("bad_time", "this is no time with its offset from UTC", path="effective_at", hint=hint)
    if at > now + SKEW:
        raise BadInput("future_time", "an act cannot count from a time that has not come", path="effective_at")
    try:
        return timestamp(min(at, now))
    except OverflowError:
        raise BadInput("bad_time", "this time is out of range", path="effective_at") from None


def _require_her_word(said: Said) -> None:
    if said.source not in OF_THE_PERSON:
        raise Refused("not_her_word", "only the customer herself takes a refusal back", path="source")
    if said.source is Source.STAFF and not said.word.strip():
        hint = 'give what she said and how: `--word "by phone, 3 March: wants the newsletter again"`'
        raise Refused("word_needed", "only the customer's own word takes a refusal back", path="word", hint=hint)


def _entry(in_force: InForce, wanted: Sequence[Wish], said: Said, principal: Principal) -> Entry:
    """Return the entry of the change. INVARIANT: choices are of the catalogue's names, so it holds no value."""
    states = {wish.state for wish in wanted}
    act = "state_choices" if len(states) > 1 else "opt_out" if State.REFUSED in states else "opt_in"
    facts = {"source": str(said.source), "choices": {wish.choice: str(wish.state) for wish in wanted}}
    return Entry("change", act, principal, in_force.versions, facts)


def _events(
    platform: Platform, customer_id: str, wanted: Sequence[Wish], said: Said, jurisdiction: str | None
) -> list[Event]:
    now = clock()
    at, received = effective_time(said.effective_at, now), timestamp(now)
    events = []
    for wish in wanted:
        event_id = str(uuid.uuid4())
        word = platform.vault.seal_note(f"consent/{event_id}", said.word) if said.word else b""
        evidence = replace(said.evidence, word=base64.b64encode(word).decode())
        events.append(
            Event(
                customer_id, wish.choice, wish.state, said.source, at, received, evidence,
                jurisdiction, said.reference, event_id,
            )
        )  # fmt: skip
    return events
