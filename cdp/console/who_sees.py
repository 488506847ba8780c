"""Who sees what: readers beside each other, a field a line; a cell says which rule decides it. Nobody's data is read.

All of it stands in the address: the entity, the tag, which readers or which two, and the cell that is explained.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, TypeVar
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from audit.entries import timestamp
from cdp.bootstrap import InForce
from cdp.console.parts import staff_page
from cdp.console.policy_words import kinds, reasons, tags
from cdp.errors import NotFound
from cdp.pages.language import language_of
from cdp.pages.serving import platform_of
from cdp.services.apps.known import list_apps
from cdp.services.staff.permissions import Permission
from cdp.services.staff.sessions import Staff
from cdp.services.who_sees import Cell, Line, Reader, readers_of, who_sees
from cdp.terms import CUSTOMER, Sensitivity

Part = TypeVar("Part")
SHOWN: Final = ("all", "role", "app")
_FILTERS: Final = ("entity", "tag", "show", "one", "other", "only", "first", "line")
MOST_READERS: Final = 24
MOST_CELLS: Final = 600
"""So many at once stay under 100 KB; what follows is a page further, by the name it begins with."""


@dataclass(frozen=True, slots=True)
class Filter:
    """What somebody wants to look at; what there is not is no page."""

    entity: str
    tag: str
    show: str
    one: str
    other: str
    only: bool
    first: str
    line: str

    @property
    def compares(self) -> bool:
        """Whether two readers are held against each other."""
        return bool(self.one and self.other)

    def readers(self, known: dict[str, Reader]) -> list[Reader]:
        """Return the readers to show, in their order.

        Raises:
            NotFound: `not_found`, one of the two is none.
        """
        if self.compares:
            return [_known(known, self.one), _known(known, self.other)]
        return [each for each in known.values() if self.show in ("all", each.kind)]

    def lines(self, found: list[Line]) -> list[Line]:
        """Return the lines to show."""
        tagged = [line for line in found if self.tag in ("", line.field.sensitivity)]
        return [line for line in tagged if line.differs] if self.compares and self.only else tagged


async def show(request: Request, staff: Staff) -> Response:
    """Show the table, and beside it the rule of the cell that was chosen."""
    platform, query, language = platform_of(request), request.query_params, language_of(request)
    in_force = platform.in_force()
    filtered = _filter(query, in_force)
    apps = await run_in_threadpool(list_apps, platform) if staff.account.may(Permission.APPS_READ) else []
    known = readers_of(in_force.policy, apps, now=timestamp(datetime.now(UTC)))
    readers, further = _part(filtered.readers(known), lambda reader: reader.key, filtered.first, MOST_READERS)
    found = who_sees(in_force.catalogue, in_force.policy, readers, filtered.entity)
    most = MOST_CELLS // max(len(readers), 1)
    lines, below = _part(filtered.lines(found), lambda line: line.field.name, filtered.line, most)
    return staff_page(
        request, staff, "who_sees.html", entities=list(in_force.catalogue.entities), known=known, readers=readers,
        lines=lines, differing=sum(line.differs for line in found), fields=len(found), filter=filtered,
        kept=_kept(query), further=further and _kept(query, first=further), below=below and _kept(query, line=below),
        start=_kept(query, first="", line=""), chosen=_chosen(query, in_force, known, filtered),
        versions=(in_force.policy_version, in_force.catalogue_version), reasons=reasons(language),
        kinds=kinds(language), tags=tags(language),
    )  # fmt: skip


def _part(found: list[Part], name: Callable[[Part], str], begin: str, most: int) -> tuple[list[Part], str]:
    """Return what is on this page, from what the address names on, and the name that the next page begins with."""
    names = [name(each) for each in found]
    if begin and begin not in names:
        raise _nothing()
    at = names.index(begin) if begin else 0
    return found[at : at + most], next(iter(names[at + most :]), "")


def _kept(query: QueryParams, **changed: str) -> str:
    """Return the filter as the query of an address, with something changed."""
    values = {name: changed.get(name, query.get(name)) for name in _FILTERS}
    return urlencode({name: value for name, value in values.items() if value})


def _filter(query: QueryParams, in_force: InForce) -> Filter:
    entity, tag, shown = query.get("entity") or CUSTOMER, query.get("tag", ""), query.get("show") or "all"
    if entity not in in_force.catalogue.entities or tag not in ("", *Sensitivity) or shown not in SHOWN:
        raise _nothing()
    return Filter(entity, tag, shown, query.get("one", ""), query.get("other", ""), only=query.get("only") == "yes",
        first=query.get("first", ""), line=query.get("line", ""))  # fmt: skip


def _chosen(query: QueryParams, in_force: InForce, known: dict[str, Reader], filtered: Filter) -> Cell | None:
    """Return the cell that is explained, whether or not the filter shows it; None where none was chosen."""
    if not query.get("reader"):
        return None
    reader: Sequence[Reader] = [_known(known, query["reader"])]
    for line in who_sees(in_force.catalogue, in_force.policy, reader, filtered.entity):
        if line.field.name == query.get("field"):
            return line.cells[0]
    raise _nothing()


def _known(known: dict[str, Reader], key: str) -> Reader:
    if key not in known:
        raise _nothing()
    return known[key]


def _nothing() -> NotFound:
    return NotFound("not_found", "there is no such thing here")
