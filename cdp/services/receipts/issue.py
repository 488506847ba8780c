"""Issuing a receipt of what a customer refused and allowed. It is an access to her history, and has its entry.

1. Read the history and make the record, in the transaction of the entry that commits to it.
2. Have the log signed, so that there is a checkpoint with that entry.
3. Prove the entry, sign the whole.
"""

import uuid
from typing import Any, Final

from sqlalchemy import select

from audit.entries import Entry, Principal, timestamp
from audit.note import SignerKey, VerifierKey
from cdp.bootstrap import InForce, Platform
from cdp.errors import NotFound
from cdp.services.customers import find_customer
from cdp.services.log_public import prove_inclusion
from cdp.services.receipts.uses import uses
from cdp.store.platform import LOG_ENTRY
from consent.choices import PROFILE, Choices
from consent.events import Event
from consent.history import read_events
from consent.receipts.receipt import Proof, commitment_to, format_receipt
from consent.receipts.record import Circumstances, build_record
from consent.regimes.chosen import Hers
from consent.residence import read_regimes

KEY: Final = "receipts"


def issue_receipt(platform: Platform, customer: str, *, principal: Principal, act: str | None = None) -> bytes:
    """Return a receipt of one act of a customer, or without one of her whole history and how it stands.

    Args:
        platform: the open store.
        customer: an id, or an identifier.
        principal: who asks.
        act: the id of the act, as `cdp consent history --format json` has it.

    Raises:
        NotFound: `unknown_customer`, `unknown_act`.
        Unavailable: the database or the log cannot serve.
    """
    in_force = platform.in_force(fresh=True)
    numbers: list[int] = []
    entry = Entry("disclosure", "consent_receipt", principal, in_force.versions, {"scope": "act" if act else "state"})
    with platform.door.record(entry) as change:  # 1
        found = find_customer(change.conn, in_force, platform.vault, customer)
        history = read_events(change.conn, found.customer_id)
        hers = read_regimes(change.conn, in_force.catalogue, in_force.policy.regime, [found.customer_id])
        about = _circumstances(platform, in_force, hers[found.customer_id])
        record = build_record(
            history, Choices.of(in_force.catalogue), about, record_id=str(uuid.uuid4()), at=timestamp(),
            customer_id=found.customer_id, act=_act(history, act),
        )  # fmt: skip
        change.subjects.append(found.ordinal)
        change.facts["commitment"] = commitment_to(record)
        change.when_numbered = numbers.append
    platform.keeper.sign()  # 2
    return _proven(platform, record, numbers[0])  # 3


def receipts_key(platform: Platform) -> VerifierKey:
    """Return the public key by which anybody verifies receipts of this platform."""
    return _signer(platform).verifier


def _proven(platform: Platform, record: dict[str, Any], number: int) -> bytes:
    [(entry,)] = platform.door.lookup(select(LOG_ENTRY.c.entry).where(LOG_ENTRY.c.number == number))
    signer = _signer(platform)
    proof = Proof(number, bytes(entry), prove_inclusion(platform, number), signer.verifier.format())
    return format_receipt(record, proof, lambda data: signer.sign(data).signature)


def _act(history: list[Event], act: str | None) -> Event | None:
    if act is None:
        return None
    for event in history:
        if event.event_id == act and event.choice != PROFILE:
            return event
    raise NotFound("unknown_act", "her history has no such act", path="act", hint="`cdp consent history` lists them")


def _circumstances(platform: Platform, in_force: InForce, hers: Hers) -> Circumstances:
    versions = {"catalogue": in_force.catalogue.digest, "policy": in_force.policy.digest}
    origin = platform.settings.origin.rstrip("/")
    return Circumstances(origin, hers.reference, hers.jurisdiction, uses(in_force), versions)


def _signer(platform: Platform) -> SignerKey:
    return SignerKey(f"{platform.settings.log_origin}/receipts", platform.vault.platform_key(KEY))
