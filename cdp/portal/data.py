"""My data: every field, why it is kept, who is shown what of it; and what others see, exactly as they see it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from cdp.bootstrap import Platform
from cdp.errors import NotFound
from cdp.pages.language import language_of
from cdp.portal.parts import own_page, platform_of
from cdp.portal.policy_words import grounds, kinds, period, reason, reasons
from cdp.services.corrections.fields import mode_of
from cdp.services.corrections.read import own_corrections
from cdp.services.herself.choices import standings
from cdp.services.herself.own_data import Records, own_data
from cdp.services.herself.readers import apps_by_view
from cdp.services.herself.see_as import Sight, one_of_each_kind, others_views, see_as
from cdp.services.herself.whence import Whence, whence
from cdp.services.sign_in.keeping import Session
from cdp.terms import CUSTOMER


@dataclass(frozen=True)
class Origin:
    """From where rows came: a source, the version of the statement that it showed, on what ground, and when last."""

    source: str
    statement: str
    legal_basis: str
    last: str


async def data(request: Request, session: Session) -> Response:
    """Show every field, and who is shown what of it."""
    platform, language = platform_of(request), language_of(request)

    def read() -> tuple[list[Records], list[Whence]]:
        refused = standings(platform, session.customer_id).refused
        return own_data(platform, session.customer_id, refused), whence(platform, session.customer_id)

    records, origins = await run_in_threadpool(read)
    waits = await run_in_threadpool(own_corrections, platform, session.customer_id)
    waiting = {(each.place.entity, each.place.row_id, each.place.field): each.request_id for each in waits}
    return own_page(
        request, session, "data.html", records=records, grounds=grounds(language),
        period=lambda text: period(text, language), purposes=platform.in_force().policy.purposes,
        waiting=waiting, mode_of=mode_of, origins=_by_entity(origins),
    )  # fmt: skip


async def seen(request: Request, session: Session) -> Response:
    """Show what five views show of her, side by side."""
    platform = platform_of(request)
    names = [view.name for view in one_of_each_kind(platform.in_force())]
    sights = await run_in_threadpool(see_as, platform, session.customer_id, names)
    return _eyes(request, session, "seen.html", platform, sights)


async def seen_as(request: Request, session: Session) -> Response:
    """Show what one view shows of her."""
    platform, name = platform_of(request), request.path_params["view"]
    if name not in {view.name for view in others_views(platform.in_force())}:
        raise NotFound("unknown_view", "there is no such view", path="view")
    sights = await run_in_threadpool(see_as, platform, session.customer_id, [name])
    return _eyes(request, session, "seen_as.html", platform, sights)


def _by_entity(origins: Sequence[Whence]) -> dict[str, list[Origin]]:
    """Return from where the rows of each entity came, each source once, with the time of its last row."""
    found: dict[tuple[str, str, str, str], datetime | None] = {}
    for row in origins:
        for part in row.parts:
            key = (row.entity, part.source, part.statement, part.legal_basis)
            found[key] = max(filter(None, (found.get(key), row.collected_at)), default=None)
    grouped: dict[str, list[Origin]] = {}
    for (entity, source, statement, legal_basis), last in found.items():
        grouped.setdefault(entity, []).append(Origin(source, statement, legal_basis, last.isoformat() if last else ""))
    return grouped


def _eyes(request: Request, session: Session, name: str, platform: Platform, sights: Sequence[Sight]) -> Response:
    in_force, language = platform.in_force(), language_of(request)
    said = reasons(language)
    values: dict[str, Any] = {
        "views": others_views(in_force), "apps": apps_by_view(platform), "kinds": kinds(language),
        "entities": in_force.catalogue.entities, "fields": in_force.catalogue.entities[CUSTOMER].fields,
        "why": lambda rule: reason(rule, said), "sights": sights,
    }  # fmt: skip
    return own_page(request, session, name, **values)
