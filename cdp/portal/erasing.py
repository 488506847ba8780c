"""Going for good: a sentence of consequence, what stays and why, a typed word; and the certificate afterwards."""

import io
from datetime import UTC, datetime
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from cdp.errors import Refused
from cdp.pages.language import language_of, translations
from cdp.pages.template import HEADERS, page
from cdp.pages.titles import titles_of
from cdp.portal.parts import PORTAL, SESSION, form_of, own_page, platform_of, to
from cdp.services.exports.archive import Archive
from cdp.services.herself.leaving import certified, find_by_ticket, leave, what_stays
from cdp.services.sign_in.keeping import Session
from cdp.terms import LANGUAGES

PAGE: Final = "/portal/erase"


async def show(request: Request, session: Session) -> Response:
    """Say what goes, and what stays."""
    return await _asking(request, session, problem="")


async def erase(request: Request, session: Session) -> Response:
    """Erase her; from here on nothing of her can be read."""
    typed = (await form_of(request, session.secret, names=("word",))).get("word", "")
    if typed.strip().casefold() not in {_word(language).casefold() for language in LANGUAGES}:
        words = translations(language_of(request)).gettext
        return await _asking(request, session, problem=words("That was not the word. Nothing has happened."))
    platform, language = platform_of(request), language_of(request)
    left = await run_in_threadpool(leave, platform, session.customer_id, language=language)
    request.app.state.chores.finish_erasures()
    answer = to(f"/portal/erased/{left.ticket}")
    PORTAL.set_cookie(request, answer, SESSION, "")
    return answer


async def erased(request: Request) -> Response:
    """Show the certificate to whoever has its address; until there is one, say that it is under way."""
    platform = platform_of(request)
    found = await run_in_threadpool(find_by_ticket, platform, request.path_params["ticket"])
    made = await run_in_threadpool(certified, platform, found) if found.finished else None
    text = made.certificate.decode() if made else ""
    titles = titles_of(platform, language_of(request))
    return page(request, "erased.html", erasure=found, certificate=text, titles=titles)


async def certificate(request: Request) -> Response:
    """Give the certificate with its entry of the log and the proof, as one file."""
    platform = platform_of(request)
    found = await run_in_threadpool(find_by_ticket, platform, request.path_params["ticket"])
    try:
        made = await run_in_threadpool(certified, platform, found)
    except Refused:
        return to(f"/portal/erased/{request.path_params['ticket']}")
    sink = io.BytesIO()
    archive = Archive(sink, at=datetime.fromisoformat(found.finished_at or found.begun_at))
    archive.add("certificate.note", made.certificate)
    archive.add("entry.json", made.entry)
    archive.add("entry.tlog-proof", made.proof)
    archive.close()
    headers = {**HEADERS, "content-disposition": 'attachment; filename="erasure.zip"'}
    return Response(sink.getvalue(), media_type="application/zip", headers=headers)


async def _asking(request: Request, session: Session, *, problem: str) -> Response:
    language, platform = language_of(request), platform_of(request)
    stays = await run_in_threadpool(what_stays, platform, session.customer_id, today=datetime.now(UTC).date())
    entities = platform.in_force().catalogue.entities.values()
    return own_page(
        request, session, "erase.html", problem=problem, word=_word(language), stays=stays, entities=entities
    )


def _word(language: str) -> str:
    """Return the word that she types."""
    return translations(language).gettext("erase")
