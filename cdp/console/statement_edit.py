"""Writing the next statement: a text for each part and language, saved as it is typed, then published."""

import re
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from cdp.console.guard import form_in
from cdp.console.parts import staff_page
from cdp.console.statement import draft_page
from cdp.console.statement_words import part_words, said_of
from cdp.errors import Refused, Several
from cdp.pages.language import language_of
from cdp.pages.serving import platform_of, to
from cdp.services.staff.sessions import Staff
from cdp.services.statements.draft import Draft, discard_draft, find_draft, first_fields, judge, save_draft
from cdp.services.statements.known import statement_in_force
from cdp.services.statements.publish import publish_draft
from cdp.services.statements.written import NAMED, Fields, field_names
from views.statement.document import CLAUSES

DRAFT = "/console/statement/draft"


async def show(request: Request, staff: Staff) -> Response:
    """Show the form: the draft, or what a new one begins with."""
    return await run_in_threadpool(_show, request, staff)


async def save(request: Request, staff: Staff) -> Response:
    """Keep what was typed; of two officers the second is shown what the first one saved, beside what she typed."""
    return await run_in_threadpool(_save, request, staff)


async def discard(request: Request, staff: Staff) -> Response:
    """Throw the draft away."""
    revision = form_in(request).get("revision", "")
    await run_in_threadpool(discard_draft, platform_of(request), revision=revision, principal=staff.principal)
    return to("/console/statement?done=discarded")


async def publish(request: Request, staff: Staff) -> Response:
    """Bring the draft into force, if it is still as she had it before her and the policy keeps it."""
    return await run_in_threadpool(_publish, request, staff)


def _show(request: Request, staff: Staff) -> Response:
    platform = platform_of(request)
    draft = find_draft(platform)
    base, fields = (draft.base, draft.fields) if draft else first_fields(platform)
    return _form(request, staff, fields, draft, base=base)


def _save(request: Request, staff: Staff) -> Response:
    platform, form = platform_of(request), form_in(request)
    base = int(form["base"]) if re.fullmatch(r"[0-9]{1,9}", form.get("base", "")) else 0
    if form.get("rebase") == "yes":
        published = statement_in_force(platform)
        base = published.number if published else 0
    try:
        save_draft(platform, form, revision=form.get("revision", ""), base=base, principal=staff.principal)
    except Refused as error:
        if error.code != "draft_moved":
            raise
        return _form(request, staff, form, find_draft(platform), base=base, status=409)
    return to(DRAFT)


def _publish(request: Request, staff: Staff) -> Response:
    form = form_in(request)
    try:
        publish_draft(
            platform_of(request), revision=form.get("revision", ""), principal=staff.principal,
            letters=form.get("letters") == "yes",
        )  # fmt: skip
    except Several:
        return draft_page(request, staff, status=400, problem="faults")
    except Refused as error:
        if error.code not in ("draft_moved", "draft_stale", "second_needed"):
            raise
        return draft_page(request, staff, status=409, problem=error.code)
    return to("/console/statement?done=published")


def _form(
    request: Request, staff: Staff, fields: Fields, draft: Draft | None, *, base: int, status: int = 200
) -> Response:
    """Return the form; with 409 it holds what she typed, and shows what somebody else saved meanwhile."""
    platform, language = platform_of(request), language_of(request)
    published = statement_in_force(platform)
    judged = judge(platform, fields) if any(fields.get(name) for name in ("version", "title.en")) else None
    said = said_of((*judged.faults, *judged.findings), language) if judged and (draft or status != 200) else []
    values: dict[str, Any] = {
        "fields": {**dict.fromkeys(field_names(), ""), **fields}, "draft": draft, "base": base,
        "theirs": draft.fields if draft and status == 409 else {}, "moved": status == 409, "said": said,
        "published": published, "stale": base != (published.number if published else 0),
        "parts": part_words(language), "clauses": CLAUSES, "named": NAMED, "catalogue": platform.in_force().catalogue,
        "policy": platform.in_force().policy,
    }  # fmt: skip
    return staff_page(request, staff, "statement_edit.html", status=status, **values)
