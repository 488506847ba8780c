"""My choices: each opt-out and the parts of one, what each changes, undo, the history, and receipts of it."""

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from audit.entries import HERSELF
from cdp.errors import BadInput
from cdp.pages.language import language_of
from cdp.pages.template import HEADERS
from cdp.portal.parts import form_of, has_gpc, own_page, platform_of, to
from cdp.portal.words import channels, meanings, regimes, sources
from cdp.services.herself.choices import Standings, standings
from cdp.services.herself.readers import apps_by_view
from cdp.services.receipts.issue import issue_receipt
from cdp.services.sign_in.keeping import Session
from cdp.services.state_choices import Said, Wish, state_choices
from cdp.services.statements.known import name_in_force
from cdp.terms import DIRECT_MARKETING, THIRD_PARTY_DISCLOSURE
from consent.choices import PROFILE, Choice, Choices, parse_choice
from consent.events import Evidence, Source, State
from views.policy import Policy

PAGE = "/portal/choices"


@dataclass(frozen=True)
class Done:
    """What she has decided a moment ago: the choice, and how it stands now."""

    choice: str
    refused: bool


async def choices(request: Request, session: Session) -> Response:
    """Show each opt-out, what it changes, and the history."""
    platform, language = platform_of(request), language_of(request)
    found, apps = await run_in_threadpool(lambda: (standings(platform, session.customer_id), apps_by_view(platform)))
    in_force = platform.in_force()
    scopes = Choices.of(in_force.catalogue)
    return own_page(
        request, session, "choices.html", standings=found, source=sources(language), apps=apps,
        meaning=defaultdict(str, meanings(language)), gpc=has_gpc(request), parse=parse_choice,
        channel=channels(language), profile=PROFILE, disclosure=THIRD_PARTY_DISCLOSURE, regime=_regime(found, language),
        parts={each.name: _parts(in_force.policy, each.name) for each in found.opt_outs},
        by_channel={name for name in in_force.catalogue.opt_outs if DIRECT_MARKETING in scopes.lineage(name)},
        withheld=scopes.withheld, done=_done(found, request.query_params.get("done", "")),
    )  # fmt: skip


async def choose(request: Request, session: Session) -> Response:
    """Record her act; it holds when this answers."""
    form = await form_of(request, session.secret, names=("opt_out", "state", "channel", "purpose"))
    opt_out, state = form.get("opt_out", ""), form.get("state", "")
    if state not in tuple(State):
        raise BadInput("bad_page_form", "this is no form")
    wanted = opt_out
    if form.get("channel") or form.get("purpose"):
        wanted = Choice(opt_out, form.get("channel") or None, form.get("purpose") or None).format()
    language, platform = language_of(request), platform_of(request)
    shown = meanings(language).get(opt_out, opt_out)
    statement = await run_in_threadpool(name_in_force, platform)
    evidence = Evidence(
        actor=HERSELF.name, statement=statement, locale=language, text_digest=sha256(shown.encode()).hexdigest(),
        request_id=request.state.request_id,
    )  # fmt: skip
    await run_in_threadpool(
        state_choices, platform, session.customer_id, [Wish(wanted, State(state))], principal=HERSELF,
        said=Said(source=Source.PORTAL, evidence=evidence),
    )  # fmt: skip
    return to(f"{PAGE}?done={quote(wanted, safe='')}")


async def receipt(request: Request, session: Session) -> Response:
    """Show a receipt of how she stands, as the file says it."""
    language = language_of(request)
    issued = json.loads(await _issued(request, session))
    return own_page(
        request, session, "receipt.html", receipt=issued, regime=regimes(language), source=sources(language),
        parse=parse_choice, channel=channels(language),
    )  # fmt: skip


async def receipt_file(request: Request, session: Session) -> Response:
    """Hand out a receipt as a file that anybody can verify."""
    await form_of(request, session.secret, names=())
    data = await _issued(request, session)
    name = f"receipt-{json.loads(data)['created'][:10]}.jsonld"
    headers = {**HEADERS, "content-disposition": f'attachment; filename="{name}"'}
    return Response(data, media_type="application/ld+json", headers=headers)


async def _issued(request: Request, session: Session) -> bytes:
    return await run_in_threadpool(issue_receipt, platform_of(request), session.customer_id, principal=HERSELF)


def _done(found: Standings, text: str) -> Done | None:
    """Return what an address says was done, where it is something of hers; what it says otherwise is nothing."""
    standing: Mapping[str, Any] = {
        **dict.fromkeys(found.finer, True),
        **{each.name: each.refused for each in found.opt_outs},
    }
    if text in standing:
        return Done(text, standing[text])
    return Done(text, refused=False) if any(event.choice == text != PROFILE for event in found.history) else None


def _parts(policy: Policy, opt_out: str) -> list[str]:
    """Return the purposes of which an opt-out stops one by one: none where it is one alone."""
    purposes = [name for name, each in policy.purposes.items() if opt_out in each.subject_to]
    return purposes if len(purposes) > 1 else []


def _regime(found: Standings, language: str) -> list[str]:
    """Return the laws by which it is decided what holds until she says something."""
    said = regimes(language)
    name, _, rest = found.regime.partition("/")
    names = [each.partition(".")[0] for each in rest.split("+")] if name == "strictest" else [name]
    return [said[each] for each in names if each in said]
