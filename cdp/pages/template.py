"""Templates into pages.

INVARIANT: whatever a value holds, it comes out as text: everything is escaped, no template says otherwise (a test
looks), and the Content Security Policy of a page has a browser run and load nothing but our own files, frame nothing,
and send forms nowhere else. Trusted Types are demanded, so that our own script cannot make markup out of text either.
"""

from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from cdp.pages import assets
from cdp.pages.language import (
    COOKIE,
    NAMES,
    language_of,
    translations,
    written_date,
    written_number,
    written_time,
    written_value,
)
from cdp.terms import LANGUAGES

CSP: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)
HEADERS: Final = {
    "content-security-policy": CSP,
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "referrer-policy": "same-origin",  # a form has to say where it comes from; other sites learn nothing
    "vary": "accept-language, cookie",
}
_HERE: Final = Path(__file__).parent
_FOLDERS: Final = [_HERE / "templates", *(_HERE.parent / edge / "templates" for edge in ("portal", "console"))]
_YEAR: Final = 365 * 24 * 3600


@lru_cache(maxsize=len(LANGUAGES))
def environment(language: str) -> Environment:
    """Return the templates in a language."""
    made = Environment(
        loader=FileSystemLoader(_FOLDERS), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True, extensions=["jinja2.ext.i18n"],
    )  # fmt: skip
    texts = translations(language)
    made.install_gettext_callables(texts.gettext, texts.ngettext, newstyle=True)  # type: ignore[attr-defined]
    made.globals |= {"asset": assets.address, "language": language, "languages": NAMES}
    made.filters |= {
        "day": lambda at: written_date(at, language),
        "time": lambda at: written_time(at, language),
        "value": lambda value, field: written_value(value, field.type, language),
        "number": lambda number: written_number(number, language),
    }
    return made


def page(request: Request, name: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """Return a page in the reader's language; her choice of one is kept for a year."""
    language = language_of(request)
    asked = request.url.remove_query_params("lang").query
    text = environment(language).get_template(name).render(path=request.url.path, asked=asked, **values)
    answer = HTMLResponse(text, status_code=status, headers={**HEADERS, "content-language": language})
    if request.query_params.get("lang") in LANGUAGES:
        secure = request.url.scheme == "https"
        answer.set_cookie(COOKIE, language, max_age=_YEAR, samesite="lax", secure=secure, httponly=True)
    return answer
