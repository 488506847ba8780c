"""My data: every field, why it is kept, who is shown what of it; and what others see, exactly as they see it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from cdp.bootstrap import Platform
from cdp.catalogue.field import Field
from cdp.errors import NotFound
from cdp.pages.language import language_of
from cdp.pages.lasting import lasting
from cdp.pages.titles import titles_of
from cdp.portal.parts import own_page, platform_of
from cdp.portal.policy_words import grounds, kinds, reason, reasons
from cdp.services.corrections.fields import mode_of
from cdp.services.corrections.read import own_corrections
from cdp.services.herself.choices import standings
from cdp.services.herself.own_data import Records, own_data
from cdp.services.herself.readers import apps_by_view
from cdp.services.herself.see_as import Sight, one_of_each_kind, others_views, see_as
from cdp.services.herself.unclassified import count_unclassified
from cdp.services.herself.whence import Whence
from cdp.services.retention.terms import Term
from cdp.services.sign_in.keeping import Session
from cdp.terms import CUSTOMER, Value


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

    def read() -> list[Records]:
        refused = standings(platform, session.customer_id).refused
        return own_data(platform, session.customer_id, refused, today=datetime.now(UTC).date())

    records = await run_in_threadpool(read)
    waits = await run_in_threadpool(own_corrections, platform, session.customer_id)
    waiting = {(each.place.entity, each.place.row_id, each.place.field): each.request_id for each in waits}
    titles = titles_of(platform, language)
    besides = await run_in_threadpool(count_unclassified, platform, session.customer_id)
    return own_page(
        request, session, "data.html", records=records, besides=besides, grounds=grounds(language),
        purposes=platform.in_force().policy.purposes, waiting=waiting, mode_of=mode_of,
        origins={part.entity.name: origins_of(part.whence.values()) for part in records},
        lasting=lambda term: lasting(term, titles), own=_term, apart=_apart,
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


def origins_of(rows: Iterable[Whence]) -> list[Origin]:
    """Return from where rows came, each source once, with the time of its last row."""
    found: dict[tuple[str, str, str], datetime | None] = {}
    for row in rows:
        for part in row.parts:
            key = (part.source, part.statement, part.legal_basis)
            found[key] = max(filter(None, (found.get(key), row.collected_at)), default=None)
    return [Origin(*key, last.isoformat() if last else "") for key, last in found.items()]


def _term(part: Records, row: Mapping[str, Value], field: str = "") -> Term:
    """Return until when a row is kept, or one of its values."""
    found = part.terms.get(part.row_id(row))
    if found is None:
        return Term(None)
    return found.values.get(field, Term(found.ending))


def _apart(part: Records, row: Mapping[str, Value]) -> list[tuple[Field, Term]]:
    """Return the values of a row that go at another time than the row, or that a law keeps."""
    found, of = part.terms.get(part.row_id(row)), part.entity.fields
    values = found.values.items() if found else ()
    return [
        (of[name], each)
        for name, each in values
        if each.kept is not None or (found is not None and each.ending != found.ending)
    ]


def _eyes(request: Request, session: Session, name: str, platform: Platform, sights: Sequence[Sight]) -> Response:
    in_force, language = platform.in_force(), language_of(request)
    said = reasons(language)
    values: dict[str, Any] = {
        "views": others_views(in_force), "apps": apps_by_view(platform), "kinds": kinds(language),
        "entities": in_force.catalogue.entities, "fields": in_force.catalogue.entities[CUSTOMER].fields,
        "why": lambda rule: reason(rule, said), "sights": sights,
    }  # fmt: skip
    return own_page(request, session, name, **values)
