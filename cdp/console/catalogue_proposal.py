"""One proposal of the next catalogue: its effect in words and numbers, its text, and what may be decided about it."""

from collections.abc import Callable
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from cdp.console.catalogue_said import change_said, effect_said
from cdp.console.catalogue_words import change_words, problem_words, state_words
from cdp.console.fault_words import remarks
from cdp.console.guard import form_in
from cdp.console.parts import staff_page
from cdp.errors import BadInput, CdpError, NotFound, Refused, Several, Unavailable
from cdp.pages.language import language_of
from cdp.pages.serving import platform_of, to
from cdp.services.proposals.catalogues import CATALOGUES, CatalogueDocument, Effect, effect_of
from cdp.services.proposals.deciding import ask_second, is_stale, publish_proposal, refuse, withdraw
from cdp.services.proposals.drafting import save_draft
from cdp.services.proposals.records import Proposal, State, find_proposal
from cdp.services.staff.permissions import Permission
from cdp.services.staff.sessions import Staff

WORD = "LOSE"
"""What is typed by whoever publishes what loses stored values."""


async def show(request: Request, staff: Staff) -> Response:
    """Show it."""
    return await run_in_threadpool(_page, request, staff)


async def save(request: Request, staff: Staff) -> Response:
    """Save its text anew."""
    return await run_in_threadpool(_save, request, staff)


async def ask(request: Request, staff: Staff) -> Response:
    """Ask for a second person."""
    return await _decided(request, staff, ask_second)


async def take_back(request: Request, staff: Staff) -> Response:
    """Take it back."""
    return await _decided(request, staff, withdraw)


async def reject(request: Request, staff: Staff) -> Response:
    """Say no to it, and why."""
    return await _decided(request, staff, refuse, answer=form_in(request).get("answer", ""))


async def publish(request: Request, staff: Staff) -> Response:
    """Bring it into force; what loses stored values asks for the word."""
    said = form_in(request).get("word", "").strip() == WORD
    return await _decided(request, staff, publish_proposal, CatalogueDocument(allow_destructive=said))


async def _decided(
    request: Request, staff: Staff, act: Callable[..., object], document: CatalogueDocument = CATALOGUES, **given: Any
) -> Response:
    def deciding() -> Response:
        platform, number = platform_of(request), _number(request)
        try:
            act(platform, document, number, seen=form_in(request).get("seen", ""), principal=staff.principal, **given)
        except (BadInput, Refused, Unavailable) as error:
            return _refused(request, staff, error)
        if platform.force().applying is not None:
            request.app.state.chores.wake()
        return to(f"/console/catalogue/proposals/{number}")

    return await run_in_threadpool(deciding)


def _save(request: Request, staff: Staff) -> Response:
    platform, number, form = platform_of(request), _number(request), form_in(request)
    found = find_proposal(platform, CATALOGUES.kind, number)
    base = platform.in_force().catalogue_version if form.get("rebase") == "yes" else found.base
    try:
        save_draft(
            platform, CATALOGUES, number, form.get("text", ""), base=base, why=form.get("why", ""),
            seen=form.get("seen", ""), principal=staff.principal,
        )  # fmt: skip
    except (BadInput, Refused) as error:
        return _refused(request, staff, error, typed=form.get("text", ""))
    return to(f"/console/catalogue/proposals/{number}")


def _refused(request: Request, staff: Staff, error: CdpError, *, typed: str | None = None) -> Response:
    """Return the page as things stand, with why nothing was done and what was typed."""
    problem = "faults" if isinstance(error, Several) else error.code
    if problem not in problem_words(language_of(request)):
        raise error
    return _page(request, staff, status=409 if isinstance(error, Refused) else 400, problem=problem, typed=typed)


def _page(
    request: Request, staff: Staff, *, status: int = 200, problem: str = "", typed: str | None = None
) -> Response:
    platform, language = platform_of(request), language_of(request)
    found, in_force = find_proposal(platform, CATALOGUES.kind, _number(request)), platform.in_force()
    effect, applying = _effect(request, found)
    own = found.author == staff.principal.name
    return staff_page(
        request, staff, "catalogue_proposal.html", status=status, found=found, effect=effect, own=own, problem=problem,
        typed=found.text if typed is None else typed, words=problem_words(language), kinds=change_words(language),
        states=state_words(language), stale=found.is_open and is_stale(CATALOGUES, in_force, found), word=WORD,
        version=in_force.catalogue_version, applying=applying,
        writes=own and found.state is State.DRAFT and staff.account.may(Permission.CATALOGUE_PROPOSE),
        approves=staff.account.may(Permission.APPROVE), faults=remarks(effect.faults if effect else (), language),
        said=lambda each: change_said(each, language), seen=lambda each: effect_said(each, language),
    )  # fmt: skip


def _effect(request: Request, found: Proposal) -> tuple[Effect | None, bool]:
    """Return what it would change; nothing for one that is over, and while a catalogue is being applied."""
    platform = platform_of(request)
    if platform.force().applying is not None:
        return None, True
    return (effect_of(platform, found.text) if found.is_open else None), False


def _number(request: Request) -> int:
    given = request.path_params["number"]
    if not (given.isascii() and given.isdecimal() and len(given) < 10):
        raise NotFound("unknown_proposal", "there is no such proposal", path="proposal")
    return int(given)
