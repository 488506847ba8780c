"""Which language a reader gets, the texts in it, and how it writes dates.

Texts are gettext catalogues (`locale/<language>.po`), read with Babel when they are first needed; English is the
language of the templates themselves. What a reader chose (`?lang=`, kept in a cookie that says nothing else) goes
before what her browser prefers (RFC 9110 section 12.5.4).
"""

import io
import json
import re
from datetime import datetime
from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from typing import Final

from babel.core import Locale
from babel.dates import format_date, format_datetime
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from starlette.requests import Request

from cdp.terms import CHINESE, ENGLISH, LANGUAGES, Type, Value

NAMES: Final = {ENGLISH: "English", CHINESE: "简体中文"}
"""Each language by its own name: who looks for it can read that."""

COOKIE: Final = "cdp-language"
_FOLDER: Final = Path(__file__).parent / "locale"
_RANGE: Final = re.compile(r"([a-z]{1,8}(?:-[a-z0-9]{1,8})*|\*)(?:\s*;\s*q=([01](?:\.[0-9]{0,3})?))?", re.IGNORECASE)
_MOST_RANGES: Final = 20


def language_of(request: Request) -> str:
    """Return the language for a request: chosen here, chosen before, or preferred by the browser."""
    for chosen in (request.query_params.get("lang"), request.cookies.get(COOKIE)):
        if chosen in LANGUAGES:
            return chosen
    return preferred(request.headers.get("accept-language", ""))


def preferred(header: str) -> str:
    """Return the language that an `Accept-Language` prefers among ours; English when it names none."""
    weighed = []
    for place, part in enumerate(header.split(",")[:_MOST_RANGES]):
        found = _RANGE.fullmatch(part.strip())
        if found:
            weighed.append((-float(found[2] or 1), place, found[1].lower()))
    for weight, _, name in sorted(weighed):
        if weight and name.startswith("zh"):
            return CHINESE
        if weight and (name.startswith("en") or name == "*"):
            return ENGLISH
    return ENGLISH


@lru_cache(maxsize=len(LANGUAGES))
def translations(language: str) -> NullTranslations:
    """Return the texts of a language; for English, those of the templates."""
    if language == ENGLISH:
        return NullTranslations()
    compiled = io.BytesIO()
    with (_FOLDER / f"{language}.po").open("rb") as file:
        write_mo(compiled, read_po(file))
    compiled.seek(0)
    return GNUTranslations(compiled)


def written_date(at: str, language: str) -> str:
    """Write the day of an ISO 8601 time as readers of the language write it."""
    return format_date(datetime.fromisoformat(at), format="long", locale=_locale(language))


def written_time(at: str, language: str) -> str:
    """Write an ISO 8601 time in UTC, to the minute, as readers of the language write it."""
    return f"{format_datetime(datetime.fromisoformat(at), 'medium', locale=_locale(language))} UTC"


def written_number(number: int, language: str) -> str:
    """Write a whole number as readers of the language write it."""
    return format_decimal(number, locale=_locale(language))


def written_value(value: Value, type_: Type, language: str) -> str:
    """Write a value of a field in full as readers of the language write it; numbers stay as they were entered."""
    _ = translations(language).gettext
    if type_ is Type.BOOLEAN:
        return _("yes") if value else _("no")
    if isinstance(value, str) and type_ is Type.DATE:
        return written_date(value, language)
    if isinstance(value, str) and type_ is Type.DATETIME:
        return written_time(value, language)
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return str(value)


def _locale(language: str) -> Locale:
    return Locale.parse(language, sep="-")
