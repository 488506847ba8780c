"""Making an agreement with a recipient known here, and ending one. None is changed; another one follows it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import func, insert, select, update

from audit.entries import Entry, Principal, timestamp
from cdp.bootstrap import InForce, Platform
from cdp.catalogue.document import nearest
from cdp.errors import BadInput, NotFound, Refused
from cdp.services.recipients.known import Agreement, C, agreement_of
from cdp.store.agreeing import AGREEMENT
from cdp.terms import CUSTOMER

NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,47}")
LONGEST: Final = 300


@dataclass(frozen=True, slots=True)
class Terms:
    """What is agreed; a field without its entity is one of the customer."""

    recipient: str
    contact: str
    fields: Sequence[str]
    purposes: Sequence[str]
    since: date
    until: date | None = None
    reference: str = ""


def agree(platform: Platform, terms: Terms, *, principal: Principal) -> Agreement:
    """Keep an agreement.

    Raises:
        BadInput: `bad_recipient`, `bad_contact`, `bad_term`, `bad_agreement`, `unknown_field`, `unknown_purpose`.
    """
    in_force = platform.in_force(fresh=True)
    fields, purposes = _checked(in_force, terms)
    facts = {
        "recipient": terms.recipient, "fields": list(fields), "purposes": list(purposes),
        "since": terms.since.isoformat(), "until": terms.until.isoformat() if terms.until else None,
    }  # fmt: skip
    with platform.door.record(Entry("change", "agreement_made", principal, in_force.versions, facts)) as change:
        number = (change.conn.execute(select(func.max(C.agreement))).scalar_one() or 0) + 1
        values = {
            "agreement": number, "recipient": terms.recipient, "contact": terms.contact.strip(),
            "fields": ",".join(fields), "purposes": ",".join(purposes), "since": facts["since"],
            "until": facts["until"], "reference": terms.reference.strip(), "created_at": timestamp(),
            "created_by": principal.name, "ended_at": None, "ended_by": None,
        }  # fmt: skip
        change.conn.execute(insert(AGREEMENT).values(values))
        change.facts["agreement"] = number
    return agreement_of(tuple(values[column.name] for column in AGREEMENT.c))


def end_agreement(platform: Platform, number: int, *, principal: Principal) -> Agreement:
    """End an agreement today, whatever its last day was to be.

    Raises:
        NotFound: `unknown_agreement`.
        Refused: `agreement_ended`.
    """
    versions = platform.in_force().versions
    with platform.door.record(Entry("change", "agreement_ended", principal, versions, {"agreement": number})) as change:
        mine = change.conn.execute(select(AGREEMENT).where(C.agreement == number).with_for_update()).first()
        if mine is None:
            hint = "`cdp recipient list` shows them"
            raise NotFound("unknown_agreement", "there is no such agreement", path="agreement", hint=hint)
        if mine.ended_at is not None:
            raise Refused("agreement_ended", "the agreement was ended before", path="agreement")
        values = {"ended_at": timestamp(), "ended_by": principal.name}
        change.conn.execute(update(AGREEMENT).where(C.agreement == number).values(values))
        change.facts["recipient"] = mine.recipient
        return agreement_of(tuple({**mine._asdict(), **values}.values()))


def _checked(in_force: InForce, terms: Terms) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return fields and purposes as they are kept."""
    if not NAME.fullmatch(terms.recipient):
        hint = "the name that a selective view of the policy gives it"
        raise BadInput("bad_recipient", "a recipient is named in lower-case letters, digits and `_`", path="recipient",
                       hint=hint)  # fmt: skip
    for path, text, least in (("contact", terms.contact, 3), ("reference", terms.reference, 0)):
        if not least <= len(text.strip()) <= LONGEST or not text.isprintable():
            raise BadInput("bad_contact", "a contact is a name or an address, in one line", path=path)
    if terms.until is not None and terms.until < terms.since:
        raise BadInput("bad_term", "it would end before it begins", path="until")
    if not terms.fields or not terms.purposes:
        hint = "name what is passed on, and what for"
        raise BadInput("bad_agreement", "an agreement has at least one field and one purpose", path="fields", hint=hint)
    known = {f"{entity}.{field}" for entity, each in in_force.catalogue.entities.items() for field in each.fields}
    fields = tuple(dict.fromkeys(name if "." in name else f"{CUSTOMER}.{name}" for name in terms.fields))
    for name in fields:
        if name not in known:
            raise BadInput("unknown_field", "the catalogue has no such field", path="fields", hint=nearest(name, known))
    for name in terms.purposes:
        if name not in in_force.policy.purposes:
            hint = nearest(name, in_force.policy.purposes)
            raise BadInput("unknown_purpose", "the policy has no such purpose", path="purposes", hint=hint)
    return fields, tuple(dict.fromkeys(terms.purposes))
