"""Proposing a correction: a request whose fields each wait for a decision; those that may change at once do.

What is proposed is checked by type and rules before anything is filed. A field waits in one request at a time: who
thinks again amends it, and an approval of what it was counts no more.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from audit.door import Change
from audit.entries import HERSELF, Principal
from cdp.bootstrap import InForce, Platform
from cdp.errors import BadInput, CdpError, NotFound, Refused, Several
from cdp.services.corrections import records
from cdp.services.corrections.apply import stored_row, write_value
from cdp.services.corrections.decide import settle
from cdp.services.corrections.fields import Mode, check_value, find_field, require_open
from cdp.services.corrections.records import PROPOSED, Correction, Place, corrections_of, decided, one_of
from cdp.services.customers import Found
from cdp.services.herself.own_data import own_views
from cdp.services.requests.attachments import Upload, add_attachment, attachments_of, check_upload
from cdp.services.requests.file import Filed, Filing, file_with
from cdp.services.requests.states import OPEN, Kind
from cdp.services.requests.work import Work, working_on
from cdp.store.corrected import APPLIED
from cdp.store.lookup import lock_customers
from cdp.terms import CUSTOMER, Value
from views.policy import View

ACT: Final = "correction"
MAX_FIELDS: Final = 50


@dataclass(frozen=True, slots=True)
class Proposed:
    """A new value for a field, as somebody entered it; empty for none."""

    field: str
    text: str
    entity: str = CUSTOMER
    row_id: str = ""

    @property
    def place(self) -> Place:
        """What it is for."""
        return Place(self.field, self.entity, self.row_id)


@dataclass(frozen=True)
class Proposal:
    """A correction as it is filed: fields, and why; perhaps a file that shows it."""

    fields: Sequence[Proposed]
    reason: str = ""
    upload: Upload | None = None
    language: str = "en"
    form: str = ""


def propose(platform: Platform, customer: str, proposal: Proposal, *, principal: Principal = HERSELF) -> str:
    """File a correction; return the id of its request.

    Raises:
        NotFound: `unknown_customer`, `no_such_field`: a field or row that is not there, or is another's.
        Refused: `field_locked`, `correction_open`, `too_many_open`.
        BadInput: `bad_text`, `attachment_…`, `same_value`, `fields_needed`; `Several` with what is wrong by field.
    """
    in_force = platform.in_force(fresh=True)
    if principal.name == HERSELF.name:
        _require_shown(in_force, proposal)
    wanted = _checked(in_force, proposal)
    if proposal.upload is not None:
        check_upload(proposal.upload)
    filing = Filing(Kind.CORRECTION, proposal.reason, proposal.language, form=proposal.form)

    def within(filed: Filed) -> None:
        _file(platform, filed, wanted, principal=principal)
        if proposal.upload is not None:
            request = filed.request
            add_attachment(
                filed.change.conn, request.customer_id, request.request_id, proposal.upload, key=filed.key
            )  # fmt: skip

    return file_with(platform, customer, filing, principal=principal, within=within)


def amend(
    platform: Platform, customer_id: str, request_id: str, proposed: Proposed, *, upload: Upload | None = None
) -> None:
    """Propose another value while the first waits, or add a file: herself. What she proposes already is no step.

    Raises:
        NotFound: `unknown_request`, `unknown_correction`, `no_such_field`.
        Refused: `request_state`, `field_locked`.
        BadInput: as `propose`.
    """
    in_force = platform.in_force(fresh=True)
    field = find_field(in_force, proposed.entity, proposed.field)
    require_open(field)
    value = check_value(in_force, proposed.entity, field, proposed.text)
    with working_on(platform, request_id, principal=HERSELF, act=ACT, customer_id=customer_id) as work:
        conn, key = work.change.conn, work.key
        current = one_of(corrections_of(conn, customer_id, request_id, key), proposed.place)
        if current.state != PROPOSED or work.request.state not in OPEN:
            raise Refused("request_state", "the field is decided already", path="field")
        row = stored_row(conn, work.in_force, customer_id, proposed.place, key)
        _require_other(row.values.get(proposed.field), value, proposed.field)
        known = len(attachments_of(conn, customer_id, request_id, key))
        if upload is not None:
            add_attachment(conn, customer_id, request_id, upload, key=key)
        if value == current.new and len(attachments_of(conn, customer_id, request_id, key)) == known:
            return
        records.put(conn, replace(current, new=value, revision=current.revision + 1), key)
        work.note("amend", principal=HERSELF)
        work.change.facts |= {"step": "amend", "fields": [f"{proposed.entity}.{proposed.field}"]}


def _require_shown(in_force: InForce, proposal: Proposal) -> None:
    """Do nothing if she may see all of these fields herself: a correction shows what stands there.

    Raises:
        NotFound: `no_such_field`.
        Refused: `no_own_view`.
    """
    shown = {(view.entity, name) for view in own_views(in_force) for name in _columns(in_force, view)}
    if any((each.entity, each.field) not in shown for each in proposal.fields):
        raise NotFound("no_such_field", "there is no such field", path="field")


def _columns(in_force: InForce, view: View) -> Iterable[str]:
    return view.fields or in_force.catalogue.entities[view.entity].fields


def _checked(in_force: InForce, proposal: Proposal) -> list[tuple[Proposed, Value, Mode]]:
    places = {each.place for each in proposal.fields}
    if not 0 < len(proposal.fields) <= MAX_FIELDS or len(places) != len(proposal.fields):
        raise BadInput("fields_needed", "a correction names each field once, and at least one", path="field")
    found: list[tuple[Proposed, Value, Mode]] = []
    faults: list[CdpError] = []
    for each in proposal.fields:
        field = find_field(in_force, each.entity, each.field)
        mode = require_open(field)
        try:
            found.append((each, check_value(in_force, each.entity, field, each.text), mode))
        except Several as error:
            faults += error.faults
    if faults:
        raise Several("bad_values", f"{len(faults)} value(s) do not fit", faults)
    return found


def _file(
    platform: Platform, filed: Filed, wanted: Sequence[tuple[Proposed, Value, Mode]], *, principal: Principal
) -> None:  # fmt: skip
    conn, request, key = filed.change.conn, filed.request, filed.key
    taken = {each.place for each in records.waiting(conn, request.customer_id, key)}
    made: list[Correction] = []
    for each, value, mode in wanted:
        row = stored_row(conn, filed.in_force, request.customer_id, each.place, key)
        old = row.values.get(each.field)
        _require_other(old, value, each.field)
        if each.place in taken:
            hint = "change what you proposed, or take that request back"
            raise Refused("correction_open", "a correction of this field waits already", path=each.field, hint=hint)
        correction = Correction(
            request.customer_id, request.request_id, each.place, PROPOSED, 1, None, None, old, value, ""
        )  # fmt: skip
        if mode == "direct" and principal.name == HERSELF.name:
            write_value(conn, filed.in_force, platform.vault, correction, key=key, actor=principal.name)
            correction = replace(correction, **decided(correction, APPLIED, by=principal.name))
        records.add(conn, correction, key)
        made.append(correction)
    filed.change.facts["fields"] = [f"{each.place.entity}.{each.place.field}" for each in made]
    if any(each.state == APPLIED for each in made):
        work = _as_work(platform, filed)
        found = _found(filed.change, filed.in_force, request.customer_id)
        settle(work, made, found=found, fresh=[each for each in made if each.state == APPLIED], principal=principal)


def _as_work(platform: Platform, filed: Filed) -> Work:
    return Work(platform, filed.change, filed.in_force, filed.request, filed.key, filed.request.course.received_at)


def _found(change: Change, in_force: InForce, customer_id: str) -> Found:
    return Found(customer_id, lock_customers(change.conn, in_force.catalogue, [customer_id])[customer_id].ordinal)


def _require_other(old: Value, new: Value, field: str) -> None:
    if old == new:
        raise BadInput("same_value", "this is what stands there already", path=field)
