"""Overview, choices, accesses."""

from collections import defaultdict
from hashlib import sha256
from itertools import islice
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from audit.entries import HERSELF
from cdp.errors import BadInput
from cdp.pages.language import language_of
from cdp.portal.parts import form_of, has_gpc, own_page, platform_of, to
from cdp.portal.words import acts, channels, meanings, sources
from cdp.services.herself.choices import standings
from cdp.services.herself.own_data import own_data
from cdp.services.sign_in.keeping import Session
from cdp.services.state_choices import Said, Wish, state_choices
from cdp.services.who_saw import Access, Audience, who_saw
from cdp.terms import THIRD_PARTY_DISCLOSURE
from consent.choices import PROFILE, parse_choice
from consent.events import Evidence, Source, State

MOST_ACCESSES: Final = 100


async def home(request: Request, session: Session) -> Response:
    """Say in a few lines what there is."""
    platform = platform_of(request)
    refused = (await run_in_threadpool(standings, platform, session.customer_id)).refused
    records = await run_in_threadpool(own_data, platform, session.customer_id, refused)
    filled = sum(value is not None for part in records for row in part.rows for value in row.values())
    return own_page(request, session, "home.html", filled=filled, refused=sorted(refused))


async def choices(request: Request, session: Session) -> Response:
    """Show each opt-out, what it changes, and the history."""
    found = await run_in_threadpool(standings, platform_of(request), session.customer_id)
    language, done = language_of(request), request.query_params.get("done")
    return own_page(
        request, session, "choices.html", standings=found, source=sources(language),
        meaning=defaultdict(str, meanings(language)), gpc=has_gpc(request), parse=parse_choice,
        channel=channels(language), profile=PROFILE, disclosure=THIRD_PARTY_DISCLOSURE,
        done=next((each for each in found.opt_outs if each.name == done), None),
    )  # fmt: skip


async def choose(request: Request, session: Session) -> Response:
    """Record her act; it holds when this answers."""
    form = await form_of(request, session.secret)
    opt_out, state = form.get("opt_out", ""), form.get("state", "")
    if state not in tuple(State):
        raise BadInput("bad_page_form", "this is no form")
    language = language_of(request)
    shown = meanings(language).get(opt_out, opt_out)
    evidence = Evidence(
        actor=HERSELF.name, locale=language, text_digest=sha256(shown.encode()).hexdigest(),
        request_id=request.state.request_id,
    )  # fmt: skip
    await run_in_threadpool(
        state_choices, platform_of(request), session.customer_id, [Wish(opt_out, State(state))], principal=HERSELF,
        said=Said(source=Source.PORTAL, evidence=evidence),
    )  # fmt: skip
    return to(f"/portal/choices?done={opt_out}")


async def accesses(request: Request, session: Session) -> Response:
    """Show who saw her."""
    platform, own = platform_of(request), request.query_params.get("own") == "yes"

    def look() -> list[Access]:
        found = who_saw(platform, session.customer_id, principal=HERSELF, audience=Audience.PERSON)
        return list(islice((each for each in found if own or not each.by_herself), MOST_ACCESSES + 1))

    found = await run_in_threadpool(look)
    return own_page(
        request, session, "accesses.html", accesses=found[:MOST_ACCESSES], more=len(found) > MOST_ACCESSES, own=own,
        acts=acts(language_of(request)),
    )  # fmt: skip
