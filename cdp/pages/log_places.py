"""Where a page of who saw somebody begins, as it stands in an address."""

import re
from collections.abc import Sequence
from typing import Final

from cdp.errors import BadInput
from cdp.services.who_saw import Access, From

_MOST_STRADDLING: Final = 20
_PLACE: Final = re.compile(r"[0-9]{1,18}(\.[0-9]{1,18}){0,20}")


def place_of(text: str) -> From | None:
    """Return where a page begins: `<entry>` and, after dots, the reads that a page before has shown already.

    Raises:
        BadInput: `bad_page_form`.
    """
    if not text:
        return None
    if not _PLACE.fullmatch(text):
        raise BadInput("bad_page_form", "this is no place in the log", path="from")
    before, *shown = map(int, text.split("."))
    return From(before, frozenset(shown))


def place_after(shown: Sequence[Access], start: From | None) -> str:
    """Return where the next page begins; a read of several entries is on the page of its newest one, and no other."""
    before = shown[-1].entries[-1]
    known = {each.entries[0] for each in shown} | (start.shown if start else frozenset())
    straddling = sorted((number for number in known if number < before), reverse=True)[:_MOST_STRADDLING]
    return ".".join(map(str, (before, *straddling)))
