"""Declaring where rows come from and what for, before any is written.

Who declares nothing has collected for the purposes that the policy has at that time, and for none that comes later: a
purpose that is new needs somebody who says that older rows may serve it (`cdp.services.provenance.change`).
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select

from audit.entries import Entry, Principal, timestamp
from cdp.bootstrap import InForce, Platform
from cdp.catalogue.document import nearest
from cdp.catalogue.keeping import PERIOD
from cdp.errors import BadInput
from cdp.store.origins import PROVENANCE
from cdp.store.provenance import Declared, intern
from cdp.terms import NAME
from views.policy import LegalBasis, Policy

_SOURCE: Final = re.compile(r"[a-z][a-z0-9_.-]{0,47}")
_STATEMENT: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,47}")
_PERIOD: Final = re.compile(PERIOD)


@dataclass(frozen=True)
class Declaration:
    """What somebody says, as it came; what is None or empty is not said."""

    source: str
    purposes: Collection[str] | None = None
    statement: str = ""
    legal_basis: str = ""
    retention: str = ""
    recipients: Collection[str] | None = None


def declared(in_force: InForce, said: Declaration) -> Declared:
    """Return what is declared.

    Raises:
        BadInput: `bad_source_name`, `unknown_purpose`, `bad_statement`, `bad_choice`, `bad_retention`, `bad_recipient`.
    """
    if not _SOURCE.fullmatch(said.source):
        message = "a source is named in lower-case letters, digits, `.`, `-` and `_`"
        raise BadInput("bad_source_name", message, path="source")
    if said.statement and not _STATEMENT.fullmatch(said.statement):
        message = "the version of a statement is up to 48 letters, digits, `.`, `-` and `_`"
        raise BadInput("bad_statement", message, path="statement")
    if said.legal_basis and said.legal_basis not in set(LegalBasis):
        raise BadInput("bad_choice", f"a legal basis is one of {', '.join(LegalBasis)}", path="basis")
    check_period(said.retention)
    for name in said.recipients or ():
        check_recipient(name)
    purposes = in_force.policy.purposes.keys() if said.purposes is None else said.purposes
    for name in purposes:
        check_purpose(in_force.policy, name)
    recipients = None if said.recipients is None else frozenset(said.recipients)
    return Declared(said.source, frozenset(purposes), said.statement, said.legal_basis, said.retention, recipients)


def unstated(policy: Policy, source: str) -> Declared:
    """Return what a source declares that says nothing: the purposes that there are now."""
    return Declared(source, frozenset(policy.purposes))


def set_of(platform: Platform, wanted: Declared, *, principal: Principal) -> int:
    """Return the set of what is declared; one that nobody has declared before is made, with its entry.

    Raises:
        Unavailable: the database or the log cannot serve.
    """
    known = platform.door.lookup(select(PROVENANCE.c.provenance).where(PROVENANCE.c.digest == wanted.digest))
    if known:
        return int(known[0][0])
    versions = platform.in_force().versions
    with platform.door.record(Entry("change", "declare_provenance", principal, versions, facts_of(wanted))) as change:
        number = intern(change.conn, wanted, at=timestamp())
        change.facts["provenance"] = number
    return number


def facts_of(wanted: Declared) -> dict[str, object]:
    """Return what the log says of a declaration."""
    said: dict[str, object] = {
        "source": wanted.source, "statement": wanted.statement, "legal_basis": wanted.legal_basis,
        "retention": wanted.retention, "purposes": sorted(wanted.purposes),
    }  # fmt: skip
    return said if wanted.recipients is None else {**said, "recipients": sorted(wanted.recipients)}


def check_purpose(policy: Policy, name: str) -> None:
    """Do nothing if the policy has the purpose.

    Raises:
        BadInput: `unknown_purpose`.
    """
    if name not in policy.purposes:
        hint = nearest(name[:60], policy.purposes) or f"they are {', '.join(policy.purposes)}"
        raise BadInput("unknown_purpose", "the policy has no such purpose", path="purpose", hint=hint)


def check_recipient(name: str) -> None:
    """Do nothing if a recipient may be called so.

    Raises:
        BadInput: `bad_recipient`.
    """
    if not NAME.fullmatch(name):
        raise BadInput("bad_recipient", "a recipient is named as in the policy: a-z, 0-9 and _", path="recipient")


def check_period(period: str) -> None:
    """Do nothing if a period is none, or is written as in the catalogue.

    Raises:
        BadInput: `bad_retention`.
    """
    if period and not _PERIOD.fullmatch(period):
        raise BadInput("bad_retention", "a period is written `P2Y` or `2 years`", path="retain", hint="or leave it out")
