"""Filing a request: once, however often its form is sent; with its clock, its first step and a letter that it came.

By the person herself, or by staff on her word: then whoever filed it does not decide about it.
"""

import hashlib
import re
import secrets
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import Connection, func, select

from audit.door import Change
from audit.entries import Entry, Principal
from cdp.bootstrap import InForce, Platform
from cdp.errors import BadInput, NotFound, Refused
from cdp.services.customers import find_customer
from cdp.services.letters.write import known_language
from cdp.services.requests.effects import PURPOSES, REFUSED, Effects, check_purposes, refusing
from cdp.services.requests.identity import identity_of
from cdp.services.requests.records import Request, add, add_step, key_of, store
from cdp.services.requests.states import OPEN, Kind, Step, advance, received
from cdp.services.requests.tell import tell
from cdp.store.asking import REQUEST
from cdp.store.lookup import lock_customers
from cdp.terms import Value
from consent.regimes.clocks import clock_of
from consent.residence import read_regimes

ACT: Final = "request"
PROGRAM: Final = Principal("service:requests")
MAX_TEXT: Final = 4_000
MAX_OPEN: Final = 20
"""Requests of one person that wait at a time; an officer would drown in more."""

FILE: Final = "file"
SPEAKING: Final = frozenset({Kind.QUESTION, Kind.HUMAN_REVIEW})
"""Kinds that say nothing without a text."""

_STEERING: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclass(frozen=True)
class Filing:
    """What is asked for.

    Attributes:
        text: in her words.
        language: that of the letters to her.
        purposes: what an objection is against.
        form: the token of the form; the same one again is the same request.
    """

    kind: Kind
    text: str = ""
    language: str = "en"
    purposes: tuple[str, ...] = ()
    form: str = ""


@dataclass
class Filed:
    """A request that was filed, and what it is filed within."""

    change: Change
    in_force: InForce
    request: Request
    key: bytes


class _Before(Exception):
    """It was filed by the same form before; there is nothing to do, and nothing to be seen of it."""


def file_request(platform: Platform, customer: str, filing: Filing, *, principal: Principal) -> str:
    """File a request for a customer, named by id or identifier; return its id.

    Raises:
        NotFound: `unknown_customer`.
        BadInput: `bad_text`, `text_needed`, `purpose_needed`, `unknown_purpose`.
        Refused: `too_many_open`.
    """
    if filing.kind is Kind.CORRECTION:
        raise BadInput("fields_needed", "a correction says which fields", path="kind", hint="`cdp correction propose`")
    return file_with(platform, customer, filing, principal=principal, within=None)


def file_with(
    platform: Platform, customer: str, filing: Filing, *, principal: Principal,
    within: Callable[[Filed], None] | None,
) -> str:  # fmt: skip
    """File a request and, in the same transaction, what else there is to it; return its id.

    Raises:
        NotFound, BadInput, Refused: as `file_request`, and what `within` raises.
    """
    check_text(filing.text, needed=filing.kind in SPEAKING)
    in_force = platform.in_force(fresh=True)
    entry = Entry("change", ACT, principal, in_force.versions, {"step": FILE, "kind": str(filing.kind)})
    request_id = ""
    with suppress(_Before), platform.door.record(entry) as change:
        found = find_customer(change.conn, in_force, platform.vault, customer)
        if not lock_customers(change.conn, in_force.catalogue, [found.customer_id]):
            raise NotFound("unknown_customer", "there is no such customer", path="customer")
        form = _form(platform, filing.form)
        before = _filed_before(change.conn, found.customer_id, form)
        if before is not None:
            request_id = before
            raise _Before
        change.subjects.append(found.ordinal)
        filed = _file(platform, change, in_force, found.customer_id, filing, principal=principal, form=form)
        if within is not None:
            within(filed)
        request_id = filed.request.request_id
        change.facts["request"] = request_id
    return request_id


def check_text(text: str, *, needed: bool, path: str = "text") -> None:
    """Do nothing if this is something that a person may have written.

    Raises:
        BadInput: `bad_text`, `text_needed`.
    """
    if needed and not text.strip():
        raise BadInput("text_needed", "this takes a few words", path=path)
    if len(text) > MAX_TEXT or _STEERING.search(text):
        raise BadInput("bad_text", f"a text has at most {MAX_TEXT:,} characters, and no control characters", path=path)


def _file(
    platform: Platform, change: Change, in_force: InForce, customer_id: str, filing: Filing, *, principal: Principal,
    form: str,
) -> Filed:  # fmt: skip
    """Insert the request with what follows from it at once."""
    conn, now, key = change.conn, datetime.now(UTC), key_of(platform, customer_id)
    hers = read_regimes(conn, in_force.catalogue, in_force.policy.regime, [customer_id])[customer_id]
    request_id, said = str(uuid.uuid4()), dict[str, Value](text=filing.text)
    purposes = check_purposes(in_force, filing.purposes) if filing.kind is Kind.OBJECTION else ()
    if purposes:
        said[PURPOSES] = list[Value](purposes)
    choices = refusing(in_force, filing.kind, purposes)
    if choices:
        effects = Effects(conn, in_force, customer_id, request_id, principal, platform.vault)
        said[REFUSED] = list[Value](effects.refuse(choices))
    request = Request(
        customer_id, request_id, received(filing.kind, clock_of(hers.regime, filing.kind), now), 1, principal.name,
        None, hers.reference, known_language(filing.language), "", None,
        identity_of(conn, platform.vault, customer_id), said,
    )  # fmt: skip
    add(conn, request, form=form, key=key)
    add_step(change, request, FILE, principal=principal, at=now, reason="", key=key)
    tell(conn, platform, in_force, request, "received", key=key)
    if filing.kind is Kind.OBJECTION and all(in_force.policy.purposes[each].subject_to for each in purposes):
        request = _done_at_once(platform, change, in_force, request, now=now, key=key)
    return Filed(change, in_force, request, key)


def _done_at_once(
    platform: Platform, change: Change, in_force: InForce, request: Request, *, now: datetime, key: bytes
) -> Request:
    """Grant an objection that is honoured already: there is nothing left to decide."""
    course = advance(request.course, Step.APPROVE, at=now)
    done = store(change.conn, replace(request, course=course), at=now)
    add_step(change, done, Step.APPROVE, principal=PROGRAM, at=now, reason="", key=key)
    tell(change.conn, platform, in_force, done, "done", key=key)
    return done


def _form(platform: Platform, form: str) -> str:
    """Return what is kept of the token of a form: a keyed digest."""
    token = form or secrets.token_hex(16)
    secret = platform.vault.platform_key("requests")
    return hashlib.blake2b(token.encode(), key=secret, digest_size=16, person=b"cdp/form").hexdigest()


def _filed_before(conn: Connection, customer_id: str, form: str) -> str | None:
    """Return the request of the same form, if there is one.

    Raises:
        Refused: `too_many_open`.
    """
    c = REQUEST.c
    before = conn.execute(select(c.request_id).where(c.customer_id == customer_id, c.form == form)).scalar()
    if before is not None:
        return str(before)
    mine = (c.customer_id == customer_id, c.state.in_([str(each) for each in OPEN]))
    if conn.execute(select(func.count()).select_from(REQUEST).where(*mine)).scalar_one() >= MAX_OPEN:
        hint = "wait until one is answered, or take one back"
        message = f"{MAX_OPEN} requests of one person wait already"
        raise Refused("too_many_open", message, path="request", hint=hint)
    return None
