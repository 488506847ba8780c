"""One proposal: what it says and means, its replay, and what becomes of it."""

from collections.abc import Callable
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from cdp.console.guard import form_in
from cdp.console.parts import staff_page
from cdp.console.policy import HERE, number_in, proposes
from cdp.console.policy_said import judged_draft
from cdp.errors import BadInput, CdpError, Refused
from cdp.pages.language import language_of
from cdp.pages.serving import platform_of, to
from cdp.services.proposals.compare import compare_texts
from cdp.services.proposals.deciding import ask_second, is_stale, publish_proposal, refuse, withdraw
from cdp.services.proposals.dump import to_yaml
from cdp.services.proposals.policies import POLICIES, parse_draft, text_of
from cdp.services.proposals.records import Proposal, State, find_proposal
from cdp.services.replay.run import replay
from cdp.services.staff.accounts import list_accounts
from cdp.services.staff.permissions import Permission
from cdp.services.staff.sessions import Staff

DAYS = 30
ANSWERS = (7, 30, 90)
ENTRIES = "/console/log/"
SECONDS = 8.0
"""So long a page may look through the log; what it did not come to, it says."""


async def show(request: Request, staff: Staff) -> Response:
    """Show a proposal."""
    return await run_in_threadpool(_show, request, staff)


async def replayed(request: Request, staff: Staff) -> Response:
    """Show what the reads of the last days would have shown under it."""
    return await run_in_threadpool(_replayed, request, staff)


async def ask(request: Request, staff: Staff) -> Response:
    """Ask for a second officer."""
    return await _decide(request, staff, ask_second)


async def take_back(request: Request, staff: Staff) -> Response:
    """Take one's own proposal back."""
    return await _decide(request, staff, withdraw)


async def publish(request: Request, staff: Staff) -> Response:
    """Bring a proposal into force: one's own that widens nothing, or as the second person somebody else's."""
    return await _decide(request, staff, publish_proposal)


async def say_no(request: Request, staff: Staff) -> Response:
    """Refuse somebody else's proposal, and say why."""
    return await _decide(request, staff, refuse, answer=form_in(request).get("answer", ""))


async def _decide(request: Request, staff: Staff, act: Callable[..., object], **said: str) -> Response:
    platform, number, form = platform_of(request), number_in(request, "number"), form_in(request)

    def work() -> Response:
        try:
            act(platform, POLICIES, number, seen=form.get("seen", ""), principal=staff.principal, **said)
        except (BadInput, Refused) as error:
            return _show(request, staff, problem=error, answer=said.get("answer", ""))
        return to(f"{HERE}?done=published" if act is publish_proposal else f"{HERE}/proposals/{number}")

    return await run_in_threadpool(work)


def _show(request: Request, staff: Staff, *, problem: CdpError | None = None, answer: str = "") -> Response:
    platform, language = platform_of(request), language_of(request)
    found = find_proposal(platform, POLICIES.kind, number_in(request, "number"))
    in_force = platform.in_force(fresh=True)
    checked = judged_draft(platform, found.text, language)
    own, second = found.author == staff.principal.name, staff.account.may(Permission.APPROVE)
    values: dict[str, Any] = {
        "proposal": found, "checked": checked, "pieces": _pieces(request, found), "text": found.text.splitlines(),
        "stale": is_stale(POLICIES, in_force, found), "current": in_force.policy_version, "own": own,
        "proposes": proposes(staff), "decides": second and not own and found.state is State.WAITING,
        "others": _others(request, found) if own and found.is_open else True, "problem": problem, "answer": answer,
        "days": DAYS,
    }  # fmt: skip
    status = 200 if problem is None else 409 if isinstance(problem, Refused) else 400
    return staff_page(request, staff, "policy_proposal.html", status=status, **values)


def _pieces(request: Request, found: Proposal) -> Any:
    """Return the difference in what is said; where the draft cannot be read, that of the texts."""
    platform = platform_of(request)
    try:
        policy, _ = parse_draft(found.text)
    except BadInput:
        return compare_texts(text_of(platform, found.base), found.text)
    return compare_texts(to_yaml(platform.policy(found.base)), to_yaml(policy))


def _others(request: Request, found: Proposal) -> bool:
    """Return whether there is anybody else who could be the second person."""
    return any(
        account.principal.name != found.author and account.disabled_at is None and account.may(Permission.APPROVE)
        for account in list_accounts(platform_of(request))
    )


def _replayed(request: Request, staff: Staff) -> Response:
    platform, query = platform_of(request), request.query_params
    found = find_proposal(platform, POLICIES.kind, number_in(request, "number"))
    days, against = number_in(request, "days", DAYS), "then" if query.get("against") == "then" else "now"
    entries = ENTRIES if staff.account.may(Permission.LOG_READ) else ""
    verdict, problem = None, None
    try:
        policy, _ = parse_draft(found.text)
        verdict = replay(
            platform, policy, days=days, principal=staff.principal, against="then" if against == "then" else "now",
            seconds=SECONDS,
        )  # fmt: skip
    except BadInput as error:
        problem = error
    return staff_page(
        request, staff, "policy_replay.html", proposal=found, verdict=verdict, problem=problem, days=days,
        against=against, answers=ANSWERS, entry_page=entries, status=200 if problem is None else 400,
    )  # fmt: skip
