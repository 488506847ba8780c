"""Who there is among staff: adding somebody, a new link for somebody, and the end of an account.

Links go by mail to whom they are for, and are shown to nobody. Who may be a second person is added on the command line:
else somebody could make herself the one who approves what she does.
"""

from collections.abc import Callable
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from cdp.bootstrap import Platform
from cdp.console.forms import in_words, require_typed
from cdp.console.guard import form_in
from cdp.console.parts import staff_page
from cdp.console.words import acts_of
from cdp.errors import BadInput, CdpError, NotFound
from cdp.pages.language import language_of
from cdp.pages.letters import staff_letter
from cdp.pages.serving import origin_of, platform_of, to
from cdp.pages.titles import staff_roles
from cdp.services.access_term import due_at
from cdp.services.mail import deliver_mail
from cdp.services.staff.accounts import Account, address_of, list_accounts
from cdp.services.staff.invite import Invited, add_staff, disable_staff, new_link
from cdp.services.staff.permissions import ROLES, Permission, may
from cdp.services.staff.sessions import Staff

STAFF: Final = "/console/staff"
ADDED_HERE: Final = tuple(role for role in ROLES if not may(role, Permission.APPROVE))
PER_PAGE: Final = 50


async def show(request: Request, staff: Staff) -> Response:
    """List the accounts, those that are disabled last; beside them one with what it may do."""
    return await run_in_threadpool(_shown, request, staff)


async def add(request: Request, staff: Staff) -> Response:
    """Add an account, and send its owner her link."""
    form, platform = form_in(request), platform_of(request)

    def adding() -> Response:
        name, role = form.get("name", "").strip(), form.get("role", "")
        if role not in ADDED_HERE:
            raise BadInput("bad_staff_role", "there is no such role to be given here", path="role")
        made = add_staff(platform, name, role=role, address=form.get("email", ""), principal=staff.principal)
        return _sent(request, platform, made)

    return await _doing(request, staff, adding)


async def link(request: Request, staff: Staff) -> Response:
    """Send somebody a new link; the account is as it was until it is opened."""
    name, platform = form_in(request).get("name", ""), platform_of(request)
    return await _doing(
        request, staff, lambda: _sent(request, platform, new_link(platform, name, principal=staff.principal)), name
    )


async def disable(request: Request, staff: Staff) -> Response:
    """Disable an account, if its name was typed."""
    form, platform = form_in(request), platform_of(request)
    name = form.get("name", "")

    def disabling() -> Response:
        require_typed(form, name)
        disable_staff(platform, name, principal=staff.principal)
        return to(f"{STAFF}?name={name}&done=disabled")

    return await _doing(request, staff, disabling, name)


async def _doing(request: Request, staff: Staff, act: Callable[[], Response], name: str = "") -> Response:
    try:
        return await run_in_threadpool(act)
    except CdpError as fault:
        return await run_in_threadpool(_shown, request, staff, name, fault)


def _sent(request: Request, platform: Platform, made: Invited) -> Response:
    address = f"{origin_of(request)}/console/welcome?link={made.secret}"
    letter = staff_letter(address, language_of(request))
    try:
        deliver_mail(platform.settings, address_of(platform, made.account), letter)
    except CdpError:
        return to(f"{STAFF}?name={made.account.name}&done=unsent")
    return to(f"{STAFF}?name={made.account.name}&done=sent")


def _shown(request: Request, staff: Staff, name: str = "", fault: CdpError | None = None) -> Response:
    platform, query, language = platform_of(request), request.query_params, language_of(request)
    accounts, name = list_accounts(platform), name or query.get("name", "")
    chosen = _one(accounts, name) if name else None
    start = accounts.index(_one(accounts, query["first"])) if query.get("first") else 0
    shown, after = accounts[start : start + PER_PAGE], accounts[start + PER_PAGE :]
    given = form_in(request) if fault else {}
    return staff_page(
        request, staff, "staff.html", status=400 if fault else 200, accounts=shown, start=start, chosen=chosen,
        further=after[0].name if after else "", roles=staff_roles(language), added_here=ADDED_HERE,
        acts=acts_of(language, ROLES[chosen.role]) if chosen and chosen.role in ROLES else [],
        manages=staff.account.may(Permission.STAFF_MANAGE), done=query.get("done", ""), given=given,
        problem=in_words(request, fault), due=due_at(platform.settings, chosen.settled_at) if chosen else "",
        reads=_reads(platform, chosen),
    )  # fmt: skip


def _reads(platform: Platform, account: Account | None) -> list[str]:
    """Return the views of customers that the role of an account reads."""
    views = platform.in_force().policy.views
    return [name for name, view in views.items() if account and account.role in view.roles]


def _one(accounts: list[Account], name: str) -> Account:
    for account in accounts:
        if account.name == name:
            return account
    raise NotFound("not_found", "there is no such thing here")
