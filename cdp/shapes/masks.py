"""Masks: pure functions from text to text that keep a few promised characters and put `*` for the rest.

Design section 4 (`mask`).

INVARIANT, for every text, also one that is no canonical value: the result is masked to itself, it holds nothing of the
text but what the mask promises, its length tells nothing more, and it never begins with `= + - @` or a control
character (a spreadsheet would run it as a formula).
"""

import re
from typing import Final

from cdp.shapes.graphemes import at_least, first

_ATOM: Final = r"[0-9A-Za-z.!#$%&'*+/=?^_`{|}~-]"
_LAST_LABEL: Final = r"(?:[A-Za-z]{2,24}|xn--[0-9A-Za-z-]{1,20})"
_ASCII_EMAIL: Final = re.compile(rf"([0-9A-Za-z]){_ATOM}*@([0-9A-Za-z])[0-9A-Za-z.*-]*(\.{_LAST_LABEL})")
_ANY_EMAIL: Final = re.compile(r"([^\s@<>()\[\],:;\"\\]+)@([^\s@<>()\[\],:;\"\\]+)")
_ENDING: Final = re.compile(rf"[^.].*(\.{_LAST_LABEL})", re.DOTALL)
_NO_DIGIT: Final = re.compile(r"[^0-9]+")

_PHONE_DIGITS: Final = 7
_LAST4_SIGNS: Final = 8
_GENERIC_CLUSTERS: Final = 4
_WORDS: Final = 4


def mask_email(text: str) -> str:
    """First character of the local part and of the domain, and the last label of the domain; no e-mail address: `***`.

    >>> mask_email("ann@example.org")
    'a***@e***.org'
    >>> mask_email("ann@localhost"), mask_email("not an address")
    ('a***@l***', '***')
    """
    if found := _ASCII_EMAIL.fullmatch(text):
        local, domain, ending = found.groups()
        return f"{local}***@{domain}***{ending}"
    if not (found := _ANY_EMAIL.fullmatch(text)):
        return "***"
    local, domain = found.groups()
    tail = _ENDING.fullmatch(domain)
    return f"{first(local)}***@{first(domain)}***{tail[1] if tail else ''}"


def mask_phone(text: str) -> str:
    """The last two digits when there are at least seven, in ASCII whatever the script.

    >>> mask_phone("+44 20 7946 0958"), mask_phone("١٢٣٤٥٦٧"), mask_phone("112")
    ('***58', '***67', '***')
    """
    if text.isascii():
        digits = _NO_DIGIT.sub("", text)
    else:
        digits = "".join([str(int(char)) for char in text if char.isdecimal()])
    if len(digits) >= _PHONE_DIGITS:
        return f"***{digits[-2:]}"
    return text if text == f"***{digits}" and len(digits) == 2 else "***"


def mask_initials(text: str) -> str:
    """The first character of each of at most four words; a sign is no initial and gives `*`.

    >>> mask_initials("Ann Lovelace"), mask_initials("王小明"), mask_initials("=cmd"), mask_initials("")
    ('A. L.', '王.', '*.', '*.')
    """
    words = text.split(None, _WORDS)[:_WORDS]
    return " ".join([f"{first(word)}." for word in words]) or "*."


def mask_last4(text: str) -> str:
    """The last four letters or digits when there are at least eight.

    >>> mask_last4("GB82 WEST 1234 5698 7654 32"), mask_last4("1234")
    ('****5432', '****')
    """
    signs = "".join(filter(str.isalnum, text))
    if len(signs) >= _LAST4_SIGNS:
        return f"****{signs[-4:]}"
    return text if text == f"****{signs}" and len(signs) == 4 else "****"


def mask_generic(text: str) -> str:
    """The first character when there are at least four.

    >>> mask_generic("Lovelace"), mask_generic("Ann")
    ('L***', '***')
    """
    return f"{first(text)}***" if at_least(text, _GENERIC_CLUSTERS) else "***"
