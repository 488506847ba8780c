"""What addresses of the log's pages hold: what is sought, and from where a page begins."""

from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from cdp.errors import BadInput

_DIGITS = 18


def query_of(query: QueryParams, **changed: str) -> str:
    """Return what is sought as the query of an address, without the place in the list, and with something changed."""
    said = {name: value for name, value in query.items() if name not in ("before", "lang")}
    return urlencode({name: value for name, value in {**said, **changed}.items() if value})


def further(query: QueryParams, below: int | None) -> str | None:
    """Return the query of the page that follows; None where nothing can."""
    return None if below is None else query_of(query, before=str(below))


def before_of(query: QueryParams) -> int | None:
    """Return from where a page begins: behind this entry.

    Raises:
        BadInput: `bad_page_form`.
    """
    text = query.get("before", "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS):
        raise BadInput("bad_page_form", "this is no place in the log", path="before")
    return int(text)
