"""Deciding a request: the letter that will go out, to be looked at and edited; and then the step itself.

Whoever is told that somebody was quicker has lost nothing of what she typed: it is on the page that says so.
"""

from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from cdp.bootstrap import Platform
from cdp.console import asked
from cdp.console.guard import form_in
from cdp.console.parts import staff_page
from cdp.console.request import LIST, seen_of, shown, status_of
from cdp.errors import BadInput, CdpError, Refused
from cdp.pages.language import language_of, translations
from cdp.pages.serving import platform_of, to
from cdp.services.requests.approve import approve
from cdp.services.requests.draft import Draft, draft_letter
from cdp.services.requests.officer import Officer
from cdp.services.requests.read import is_there
from cdp.services.requests.second import send_back, takes_two
from cdp.services.requests.states import Kind, Step
from cdp.services.requests.steps import end_on_word, extend, pause, reject, resume
from cdp.services.requests.tell import MAX_LETTER, TEMPLATES
from cdp.services.requests.work import Seen
from cdp.services.staff.officers import as_officer
from cdp.services.staff.sessions import Staff
from cdp.terms import LANGUAGES

_STEPS: Final = {Step.REFUSE: reject, Step.PAUSE: pause, Step.RESUME: resume, Step.EXTEND: extend}


async def preview(request: Request, staff: Staff) -> Response:
    """Show the letter of a step, before it is taken."""
    return await run_in_threadpool(_previewed, request, staff, form_in(request))


async def decide(request: Request, staff: Staff) -> Response:
    """Take a step, and have its letter sent."""
    return await run_in_threadpool(_decided, request, staff, form_in(request))


async def second(request: Request, staff: Staff) -> Response:
    """Grant what another officer has granted first, or send it back to her."""
    return await run_in_threadpool(_seconded, request, staff, form_in(request))


async def end(request: Request, staff: Staff) -> Response:
    """End it on her word."""
    return await run_in_threadpool(_ended, request, staff, form_in(request))


def _previewed(request: Request, staff: Staff, form: dict[str, str]) -> Response:
    platform, step = platform_of(request), _step(form)
    seen_of(form)
    try:
        draft = _draft(platform, request, staff, step, form.get("reason", ""))
    except (Refused, BadInput) as error:
        return shown(request, staff, problem=error, typed=form)
    return _letter(request, staff, form, draft=draft)


def _decided(request: Request, staff: Staff, form: dict[str, str]) -> Response:
    platform, step, request_id = platform_of(request), _step(form), request.path_params["request"]
    seen, officer = seen_of(form), as_officer(platform, staff.account)
    try:
        _require_confirmed(platform, request_id, officer, step, form)
        _take(platform, request_id, step, officer=officer, reason=form.get("reason", ""), seen=seen)
    except (Refused, BadInput) as error:
        return _letter(request, staff, form, problem=error)
    return _went(request, platform, request_id, str(step))


def _seconded(request: Request, staff: Staff, form: dict[str, str]) -> Response:
    platform, request_id = platform_of(request), request.path_params["request"]
    seen, officer = Seen(seen_of(form).revision), as_officer(platform, staff.account)
    try:
        if form.get("act") == "back":
            send_back(platform, request_id, officer=officer, reason=form.get("reason", ""), seen=seen)
            return to(f"{LIST}/{request_id}?done=send_back")
        approve(platform, request_id, officer=officer, seen=seen)
    except (Refused, BadInput) as error:
        return shown(request, staff, problem=error, typed=form)
    return _went(request, platform, request_id, str(Step.APPROVE))


def _ended(request: Request, staff: Staff, form: dict[str, str]) -> Response:
    platform, request_id = platform_of(request), request.path_params["request"]
    try:
        officer, seen = as_officer(platform, staff.account), Seen(seen_of(form).revision)
        end_on_word(platform, request_id, officer=officer, word=form.get("word", ""), seen=seen)
    except (Refused, BadInput) as error:
        return shown(request, staff, problem=error, typed=form)
    return _went(request, platform, request_id, "end")


def _take(platform: Platform, request_id: str, step: Step, *, officer: Officer, reason: str, seen: Seen) -> None:
    if step is Step.APPROVE:
        approve(platform, request_id, officer=officer, answer=reason, seen=seen)
    else:
        _STEPS[step](platform, request_id, officer=officer, reason=reason, seen=seen)


def _require_confirmed(
    platform: Platform, request_id: str, officer: Officer, step: Step, form: dict[str, str]
) -> None:  # fmt: skip
    """Do nothing if an erasure was confirmed by a typed word; nothing else asks for one, nor what takes two officers.

    Raises:
        BadInput: `not_confirmed`.
    """
    if step is not Step.APPROVE or takes_two(platform.in_force(), Kind.ERASURE):
        return
    draft = draft_letter(platform, request_id, step, officer=officer)
    words = {translations(language).gettext("erase") for language in LANGUAGES}
    if draft.request.kind is Kind.ERASURE and form.get("confirm", "").strip().casefold() not in words:
        raise BadInput("not_confirmed", "nobody is erased by a slip: the word has to be typed", path="confirm")


def _draft(platform: Platform, request: Request, staff: Staff, step: Step, reason: str) -> Draft:
    officer = as_officer(platform, staff.account)
    return draft_letter(platform, request.path_params["request"], step, officer=officer, reason=reason)


def _letter(
    request: Request, staff: Staff, form: dict[str, str], *, draft: Draft | None = None, problem: CdpError | None = None
) -> Response:
    """Return the page of the letter; where the step cannot be taken any more, what was typed without its button."""
    platform, step, language = platform_of(request), _step(form), language_of(request)
    revision = seen_of(form).revision
    if draft is None:
        try:
            draft = _draft(platform, request, staff, step, form.get("reason", "") or "-")
        except Refused:
            return shown(request, staff, problem=problem, typed=form)
    kind, words = draft.request.kind, asked.choices(language)[step]
    two = step is Step.APPROVE and takes_two(platform.in_force(), kind)
    return staff_page(
        request, staff, "letter.html", status=status_of(problem), draft=draft, step=step, words=words, two=two,
        kind=asked.kinds(language)[kind], problem=asked.fault(problem, language) if problem else "",
        text=form.get("letter") or draft.text, reason=form.get("reason", ""), revision=draft.request.revision,
        changed=revision != draft.request.revision, most=MAX_LETTER, request_id=draft.request.request_id,
        erases=step is Step.APPROVE and kind is Kind.ERASURE and not two,
    )  # fmt: skip


def _went(request: Request, platform: Platform, request_id: str, done: str) -> Response:
    """Send the officer on, and have the letters sent that were queued; a person who was erased has no request left."""
    request.app.state.chores.wake()
    return to(f"{LIST}/{request_id}?done={done}" if is_there(platform, request_id) else f"{LIST}?done=erased")


def _step(form: dict[str, str]) -> Step:
    """Return the step that a form names.

    Raises:
        BadInput: `bad_page_form`.
    """
    try:
        step = Step(form.get("step", ""))
    except ValueError:
        step = Step.LIFT
    if step not in TEMPLATES:
        raise BadInput("bad_page_form", "this is no form")
    return step
