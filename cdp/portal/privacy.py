"""The privacy statement: for everybody, in layers; every version, what changed, and her word that she has read it."""

from collections.abc import Sequence
from typing import Any, cast

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from cdp.bootstrap import Platform
from cdp.catalogue.field import Language
from cdp.catalogue.model import Catalogue
from cdp.errors import NotFound
from cdp.pages.clauses import clause_words
from cdp.pages.language import language_of
from cdp.pages.template import page
from cdp.pages.titles import titles_of
from cdp.portal.parts import form_of, platform_of, to
from cdp.portal.policy_words import grounds
from cdp.services.sign_in.keeping import Session
from cdp.services.statements.known import Published, before, find_statement, statement_in_force, statements
from cdp.services.statements.notice import acknowledge
from cdp.terms import OWN_ROLE
from views.statement.compare import differences
from views.statement.lint import names


async def show(request: Request) -> Response:
    """Show the statement in force, or a version of it."""
    platform, version = platform_of(request), request.path_params.get("version", "")
    published = await run_in_threadpool(_find, platform, version)
    newest = await run_in_threadpool(statement_in_force, platform)
    every = await run_in_threadpool(statements, platform)
    return _page(request, platform, published, newest=newest, versions=every)


async def changes(request: Request) -> Response:
    """Show what is different from the version before."""
    platform, language = platform_of(request), language_of(request)
    published = await run_in_threadpool(_find, platform, request.path_params["version"])
    old = await run_in_threadpool(before, platform, published)
    found = differences(old.statement, published.statement, cast("Language", language)) if old else []
    return page(
        request, "privacy_changes.html", published=published, old=old, found=found, clause=clause_words(language),
        titles=titles_of(platform, language),
    )  # fmt: skip


async def read(request: Request, session: Session) -> Response:
    """Record that she has read it."""
    form = await form_of(request, session.secret, names=("version",))
    await run_in_threadpool(
        acknowledge, platform_of(request), session.customer_id, form.get("version", ""), language=language_of(request)
    )
    return to("/portal?read=yes")


def _find(platform: Platform, version: str) -> Published:
    found = find_statement(platform, version) if version else statement_in_force(platform)
    if found is None:
        raise NotFound("unknown_statement", "no statement was published yet", path="version")
    return found


def _page(request: Request, platform: Platform, published: Published, **values: Any) -> Response:
    in_force, language = platform.in_force(), language_of(request)
    statement = published.statement
    views = [view for view in in_force.policy.views.values() if view.roles != (OWN_ROLE,)]
    by_purpose = {name: [view for view in views if view.purpose == name] for name in statement.using.purposes}
    return page(
        request, "privacy.html", published=published, statement=statement, clause=clause_words(language),
        titles=titles_of(platform, language), grounds=grounds(language), policy=in_force.policy, views=by_purpose,
        catalogue=in_force.catalogue,
        named=lambda parts: _in_order(in_force.catalogue, parts), **values,
    )  # fmt: skip


def _in_order(catalogue: Catalogue, parts: Sequence[str]) -> list[tuple[str, str]]:
    """Return the fields that parts name, in the order of the catalogue."""
    named = names(catalogue, parts)
    every = ((entity.name, field) for entity in catalogue.entities.values() for field in entity.fields)
    return [each for each in every if each in named]
