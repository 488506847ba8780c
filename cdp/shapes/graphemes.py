"""The characters that a person sees (grapheme clusters), each of bounded length.

A small part of Unicode Standard Annex 29: marks, Hangul jamo, flags, and emoji with skin tones and joiners.

INVARIANT: where a cluster ends depends only on what stands up to its end. So the first n clusters of a text are also
the first n clusters of those n alone, which makes every shape that keeps a few of them idempotent.
"""

import unicodedata
from typing import Final

CLUSTER_MARKS: Final = 2
"""The most marks kept on one base: enough for Vietnamese, Thai and Arabic, and no room to smuggle a text in marks."""

CLUSTER_JOINS: Final = 3
"""The most pictures joined to the first: enough for a family of four."""

CLUSTER_SIZE: Final = 16
"""More code points than one cluster can have (15); a window of so many per cluster needs no longer look."""

_JOINER: Final = "\u200d"
_IGNORABLE: Final = (
    "\u00ad\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e"
    "\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\ufeff"
)


def _is_mark(char: str) -> bool:
    if char < "\u0300" or "\u3400" <= char <= "\u9fff":  # Latin; Han
        return False
    return (
        unicodedata.category(char)[0] == "M"
        or "\u1160" <= char <= "\u11ff"  # Hangul vowels and final consonants
        or "\ud7b0" <= char <= "\ud7fb"
        or "\U0001f3fb" <= char <= "\U0001f3ff"  # skin tones
    )


def _after_marks(text: str, start: int) -> int:
    end = start
    while end < len(text) and end - start < CLUSTER_MARKS and _is_mark(text[end]):
        end += 1
    return end


def cluster_end(text: str, start: int = 0) -> int:
    r"""The index after the cluster that begins at `start`. Marks beyond the bound begin a cluster of their own.

    >>> cluster_end("e\u0301a"), cluster_end("ab"), cluster_end("👩‍👩‍👧‍👦x")
    (2, 1, 7)
    """
    end = _after_marks(text, start + 1)
    base = text[start]
    if base < "\u00a9" or unicodedata.category(base) != "So":
        return end
    if "\U0001f1e6" <= base <= "\U0001f1ff":  # a flag is a pair of regional indicators
        pair = end == start + 1 and end < len(text) and "\U0001f1e6" <= text[end] <= "\U0001f1ff"
        return end + 1 if pair else end
    for _ in range(CLUSTER_JOINS):
        if text[end : end + 1] != _JOINER or unicodedata.category(text[end + 1 : end + 2] or " ")[0] != "S":
            break
        end = _after_marks(text, end + 2)
    return end


def leading(text: str, keep: int) -> str:
    r"""The first `keep` clusters, composed (NFC).

    Only a window of the text is composed: the cost of composing grows with the square of the length of a run of marks.

    >>> leading("e\u0301tude", 2)
    'ét'
    """
    if text.isascii():
        return text[:keep]
    window = unicodedata.normalize("NFC", text[: keep * CLUSTER_SIZE])
    end = 0
    for _ in range(keep):
        if end >= len(window):
            break
        end = cluster_end(window, end)
    return window[:end]


def first(text: str) -> str:
    r"""The first cluster if it is a letter, a digit or a picture, else `*`; invisible characters before it are skipped.

    A sign could begin a formula in a spreadsheet (`= + - @`), a lone mark would sit on whatever stands before it.

    >>> first("Ann"), first("王小明"), first("=cmd"), first(""), first("\ufeffAnn")
    ('A', '王', '*', '*', 'A')
    """
    if text.isascii():
        head = text[:1]
        return head if head.isalnum() else "*"
    head = leading(text.lstrip(_IGNORABLE), 1)
    kind = unicodedata.category(head[:1] or " ")
    return head if kind[0] in "LN" or kind == "So" else "*"


def at_least(text: str, count: int) -> bool:
    r"""Whether the text has so many clusters, invisible characters before them and surplus marks not counted.

    >>> at_least("Anna", 4), at_least("Ann", 4), at_least("e" + "\u0301" * 40, 4)
    (True, False, False)
    """
    if text.isascii():
        return len(text) >= count
    text = text.lstrip(_IGNORABLE)
    end = 0
    for _ in range(count):
        if end >= len(text):
            return False
        end = cluster_end(text, end)
        while end < len(text) and (_is_mark(text[end]) or text[end] in _IGNORABLE):
            end += 1
    return True
