"""One entry of the log, and the proof that it is there."""

import json
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from cdp.console.act_words import act_words
from cdp.console.log.search import looks_up
from cdp.console.log_words import whats
from cdp.console.parts import staff_page
from cdp.errors import NotFound
from cdp.pages.language import language_of
from cdp.pages.serving import platform_of
from cdp.services.staff.sessions import Staff
from cdp.services.watching.entry import read_entry

_DIGITS: Final = 18


async def show(request: Request, staff: Staff) -> Response:
    """Show an entry; why it was done only to who may look customers up, since reasons speak of them."""
    platform, language = platform_of(request), language_of(request)
    told = await run_in_threadpool(
        read_entry, platform, _number(request.path_params["number"]), principal=staff.principal, reasons=looks_up(staff)
    )
    said = json.dumps(told.body, ensure_ascii=False, indent=1)
    columns = [each for each in _list(told.body.get("fields")) if isinstance(each, list) and len(each) > 1]
    return staff_page(
        request, staff, "log_entry.html", told=told, body=told.body, said=said, fields=columns,
        acts=act_words(language), whats=whats(language), looks=looks_up(staff),
        key=platform.keeper.verifier.format(),
    )  # fmt: skip


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS):
        raise NotFound("not_found", "there is no such thing here")
    return int(text)


def _list(said: object) -> list[object]:
    return said if isinstance(said, list) else []
