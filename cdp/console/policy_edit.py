"""Drafting the next policy as YAML: checked as often as one likes, and saved finished or not. Nothing typed is lost."""

import json
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from cdp.bootstrap import InForce, Platform
from cdp.catalogue.field import Field
from cdp.console.guard import form_in
from cdp.console.parts import staff_page
from cdp.console.policy import HERE, number_in
from cdp.console.policy_said import judged_draft
from cdp.errors import BadInput, CdpError, Refused
from cdp.pages.language import language_of
from cdp.pages.serving import platform_of, to
from cdp.services.proposals.drafting import begin_draft, require_author, save_draft
from cdp.services.proposals.policies import POLICIES, text_of
from cdp.services.proposals.records import Proposal, State, find_proposal
from cdp.services.proposals.versions import find_version
from cdp.services.staff.sessions import Staff
from cdp.terms import Kind, Shape
from views.policy import LegalBasis


async def begin(request: Request, staff: Staff) -> Response:
    """Show the form with the version in force, another one, or somebody's draft."""
    return await run_in_threadpool(_begin, request, staff)


async def edit(request: Request, staff: Staff) -> Response:
    """Show the form with one's own draft."""
    return await run_in_threadpool(_edit, request, staff)


async def save(request: Request, staff: Staff) -> Response:
    """Check what was typed, or keep it."""
    return await run_in_threadpool(_save, request, staff)


def _begin(request: Request, staff: Staff) -> Response:
    platform = platform_of(request)
    base = platform.in_force(fresh=True).policy_version
    if "proposal" in request.query_params:
        text = find_proposal(platform, POLICIES.kind, number_in(request, "proposal")).text
    else:
        text = text_of(platform, find_version(platform, number_in(request, "version", base)).number)
    return _form(request, staff, {"text": text, "base": str(base)})


def _edit(request: Request, staff: Staff) -> Response:
    found = _own(platform_of(request), request, staff)
    assert found is not None  # noqa: S101 -- the address has a number
    return _form(
        request, staff, {"text": found.text, "why": found.why, "base": str(found.base), "seen": found.digest}, found
    )


def _save(request: Request, staff: Staff) -> Response:
    platform, form = platform_of(request), form_in(request)
    draft = _own(platform, request, staff) if "number" in request.path_params else None
    if form.get("act") != "save":
        return _form(request, staff, form, draft)
    try:
        saved = _kept(platform, staff, form, draft)
    except CdpError as error:
        if not isinstance(error, (BadInput, Refused)):
            raise
        return _form(request, staff, form, draft, problem=error, status=409 if isinstance(error, Refused) else 400)
    return to(f"{HERE}/proposals/{saved.number}")


def _kept(platform: Platform, staff: Staff, form: dict[str, str], draft: Proposal | None) -> Proposal:
    text, why, base = form.get("text", ""), form.get("why", ""), _base(platform, form)
    if draft is None:
        return begin_draft(platform, POLICIES, text, base=base, why=why, principal=staff.principal)
    return save_draft(
        platform, POLICIES, draft.number, text, base=base, why=why, seen=form.get("seen", ""), principal=staff.principal
    )


def _own(platform: Platform, request: Request, staff: Staff) -> Proposal | None:
    found = find_proposal(platform, POLICIES.kind, number_in(request, "number"))
    require_author(found, staff.principal)
    if found.state is not State.DRAFT:
        raise Refused("proposal_state", f"the proposal is {found.state} already", path="proposal")
    return found


def _base(platform: Platform, form: dict[str, str]) -> int:
    said = form.get("base", "")
    if form.get("rebase") == "yes":
        return platform.in_force(fresh=True).policy_version
    return int(said) if said.isascii() and said.isdigit() and len(said) < 10 else 0


def _form(
    request: Request, staff: Staff, form: dict[str, str], draft: Proposal | None = None, *,
    problem: CdpError | None = None, status: int = 200,
) -> Response:  # fmt: skip
    platform, language = platform_of(request), language_of(request)
    in_force, text = platform.in_force(fresh=True), form.get("text", "").replace("\r\n", "\n")
    base = _base(platform, form) or in_force.policy_version
    values: dict[str, Any] = {
        "text": text, "why": form.get("why", ""), "base": base, "seen": form.get("seen", ""), "draft": draft,
        "stale": base != in_force.policy_version, "current": in_force.policy_version, "problem": problem,
        "checked": judged_draft(platform, text, language), "names": json.dumps(_names(in_force)),
        "target": f"{HERE}/proposals/{draft.number}/edit" if draft else f"{HERE}/new",
        "told": request.method == "POST" or draft is not None,
    }  # fmt: skip
    return staff_page(request, staff, "policy_edit.html", status=status, **values)


def _names(in_force: InForce) -> dict[str, list[str]]:
    """Return what may be typed behind which key, for completion."""
    catalogue, policy = in_force.catalogue, in_force.policy
    fields: dict[str, Field] = {}
    for entity in catalogue.entities.values():
        fields |= entity.fields
    roles, named = list(policy.roles), list(fields)
    return {
        "roles": roles, "break_glass": roles, "purpose": list(policy.purposes), "entity": list(catalogue.entities),
        "fields": named, "clear": named, "write": named, "shapes": [*named, *Shape, "hidden"], "by": named,
        "kind": list(Kind), "subject_to": list(catalogue.opt_outs), "legal_basis": list(LegalBasis),
        "allows_sensitive": ["true", "false"], "needs": ["reason"],
        "recipient": sorted({view.recipient for view in policy.views.values() if view.recipient}),
        "": [
            "roles", "purposes", "views", "regime", "labels", "two_officers", "title", "description", "kind",
            "entity", "purpose", "fields", "clear", "shapes", "needs", "write", "recipient", "break_glass",
            "legal_basis", "subject_to", "allows_sensitive", "default",
        ],
    }  # fmt: skip
