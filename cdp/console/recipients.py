"""To whom data is passed on: what the policy gives each, what was agreed, and who is past the end of it."""

from datetime import UTC, datetime
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from cdp.console.forms import a_year_on, day_in, in_words, ticked
from cdp.console.guard import form_in
from cdp.console.parts import staff_page
from cdp.errors import CdpError, NotFound
from cdp.pages.language import language_of, translations
from cdp.pages.serving import platform_of, to
from cdp.services.recipients.agree import Terms, agree, end_agreement
from cdp.services.recipients.compare import Recipient, known_recipients
from cdp.services.recipients.known import Standing, list_agreements
from cdp.services.staff.permissions import Permission
from cdp.services.staff.sessions import Staff

RECIPIENTS: Final = "/console/recipients"
PER_PAGE: Final = 50


async def show(request: Request, staff: Staff) -> Response:
    """List the recipients; beside them one, with its agreements."""
    return await run_in_threadpool(_shown, request, staff)


async def make(request: Request, staff: Staff) -> Response:
    """Keep an agreement."""
    form, platform = form_in(request), platform_of(request)
    name = (form.get("recipient") or form.get("other", "")).strip()
    try:
        since, until = day_in(form, "since"), day_in(form, "until")
        terms = Terms(
            name, form.get("contact", ""), ticked(form, "field"), ticked(form, "purpose"),
            since or datetime.now(UTC).date(), until, form.get("reference", ""),
        )  # fmt: skip
        await run_in_threadpool(agree, platform, terms, principal=staff.principal)
    except CdpError as fault:
        return await run_in_threadpool(_shown, request, staff, name, fault)
    return to(f"{RECIPIENTS}?name={name}&done=agreed")


async def end(request: Request, staff: Staff) -> Response:
    """End an agreement today."""
    number, platform = form_in(request).get("agreement", ""), platform_of(request)
    known = {str(each.agreement): each for each in await run_in_threadpool(list_agreements, platform)}
    if number not in known:
        raise NotFound("not_found", "there is no such thing here")
    name = known[number].recipient
    try:
        await run_in_threadpool(end_agreement, platform, int(number), principal=staff.principal)
    except CdpError as fault:
        return await run_in_threadpool(_shown, request, staff, name, fault)
    return to(f"{RECIPIENTS}?name={name}&done=ended")


def _shown(request: Request, staff: Staff, name: str = "", fault: CdpError | None = None) -> Response:
    platform, query, language = platform_of(request), request.query_params, language_of(request)
    in_force, known = platform.in_force(), known_recipients(platform)
    found = sorted(known.values(), key=lambda each: (not each.is_amiss, each.name))
    name = name or query.get("name", "")
    if query.get("name") and name not in known:
        raise NotFound("not_found", "there is no such thing here")
    keys = [each.name for each in found]
    start = keys.index(query["first"]) if query.get("first") in keys else 0
    shown, after = found[start : start + PER_PAGE], found[start + PER_PAGE :]
    form, chosen = form_in(request) if fault else {}, known.get(name)
    fields = {entity: list(each.fields) for entity, each in in_force.catalogue.entities.items()}
    return staff_page(
        request, staff, "recipients.html", status=400 if fault else 200, recipients=shown, start=start, chosen=chosen,
        further=after[0].name if after else "", known=known, standings=_standings(language), done=query.get("done", ""),
        manages=staff.account.may(Permission.RECIPIENTS_MANAGE), problem=in_words(request, fault), form=form,
        fields=fields, purposes=list(in_force.policy.purposes), opens=bool(fault) or query.get("new") == "yes",
        ticked={*_proposed(chosen, form), *(f"field_{each}" for each in ticked(form, "field"))},
        since=form.get("since") or datetime.now(UTC).date().isoformat(), until=form.get("until", a_year_on()),
    )  # fmt: skip


def _proposed(chosen: Recipient | None, form: dict[str, str]) -> set[str]:
    """Return the boxes that are ticked at first: what the policy gives; and of a form what was ticked."""
    if form:
        return {f"purpose_{each}" for each in ticked(form, "purpose")}
    if chosen is None:
        return set()
    return {*(f"field_{each}" for each in chosen.gives), *(f"purpose_{view.purpose}" for view in chosen.views)}


def _standings(language: str) -> dict[str, str]:
    _ = translations(language).gettext
    return {
        Standing.HOLDS: _("holds"), Standing.TO_COME: _("to come"), Standing.RUN_OUT: _("has run out"),
        Standing.ENDED: _("ended"),
    }  # fmt: skip
