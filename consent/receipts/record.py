"""The record in a receipt: what was said, what it is about, and what follows from it.

ISO/IEC TS 27560:2023, clause 6, in the terms that the DPV guide gives for it: a header (schema, record, principal), the
processing (notice, purpose, data, controller, storage, recipients, withdrawal) and events (time, type, state, entity).
INVARIANT: it holds no value of a field and no word of hers: categories, names of the policy, times and states only.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final

import orjson

from consent.choices import PROFILE, Choices
from consent.events import OF_THE_PERSON, Event, State
from consent.precedence import refused_flags
from consent.receipts.vocabulary import data_term, dpv, legal_basis_term, purpose_terms

SCHEMA: Final = "https://w3id.org/dpv/schema/dpv-27560#record"


@dataclass(frozen=True)
class Use:
    """A purpose of the policy, as far as an opt-out stops it, with what its views read.

    Attributes:
        opt_outs: the opt-outs that it is subject to.
        categories: the Fideslang categories of the fields that its views show.
        retention: how long those fields are kept, as the catalogue has it; in order, each once.
    """

    purpose: str
    legal_basis: str
    opt_outs: frozenset[str]
    categories: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    retention: tuple[str, ...] = ()


@dataclass(frozen=True)
class Circumstances:
    """What holds for every receipt of a platform, or of this customer.

    Attributes:
        origin: the public URL of the platform, which stands for who runs it.
        regime: the name and version of hers.
        versions: the digests of catalogue and policy.
    """

    origin: str
    regime: str
    jurisdiction: str | None
    uses: Sequence[Use]
    versions: Mapping[str, str] = field(default_factory=dict)


@lru_cache
def context() -> dict[str, Any]:
    """Return the JSON-LD context that stands in every receipt; nobody has to fetch one."""
    found: dict[str, Any] = orjson.loads((files(__package__) / "context.json").read_bytes())
    return found


def build_record(
    history: Collection[Event],
    choices: Choices,
    circumstances: Circumstances,
    *,
    record_id: str,
    customer_id: str,
    at: str,
    act: Event | None = None,
) -> dict[str, Any]:
    """Return the record of one act, or without one of the whole history and the state that it amounts to."""
    concerned = choices.withheld(act.choice) if act else frozenset(choices.names)
    refused = refused_flags(history, choices)
    acts = [act] if act else [event for event in history if event.choice != PROFILE]
    said = {key: text for key, text in circumstances.versions.items() if text}
    where = {"jurisdiction": circumstances.jurisdiction} if circumstances.jurisdiction else {}
    return {
        "@context": context(),
        "id": f"urn:uuid:{record_id}",
        "type": "ConsentRecord",
        "identifier": record_id,
        "conformsTo": SCHEMA,
        "created": at,
        "scope": "act" if act else "state",
        "dataSubject": {"type": "Customer", "identifier": customer_id},
        "controller": {"id": circumstances.origin, "type": "DataController"},
        "regime": circumstances.regime,
        **where,
        **said,
        "process": [
            _process(name, refused, circumstances, acts) for name in choices.names if name in concerned
        ],
        "event": [_event(each, history, choices) for each in acts],
    }  # fmt: skip


def _process(
    name: str, refused: Collection[str], circumstances: Circumstances, acts: Sequence[Event]
) -> dict[str, Any]:  # fmt: skip
    uses = [use for use in circumstances.uses if name in use.opt_outs]
    categories = sorted({each for use in uses for each in use.categories})
    notices = sorted({each.evidence.statement for each in acts if each.evidence.statement})
    languages = sorted({each.evidence.locale for each in acts if each.evidence.locale})
    return {
        "type": "Process",
        "optOut": name,
        "status": dpv("ConsentRefused") if name in refused else dpv("ConsentGiven") if _given(name, acts)
        else dpv("ConsentUnknown"),
        "purpose": [
            *({"id": term, "type": "Purpose"} for term in purpose_terms(name)),
            *({"type": "Purpose", "identifier": use.purpose, "legalBasis": legal_basis_term(use.legal_basis)}
              for use in uses),
        ],
        "personalData": [{"type": data_term(each), "category": each} for each in categories],
        "recipient": sorted({each for use in uses for each in use.recipients}),
        "storage": [
            {"type": "StorageLocation", "location": circumstances.origin},
            *({"type": "StorageDuration", "duration": each}
              for each in sorted({each for use in uses for each in use.retention})),
        ],
        "notice": [{"type": "ConsentNotice", "identifier": each} for each in notices],
        "language": languages,
        "withdrawal": {"type": "WithdrawConsent", "page": f"{circumstances.origin}/portal"},
    }  # fmt: skip


def _given(name: str, acts: Sequence[Event]) -> bool:
    return any(each.is_her_word and each.state is State.ALLOWED and each.choice == name for each in acts)


def _event(event: Event, history: Collection[Event], choices: Choices) -> dict[str, Any]:
    said = event.evidence
    evidence = {"statement": said.statement, "textDigest": said.text_digest, "request": said.request_id}
    where = {"jurisdiction": event.jurisdiction} if event.jurisdiction else {}
    return {
        "type": "ConsentEvent",
        "identifier": event.event_id,
        "choice": event.choice,
        "state": str(event.state),
        "status": dpv(_status(event, history, choices)),
        "time": event.effective_at,
        "received": event.received_at,
        "source": str(event.source),
        "entity": dpv("DataSubject" if event.source in OF_THE_PERSON else "DataController"),
        **where,
        **{key: text for key, text in evidence.items() if text},
    }


def _status(event: Event, history: Collection[Event], choices: Choices) -> str:
    """Return the state in DPV's words: who had allowed before withdraws."""
    if event.state is State.ALLOWED:
        return "ConsentGiven"
    choice = choices.canonical(event.choice)
    before = (
        each.effective_at < event.effective_at
        for each in history
        if each.state is State.ALLOWED and each.is_her_word and choices.canonical(each.choice) == choice
    )
    return "ConsentWithdrawn" if event.is_her_word and any(before) else "ConsentRefused"
