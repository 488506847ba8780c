"""The catalogue: fields, each shape on invented values, the views that show it; and proposals of the next one."""

from dataclasses import dataclass
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from cdp.bootstrap import Platform
from cdp.console.catalogue_words import self_service_words, state_words
from cdp.console.guard import form_in
from cdp.console.parts import staff_page
from cdp.console.policy_words import kinds, reasons, tags
from cdp.errors import BadInput, NotFound
from cdp.pages.language import language_of
from cdp.pages.serving import platform_of, to
from cdp.services.catalogue_shown import Shown, shown_fields
from cdp.services.proposals.catalogues import CATALOGUES, catalogue_text
from cdp.services.proposals.drafting import begin_draft, save_draft
from cdp.services.proposals.edits import field_of, parse_part, with_entity, with_field
from cdp.services.proposals.records import OPEN, Proposal, State, list_proposals
from cdp.services.staff.permissions import Permission
from cdp.services.staff.sessions import Staff
from cdp.terms import CUSTOMER, Sensitivity

MOST_FIELDS: Final = 60
"""So many stay under 100 KB; what follows is a page further, by the name it begins with."""


async def show(request: Request, staff: Staff) -> Response:
    """Show the fields of an entity, and beside them the one that was chosen."""
    return await run_in_threadpool(_show, request, staff)


async def proposals(request: Request, staff: Staff) -> Response:
    """Show proposals, the newest first, page by page from below a number on."""
    query = request.query_params
    below = int(query["below"]) if query.get("below", "").isdecimal() and len(query["below"]) < 10 else None
    found = await run_in_threadpool(list_proposals, platform_of(request), CATALOGUES.kind, tuple(State), below=below)
    language = language_of(request)
    return staff_page(
        request, staff, "catalogue_proposals.html", found=found, states=state_words(language), below=below
    )


async def edit(request: Request, staff: Staff) -> Response:
    """Show what the catalogue, or her draft of the next, says of a field, to be changed."""
    query = request.query_params
    typed = Typed(query.get("entity") or CUSTOMER, query.get("field", ""), fixed=True)
    return await run_in_threadpool(change_form, request, staff, typed)


async def propose(request: Request, staff: Staff) -> Response:
    """Put what was typed into her draft, or begin one."""
    return await run_in_threadpool(_propose, request, staff)


def own_draft(platform: Platform, staff: Staff) -> Proposal | None:
    """Return her newest draft; None where she has none."""
    drafts = list_proposals(platform, CATALOGUES.kind, (State.DRAFT,))
    return next((each for each in drafts if each.author == staff.principal.name), None)


def text_to_change(platform: Platform, draft: Proposal | None) -> str:
    """Return the text that a change goes into: her draft, or what is in force."""
    return draft.text if draft else catalogue_text(platform, platform.in_force(fresh=True).catalogue_version)


def keep(platform: Platform, staff: Staff, draft: Proposal | None, text: str, *, why: str) -> Proposal:
    """Save a text as her draft, or begin one with it."""
    if draft is None:
        base = platform.in_force(fresh=True).catalogue_version
        return begin_draft(platform, CATALOGUES, text, base=base, why=why, principal=staff.principal)
    said = " ".join(filter(None, (draft.why, why)))
    return save_draft(
        platform, CATALOGUES, draft.number, text, base=draft.base, why=said, seen=draft.digest,
        principal=staff.principal,
    )  # fmt: skip


def _show(request: Request, staff: Staff) -> Response:
    platform, query, language = platform_of(request), request.query_params, language_of(request)
    in_force = platform.in_force()
    entity, tag = query.get("entity") or CUSTOMER, query.get("tag", "")
    if tag not in ("", *Sensitivity):
        raise NotFound("not_found", "there is no such thing here")
    found = [each for each in shown_fields(in_force, entity) if tag in ("", each.field.sensitivity)]
    names = [each.field.name for each in found]
    first = query.get("first") or next(iter(names), "")
    if names and first not in names:
        raise NotFound("not_found", "there is no such thing here")
    at = names.index(first) if names else 0
    return staff_page(
        request, staff, "catalogue.html", entities=in_force.catalogue.entities,
        entity=in_force.catalogue.entities[entity], tag=tag, fields=found[at : at + MOST_FIELDS], begun=at > 0,
        further=next(iter(names[at + MOST_FIELDS :]), ""),
        chosen=_chosen(found, query.get("field", "")), version=in_force.catalogue_version, tags=tags(language),
        kinds=kinds(language), reasons=reasons(language), selves=self_service_words(language),
        open=list_proposals(platform, CATALOGUES.kind, OPEN), states=state_words(language),
        edits=staff.account.may(Permission.CATALOGUE_PROPOSE), applying=platform.force().applying,
    )  # fmt: skip


def _chosen(found: list[Shown], name: str) -> Shown | None:
    chosen = next((each for each in found if each.field.name == name), None)
    if name and chosen is None:
        raise NotFound("not_found", "there is no such thing here")
    return chosen


@dataclass(frozen=True)
class Typed:
    """What stands in the form in which a field is written, or an entity, where `entity` is empty.

    Attributes:
        text: None for what her draft or the catalogue says.
        fixed: whether the name stays.
        about: which unclassified name it is for.
        problem: why it was not taken.
    """

    entity: str
    name: str
    text: str | None = None
    why: str = ""
    fixed: bool = False
    about: str = ""
    problem: str = ""


def change_form(request: Request, staff: Staff, typed: Typed) -> Response:
    """Return the form."""
    platform, catalogue = platform_of(request), platform_of(request).in_force().catalogue
    if typed.entity and typed.entity not in catalogue.entities:
        raise NotFound("not_found", "there is no such thing here")
    draft = own_draft(platform, staff)
    fields = catalogue.entities[typed.entity].fields if typed.entity else {}
    return staff_page(
        request, staff, "catalogue_edit.html", status=400 if typed.problem else 200, typed=typed, draft=draft,
        field=fields.get(typed.name), fixed=typed.fixed and bool(typed.name),
        text=_said(platform, draft, typed.entity, typed.name) if typed.text is None else typed.text,
    )  # fmt: skip


def _said(platform: Platform, draft: Proposal | None, entity: str, name: str) -> str:
    try:
        return field_of(text_to_change(platform, draft), entity, name) if entity and name else ""
    except BadInput:
        return ""  # her draft cannot be read: it is mended on its own page


def _propose(request: Request, staff: Staff) -> Response:
    platform, form = platform_of(request), form_in(request)
    entity, name, typed, why = (form.get(key, "") for key in ("entity", "field", "text", "why"))
    draft = own_draft(platform, staff)
    try:
        text = _changed(text_to_change(platform, draft), entity, name, typed.replace("\r\n", "\n"))
    except BadInput as error:
        line = error.path.rpartition(":")[2] if error.path.startswith("field:") else ""
        return change_form(request, staff, Typed(entity, name, typed, why, problem=line or error.code))
    kept = keep(platform, staff, draft, text, why=why)
    return to(f"/console/catalogue/proposals/{kept.number}")


def _changed(text: str, entity: str, name: str, typed: str) -> str:
    if not name:
        raise BadInput("bad_name", "what is proposed has a name", path="name")
    said = parse_part(typed)
    return with_field(text, entity, name, said) if entity else with_entity(text, name, said)
