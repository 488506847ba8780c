"""Reading a view: compile, go through the door, and record what was refused."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Literal

from audit.entries import HERSELF, Entry, Principal
from audit.passage import Reading, Row
from cdp.bootstrap import InForce, Platform
from cdp.errors import BadInput, CdpError, Refused, Unavailable
from cdp.services.recipients.required import require_agreement
from cdp.services.releases import newest_release
from cdp.store.columnar import has_columns
from cdp.terms import OWN_ROLE, Kind
from views.compile import compile_view
from views.lines import LinesReading, gives_lines
from views.plan import Plan
from views.request import ViewRequest
from views.run import CountReading, ViewReading

Form = Literal["rows", "lines", "columns"]

_NO_RELEASE = 0
"""Stands for the release of a plan that is only explained; releases are numbered from 1."""


@dataclass(frozen=True)
class Answer:
    """An answer that is being read: its plan, and its rows in chunks, each logged before it is yielded.

    `reading` knows how far it has come: whether the last chunk was read, and the key of the last row.
    """

    plan: Plan
    chunks: Iterator[Sequence[Row]]
    reading: ViewReading


Attach = Callable[[Sequence[Row]], Sequence[Row]]
"""What becomes of each chunk before it is handed on, as `cdp.services.embed` does."""


def read_view(
    platform: Platform,
    request: ViewRequest,
    *,
    principal: Principal,
    form: Form = "rows",
    attach: Attach | None = None,
) -> Answer:
    """Read a view as a principal. The first chunk is read here, so that columns and rows are decided by one policy.

    Args:
        form: as what the rows will leave; where the plan can be read so, chunks are `views.lines.Lines` or
            `views.columns.Columns`.
        attach: adds to each chunk what is read besides, by readings of their own.

    Raises:
        NotFound, Refused, BadInput: as `compile_view`; refusals have their entry then.
        Unavailable: the database, the keys or the log cannot serve (also while later chunks are read).
    """
    try:
        return _answer(platform, request, principal, form=form, attach=attach)
    except Unavailable as error:
        if error.code != "superseded":
            raise
    platform.in_force(fresh=True)  # the policy changed since this process last looked: decide again by the new one
    return _answer(platform, request, principal, form=form, attach=attach)


def _answer(
    platform: Platform, request: ViewRequest, principal: Principal, *, form: Form, attach: Attach | None
) -> Answer:
    plan = plan_view(platform, request, principal=principal)
    reading = _reading(form, plan, platform.door.dialect)(plan, vault=platform.vault, dialect=platform.door.dialect)
    chunks = _disclosed(platform, plan, reading, principal)
    if attach is not None:
        chunks = map(attach, chunks)
    first = next(chunks, None)
    return Answer(plan, iter(()) if first is None else chain((first,), chunks), reading)


def read_together(platform: Platform, asked: Sequence[tuple[Plan, Principal]], *, form: Form) -> list[Answer | None]:
    """Read several small plans at once: one look at the database, one commit. None for one to be read by itself."""
    dialect = platform.door.dialect
    readings = [_reading(form, plan, dialect)(plan, vault=platform.vault, dialect=dialect) for plan, _ in asked]
    try:
        passed = zip(readings, (principal for _, principal in asked), strict=True)
        found = platform.door.disclose_together(list(passed))
    except Exception:  # noqa: BLE001 -- the fault of one is not its neighbours': by itself it raises where it belongs
        return [None] * len(asked)
    return [
        None if isinstance(chunks, CdpError) else Answer(plan, chunks, reading)
        for (plan, _), reading, chunks in zip(asked, readings, found, strict=True)
    ]


def _reading(form: Form, plan: Plan, dialect: str) -> type[ViewReading]:
    if form == "rows" or not gives_lines(plan):
        return ViewReading
    if form == "lines":
        return LinesReading
    if not has_columns(dialect):
        return ViewReading
    from views.columns import ColumnsReading  # noqa: PLC0415 -- it takes a moment, and not everybody has it

    return ColumnsReading


def count_view(platform: Platform, request: ViewRequest, *, principal: Principal) -> int:
    """Return how many rows a request matches, whatever its window; that, too, is a disclosure and has its entry.

    Raises:
        NotFound, Refused, BadInput, Unavailable: as `read_view`.
    """
    request = replace(request, release=None)
    for fresh in (False, True):
        platform.in_force(fresh=fresh)
        plan = plan_view(platform, request, principal=principal)
        reading = CountReading(ViewReading(plan, vault=platform.vault, dialect=platform.door.dialect))
        try:
            return int(next(iter(_disclosed(platform, plan, reading, principal)))[0][0])
        except Unavailable as error:
            if error.code != "superseded" or fresh:
                raise
    raise AssertionError("the second time either answers or raises")


def explain_view(platform: Platform, request: ViewRequest, *, principal: Principal) -> Plan:
    """Plan a request that will not be read: it needs no reason, and an anonymized view no release.

    Raises:
        NotFound, Refused, BadInput: as `compile_view`.
    """
    request = replace(request, reason=request.reason or "explained, not read", release=_NO_RELEASE)
    return plan_view(platform, request, principal=principal, looks=True)


def plan_view(platform: Platform, request: ViewRequest, *, principal: Principal, looks: bool = False) -> Plan:
    """Compile a request under what is in force, recording a refusal.

    Args:
        looks: whether nothing goes to a recipient by it: somebody explains the view, or sees what it shows.

    Raises:
        NotFound, Refused, BadInput: as `compile_view`; Refused also `no_agreement`.
    """
    in_force = platform.in_force()
    try:
        if request.role == OWN_ROLE and principal.name != HERSELF.name:
            raise Refused("not_permitted", "the view is not for this role", path="view")
        plan = compile_view(in_force.catalogue, in_force.policy, _with_release(platform, in_force, request))
        if plan.view.recipient and not looks and principal.name != HERSELF.name:
            require_agreement(platform, plan.view.recipient)
    except CdpError as error:
        if isinstance(error, Refused) or error.code == "unknown_column":
            _note(platform, in_force, request, error, principal)
        raise
    return plan


def _disclosed(platform: Platform, plan: Plan, reading: Reading, principal: Principal) -> Iterator[Sequence[Row]]:
    try:
        yield from platform.door.disclose(reading, principal)
    except Refused as error:
        _note(platform, platform.in_force(), plan.request, error, principal)
        raise


def _with_release(platform: Platform, in_force: InForce, request: ViewRequest) -> ViewRequest:
    view = in_force.policy.views.get(request.view)
    if view is None or view.kind is not Kind.ANONYMIZED:
        return request if request.release is None else replace(request, release=None)
    return replace(request, release=newest_release(platform, in_force, view) or request.release)


def _note(
    platform: Platform, in_force: InForce, request: ViewRequest, error: BadInput | CdpError, principal: Principal
) -> None:
    facts = {"view": request.view if request.view in in_force.policy.views else "", "code": error.code}
    platform.door.note(Entry("refusal", "read", principal, in_force.versions, facts))
