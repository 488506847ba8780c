"""The privacy statement: what is in force and who has read it, every version, their differences, and the draft."""

from dataclasses import dataclass
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from cdp.bootstrap import Platform
from cdp.console.parts import staff_page
from cdp.console.statement_words import part_words, said_of
from cdp.errors import NotFound
from cdp.pages.language import language_of
from cdp.pages.serving import platform_of
from cdp.services.staff.permissions import Permission
from cdp.services.staff.sessions import Staff
from cdp.services.statements.draft import find_draft, judge, judge_statement
from cdp.services.statements.known import Published, find_statement, statement_in_force, statements
from cdp.services.statements.publish import needs_other
from cdp.services.statements.readers import count_readers
from cdp.services.statements.tell import tellings
from cdp.services.statements.written import as_yaml
from cdp.terms import LANGUAGES
from views.statement.compare import Difference, differences
from views.statement.document import Statement


@dataclass(frozen=True)
class Changed:
    """A part that differs, with what differs in each language."""

    part: str
    languages: dict[str, Difference]

    @property
    def names(self) -> Difference:
        """What is named otherwise, which is the same in every language."""
        return next(iter(self.languages.values()))


async def show(request: Request, staff: Staff) -> Response:
    """Show what is in force, and every version."""
    return await run_in_threadpool(_overview, request, staff)


async def changes(request: Request, staff: Staff) -> Response:
    """Show what is different between two versions, in both languages beside each other."""
    platform, query = platform_of(request), request.query_params
    every = await run_in_threadpool(statements, platform)
    new = find_statement(platform, query["new"]) if query.get("new") else next(iter(every), None)
    if new is None:
        raise NotFound("unknown_statement", "no statement was published yet", path="version")
    earlier = next((each for each in every if each.number < new.number), None)
    old = find_statement(platform, query["old"]) if query.get("old") else earlier
    found = compared(old.statement, new.statement) if old else []
    return staff_page(
        request, staff, "statement_changes.html", old=old, new=new, versions=every, found=found,
        parts=part_words(language_of(request)),
    )  # fmt: skip


async def draft(request: Request, staff: Staff) -> Response:
    """Show the draft: what keeps it from being published, and what would be different."""
    return await run_in_threadpool(draft_page, request, staff)


def draft_page(request: Request, staff: Staff, *, status: int = 200, problem: str = "") -> Response:
    """Return the page of the draft.

    Args:
        problem: the code of what kept it from being published.
    """
    platform, language = platform_of(request), language_of(request)
    found = find_draft(platform)
    if found is None:
        raise NotFound("no_draft", "nobody is writing a statement", path="draft")
    published = statement_in_force(platform)
    judged = judge(platform, found.fields)
    changed = compared(published.statement, judged.statement) if published and judged.statement else []
    same = bool(published and judged.statement and judged.statement.digest == published.statement.digest)
    return staff_page(
        request, staff, "statement_draft.html", status=status, draft=found, published=published, judged=judged,
        faults=said_of(judged.faults, language), findings=said_of(judged.findings, language), found=changed,
        same=same, parts=part_words(language), problem=problem,
        other=needs_other(platform, found, staff.principal),
        stale=found.base != (published.number if published else 0), edits=staff.account.may(Permission.STATEMENT_EDIT),
        publishes=staff.account.may(Permission.APPROVE), text=as_yaml(judged.statement) if judged.statement else "",
    )  # fmt: skip


def compared(old: Statement, new: Statement) -> list[Changed]:
    """Return the parts that differ in any language."""
    by_language = {each: {one.part: one for one in differences(old, new, each)} for each in LANGUAGES}
    parts = dict.fromkeys(part for found in by_language.values() for part in found)
    order = {name: place for place, name in enumerate(part_words(LANGUAGES[0]))}
    return [
        Changed(part, {language: found[part] for language, found in by_language.items() if part in found})
        for part in sorted(parts, key=lambda part: order[part])
    ]


def _overview(request: Request, staff: Staff) -> Response:
    platform, language = platform_of(request), language_of(request)
    every = statements(platform)
    newest = every[0] if every else None
    return staff_page(
        request, staff, "statement.html", versions=every, newest=newest, draft=find_draft(platform),
        readers=count_readers(platform, principal=staff.principal) if every else {}, told=tellings(platform),
        edits=staff.account.may(Permission.STATEMENT_EDIT), done=request.query_params.get("done", ""),
        **_judged(platform, newest, language),
    )  # fmt: skip


def _judged(platform: Platform, newest: Published | None, language: str) -> dict[str, Any]:
    judged = judge_statement(platform, newest.statement) if newest else None
    return {
        "faults": said_of(judged.faults, language) if judged else [],
        "findings": said_of(judged.findings, language) if judged else [],
    }
