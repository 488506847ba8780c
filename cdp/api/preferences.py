"""`If-Match` (RFC 9110, sections 8.8.3 and 13.1.1) and `Prefer` (RFC 7240), as they are written."""

import re
from typing import Final

from cdp.errors import BadInput

ANY: Final = "*"
_TAG: Final = re.compile(r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"')
_BETWEEN: Final = " \t,"


def tags_of(text: str) -> frozenset[str]:
    """Return the versions that `If-Match` names, `*` for any; none when it says nothing.

    A weak tag is among them and fits no row: the comparison is the strong one, and our tags are strong.

    Raises:
        BadInput: `bad_if_match`.
    """
    if text.strip(_BETWEEN) == ANY:
        return frozenset({ANY})
    between = _TAG.split(text)
    if any(each.strip(_BETWEEN) for each in between) or not all("," in each for each in between[1:-1]):
        raise BadInput("bad_if_match", 'it is `*`, or versions as `"a", "b"`', path="If-Match")
    return frozenset(_TAG.findall(text))


def preferred(text: str, name: str) -> str:
    """Return the value of a preference, of one that is there twice the first, or nothing."""
    for part in text.split(","):
        word, _, value = part.partition(";")[0].partition("=")
        if word.strip().lower() == name:
            return value.strip(' \t"')
    return ""
