"""Names that came and that the catalogue does not know: each with the tag that it suggests, and why.

A name may itself say something of a person: it stands on the page and in forms, never in an address.
"""

import re
from dataclasses import dataclass
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from cdp.console.catalogue import Typed, change_form
from cdp.console.parts import staff_page
from cdp.console.policy_words import tags
from cdp.errors import NotFound
from cdp.events.undeclared import FILES
from cdp.ingest.classify import Suggestion, suggestion_for
from cdp.ingest.sources import list_sources
from cdp.ingest.undeclared import Seen, find_name, list_names
from cdp.pages.language import language_of, translations
from cdp.pages.serving import platform_of
from cdp.services.proposals.dump import dump_yaml
from cdp.services.staff.permissions import Permission
from cdp.services.staff.sessions import Staff

PAGE: Final = 50
_AFTER: Final = re.compile(r"([0-9]{1,15})\.([0-9a-f]{32})")


@dataclass(frozen=True)
class Line:
    """A name, from where it comes, and what it may become."""

    seen: Seen
    source: str
    suggestion: Suggestion


async def show(request: Request, staff: Staff) -> Response:
    """Show the names, the most frequent first."""
    return await run_in_threadpool(_show, request, staff)


async def decide(request: Request, staff: Staff) -> Response:
    """Show the form in which a name becomes a field, filled with what it suggests."""
    return await run_in_threadpool(_decide, request, staff)


def _show(request: Request, staff: Staff) -> Response:
    platform, language = platform_of(request), language_of(request)
    after = _AFTER.fullmatch(request.query_params.get("after", ""))
    found = list_names(
        platform, principal=staff.principal, limit=PAGE + 1, after=(int(after[1]), after[2]) if after else None
    )
    names = {
        FILES: translations(language).gettext("files"),
        **{each.source: each.name for each in list_sources(platform)},
    }
    catalogue = platform.in_force().catalogue
    lines = [Line(each, names.get(each.source, ""), suggestion_for(each, catalogue)) for each in found[:PAGE]]
    further = f"{lines[-1].seen.seen}.{lines[-1].seen.token}" if len(found) > PAGE else ""
    return staff_page(
        request, staff, "unclassified.html", lines=lines, further=further, begun=after is not None, tags=tags(language),
        edits=staff.account.may(Permission.CATALOGUE_PROPOSE), looks=look_words(language),
    )  # fmt: skip


def _decide(request: Request, staff: Staff) -> Response:
    platform = platform_of(request)
    seen = find_name(platform, request.path_params["token"], principal=staff.principal)
    suggestion = suggestion_for(seen, platform.in_force().catalogue)
    if suggestion.entity is None:
        raise NotFound("not_found", "there is no such thing here")
    typed = Typed(suggestion.entity, suggestion.name, dump_yaml(suggestion.said), about=seen.name)
    return change_form(request, staff, typed)


def look_words(language: str) -> dict[str, str]:
    """Return what is said of what values look like."""
    _ = translations(language).gettext
    return {
        "email": _("e-mail addresses"),
        "phone": _("telephone numbers"),
        "card": _("numbers of cards"),
        "iban": _("bank accounts"),
        "id_number": _("numbers that states give"),
        "ip": _("addresses of the network"),
        "date_of_birth": _("dates of birth"),
    }
