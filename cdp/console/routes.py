"""Every address of the console, and the permission that it needs."""

from starlette.routing import BaseRoute, Route

from cdp.console import (
    apps,
    break_glass,
    canaries,
    catalogue,
    catalogue_proposal,
    confirm,
    consent,
    oidc,
    passkeys,
    policy,
    policy_edit,
    policy_proposal,
    queues,
    recipients,
    reports,
    resume,
    see_as,
    sign_in,
    sources,
    staff,
    statement,
    statement_edit,
    today,
    unclassified,
    welcome,
    who_sees,
)
from cdp.console.guard import ByStaff, public, staffed
from cdp.console.log.routes import routes as log_routes
from cdp.pages.forms import LONG_FORM
from cdp.services.staff.permissions import Permission


def routes() -> list[BaseRoute]:
    """Return the routes."""
    return [
        Route("/console/sign-in", public(sign_in.show), methods=["GET"]),
        Route("/console/sign-in", public(sign_in.use), methods=["POST"]),
        Route("/console/welcome", public(welcome.show), methods=["GET"]),
        Route("/console/welcome", public(welcome.use), methods=["POST"]),
        Route("/console/welcome/passkey", public(passkeys.accept), methods=["POST"]),
        Route("/console/welcome/passkey/options", public(passkeys.ask_to_accept), methods=["POST"]),
        Route("/console/oidc", public(oidc.JOURNEYS.leave), methods=["GET"]),
        Route("/console/oidc/callback", public(oidc.JOURNEYS.arrive), methods=["GET"]),
        Route("/console/passkey", public(passkeys.ENTRY.enter), methods=["POST"]),
        Route("/console/passkey/options", public(passkeys.ENTRY.ask_to_enter), methods=["POST"]),
        Route("/console/resume", staffed(resume.show, needs=Permission.ACCOUNT), methods=["GET"]),
        Route("/console/account", staffed(passkeys.show, needs=Permission.ACCOUNT), methods=["GET"]),
        Route(
            "/console/account/passkeys", staffed(passkeys.add, needs=Permission.ACCOUNT, fresh=True), methods=["POST"]
        ),
        Route(
            "/console/account/passkeys/options",
            staffed(passkeys.ask_to_add, needs=Permission.ACCOUNT, fresh=True),
            methods=["POST"],
        ),
        Route("/console/account/remove", staffed(passkeys.remove, needs=Permission.ACCOUNT), methods=["POST"]),
        Route("/console/sign-out", staffed(sign_in.leave, needs=Permission.ACCOUNT), methods=["POST"]),
        Route("/console", staffed(today.show, needs=Permission.TODAY), methods=["GET"]),
        *queues.routes(),
        Route("/console/reports", staffed(reports.show, needs=Permission.REPORTS_READ), methods=["GET"]),
        Route("/console/reports", staffed(reports.make, needs=Permission.REPORTS_MAKE), methods=["POST"]),
        Route("/console/reports/state", staffed(reports.state, needs=Permission.REPORTS_READ), methods=["GET"]),
        Route("/console/reports/file", staffed(reports.fetch, needs=Permission.REPORTS_READ), methods=["POST"]),
        Route("/console/who-sees", staffed(who_sees.show, needs=Permission.POLICY_READ), methods=["GET"]),
        *_policy(),
        Route("/console/see-as", staffed(see_as.show, needs=Permission.CUSTOMERS_READ), methods=["GET"]),
        Route("/console/see-as", staffed(see_as.look, needs=Permission.CUSTOMERS_READ), methods=["POST"]),
        *_statement(),
        *_break_glass(),
        *log_routes(),
        Route("/console/consent", staffed(consent.show, needs=Permission.CONSENT_READ), methods=["GET"]),
        Route("/console/consent/latency", staffed(consent.measure, needs=Permission.CONSENT_READ), methods=["POST"]),
        Route("/console/consent/latency/state", staffed(consent.state, needs=Permission.CONSENT_READ), methods=["GET"]),
        *_catalogue(),
        Route("/console/staff", staffed(staff.show, needs=Permission.STAFF_READ), methods=["GET"]),
        *_access(),
    ]


def _access() -> list[BaseRoute]:
    """Who may see what: apps, sources, recipients, staff."""
    read, manage, people = Permission.APPS_READ, Permission.APPS_MANAGE, Permission.STAFF_MANAGE
    agreed = Permission.RECIPIENTS_MANAGE
    looks: list[BaseRoute] = [
        Route("/console/apps", staffed(apps.show, needs=read), methods=["GET"]),
        Route("/console/apps/new", staffed(apps.new, needs=manage), methods=["GET"]),
        Route("/console/apps/sources", staffed(sources.show, needs=read), methods=["GET"]),
        Route("/console/recipients", staffed(recipients.show, needs=Permission.RECIPIENTS_READ), methods=["GET"]),
        Route("/console/canaries", staffed(canaries.show, needs=Permission.LOG_READ), methods=["GET"]),
        Route("/console/confirm", staffed(confirm.show, needs=Permission.APPROVE), methods=["GET"]),
    ]
    acts: dict[str, tuple[ByStaff, Permission]] = {
        "apps/new": (apps.register, manage), "apps/renew": (apps.renew, manage), "apps/revoke": (apps.revoke, manage),
        "apps/sources": (sources.add, manage), "apps/sources/renew": (sources.renew, manage),
        "apps/sources/revoke": (sources.revoke, manage),
        "staff": (staff.add, people), "staff/link": (staff.link, people), "staff/disable": (staff.disable, people),
        "recipients": (recipients.make, agreed), "recipients/end": (recipients.end, agreed),
        "confirm": (confirm.confirm, Permission.APPROVE), "canaries": (canaries.settle, Permission.APPROVE),
    }  # fmt: skip
    return looks + [
        Route(f"/console/{path}", staffed(act, needs=needs, fresh=True), methods=["POST"])
        for path, (act, needs) in acts.items()
    ]


def _policy() -> list[BaseRoute]:
    """Return those of the policy: what widens is published by `approve` alone, and both end in one service."""
    looks, proposes, page = Permission.POLICY_READ, Permission.POLICY_PROPOSE, "/console/policy"
    one, decides = f"{page}/proposals/{{number}}", policy_proposal.publish
    return [
        Route(page, staffed(policy.show, needs=looks), methods=["GET"]),
        Route(f"{page}/changes", staffed(policy.changes, needs=looks), methods=["GET"]),
        Route(f"{page}/versions/{{version}}", staffed(policy.version, needs=looks), methods=["GET"]),
        Route(f"{page}/new", staffed(policy_edit.begin, needs=proposes), methods=["GET"]),
        Route(f"{page}/new", staffed(policy_edit.save, needs=proposes, most=LONG_FORM), methods=["POST"]),
        Route(f"{page}/proposals", staffed(policy.proposals, needs=looks), methods=["GET"]),
        Route(one, staffed(policy_proposal.show, needs=looks), methods=["GET"]),
        Route(f"{one}/replay", staffed(policy_proposal.replayed, needs=looks), methods=["GET"]),
        Route(f"{one}/edit", staffed(policy_edit.edit, needs=proposes), methods=["GET"]),
        Route(f"{one}/edit", staffed(policy_edit.save, needs=proposes, most=LONG_FORM), methods=["POST"]),
        Route(f"{one}/ask", staffed(policy_proposal.ask, needs=proposes), methods=["POST"]),
        Route(f"{one}/withdraw", staffed(policy_proposal.take_back, needs=proposes), methods=["POST"]),
        Route(f"{one}/publish", staffed(decides, needs=proposes, fresh=True), methods=["POST"]),
        Route(f"{one}/approve", staffed(decides, needs=Permission.APPROVE, fresh=True), methods=["POST"]),
        Route(f"{one}/refuse", staffed(policy_proposal.say_no, needs=Permission.APPROVE), methods=["POST"]),
    ]


def _statement() -> list[BaseRoute]:
    """Return those of the privacy statement; what is written there is longer than other forms."""
    looks, edits, page = Permission.STATEMENT_READ, Permission.STATEMENT_EDIT, "/console/statement"
    publishes = staffed(statement_edit.publish, needs=Permission.APPROVE, fresh=True)
    return [
        Route(page, staffed(statement.show, needs=looks), methods=["GET"]),
        Route(f"{page}/changes", staffed(statement.changes, needs=looks), methods=["GET"]),
        Route(f"{page}/draft", staffed(statement.draft, needs=looks), methods=["GET"]),
        Route(f"{page}/edit", staffed(statement_edit.show, needs=edits), methods=["GET"]),
        Route(f"{page}/edit", staffed(statement_edit.save, needs=edits, most=LONG_FORM), methods=["POST"]),
        Route(f"{page}/discard", staffed(statement_edit.discard, needs=edits), methods=["POST"]),
        Route(f"{page}/publish", publishes, methods=["POST"]),
    ]


def _break_glass() -> list[BaseRoute]:
    """Return those of break-glass; what shows a customer, or lets somebody see one, asks who it is once more."""
    home, grant = "/console/break-glass", "/console/break-glass/{grant}"
    asks, approves = Permission.BREAK_GLASS_ASK, Permission.APPROVE
    return [
        Route(home, staffed(break_glass.index, needs=Permission.BREAK_GLASS_READ), methods=["GET"]),
        Route(home, staffed(break_glass.ask, needs=asks), methods=["POST"]),
        Route(grant, staffed(break_glass.show, needs=Permission.BREAK_GLASS_READ), methods=["GET"]),
        Route(f"{grant}/decide", staffed(break_glass.decide_on, needs=approves, fresh=True), methods=["POST"]),
        Route(f"{grant}/withdraw", staffed(break_glass.withdraw, needs=asks), methods=["POST"]),
        Route(f"{grant}/read", staffed(break_glass.read, needs=asks, fresh=True), methods=["POST"]),
        Route(f"{grant}/end", staffed(break_glass.end, needs=asks), methods=["POST"]),
        Route(f"{grant}/delay", staffed(break_glass.tell_later, needs=approves, fresh=True), methods=["POST"]),
        Route(f"{grant}/tell", staffed(break_glass.tell_now, needs=approves), methods=["POST"]),
        Route(f"{grant}/review", staffed(break_glass.review, needs=approves), methods=["POST"]),
    ]


def _catalogue() -> list[BaseRoute]:
    """Return those of the catalogue, of what is not in it, and of proposals of the next one."""
    looks, edits, decides = Permission.CATALOGUE_READ, Permission.CATALOGUE_PROPOSE, Permission.APPROVE
    page, one, here = "/console/catalogue", "/console/catalogue/proposals/{number}", catalogue_proposal
    return [
        Route(page, staffed(catalogue.show, needs=looks), methods=["GET"]),
        Route(f"{page}/edit", staffed(catalogue.edit, needs=edits), methods=["GET"]),
        Route(f"{page}/edit", staffed(catalogue.propose, needs=edits), methods=["POST"]),
        Route(f"{page}/proposals", staffed(catalogue.proposals, needs=looks), methods=["GET"]),
        Route(one, staffed(here.show, needs=looks), methods=["GET"]),
        Route(f"{one}/save", staffed(here.save, needs=edits, most=LONG_FORM), methods=["POST"]),
        Route(f"{one}/ask", staffed(here.ask, needs=edits), methods=["POST"]),
        Route(f"{one}/withdraw", staffed(here.take_back, needs=edits), methods=["POST"]),
        Route(f"{one}/refuse", staffed(here.reject, needs=decides), methods=["POST"]),
        Route(f"{one}/publish", staffed(here.publish, needs=decides, fresh=True), methods=["POST"]),
        Route("/console/unclassified", staffed(unclassified.show, needs=looks), methods=["GET"]),
        Route("/console/unclassified/{token}", staffed(unclassified.decide, needs=edits), methods=["GET"]),
    ]
