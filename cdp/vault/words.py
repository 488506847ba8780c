"""The words of a text, for `search: words`: in scripts with spaces words, in scripts without them characters and pairs.

Unicode's NFKC, case folding and general categories; accents of Latin, Greek and Cyrillic letters are dropped.

What is asked for is always a part of what is stored: for every text, `query_words(text) <= stored_words(text)`, and the
same for whole words of it, and for every piece of a text in a script without spaces.
"""

import re
import unicodedata
from typing import Final

from cdp.vault.identifier import fold

STORED_WORDS: Final = 256
"""The most that is stored of one text; words after that are not found."""

QUERY_WORDS: Final = 32
"""The most that is asked for; more would not narrow the search."""

_LENGTH: Final = 10_000
"""Characters that are looked at. No name or address is longer, and the time for one text stays bounded."""

# Han, kana, bopomofo, Hangul; Thai, Lao, Burmese, Khmer: the scripts whose words, or names, stand without spaces.
_SPACELESS: Final = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u312f\u31a0-\u31bf\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\U00020000-\U0003ffff"
)
_RUNS: Final = re.compile(rf"[{_SPACELESS}]+|[^\s{_SPACELESS}]+")
_IS_SPACELESS: Final = re.compile(rf"[{_SPACELESS}]").match
_GAPS: Final = re.compile(rf"(?<=[{_SPACELESS}])\s+(?=[{_SPACELESS}])")
_ACCENTS: Final = re.compile("[\u0300-\u036f]")
_APOSTROPHES: Final = dict.fromkeys(map(ord, "'’‘ʼ"))


class _WordCharacters(dict[int, str]):
    """For `str.translate`: letters, digits and marks stay, all else is a gap; filled as characters come up."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        self[code] = character if unicodedata.category(character)[0] in "LMN" else " "
        return self[code]


_WORD_CHARACTERS: Final = _WordCharacters()


def stored_words(text: str) -> list[str]:
    """What a text is found by: each word, with its parts around an apostrophe; single characters and pairs.

    >>> stored_words("O'Brien"), stored_words("王小明")
    (['obrien', 'o', 'brien'], ['王小', '小明', '王', '小', '明'])
    """
    text = _plain(text)
    words = _words(text.translate(_APOSTROPHES))
    spaced = _GAPS.sub("", text.translate(_WORD_CHARACTERS))  # 王 小明 is also found as 王小明
    for run in _RUNS.findall(spaced):
        words.update(dict.fromkeys((*_pairs(run), *run) if _IS_SPACELESS(run) else (run,)))
    return list(words)[:STORED_WORDS]


def query_words(text: str) -> list[str]:
    """What has to be stored with a text for it to be found.

    >>> query_words("o’brien JOSÉ"), query_words("小明"), query_words("王")
    (['obrien', 'jose'], ['小明'], ['王'])
    """
    return list(_words(_plain(text).translate(_APOSTROPHES)))[:QUERY_WORDS]


def _plain(text: str) -> str:
    folded = fold(text[:_LENGTH])
    if folded.isascii():
        return folded
    return unicodedata.normalize("NFKC", _ACCENTS.sub("", unicodedata.normalize("NFKD", folded)))


def _words(text: str) -> dict[str, None]:
    words: dict[str, None] = {}
    for run in _RUNS.findall(text.translate(_WORD_CHARACTERS)):
        words.update(dict.fromkeys(_pairs(run) if len(run) > 1 and _IS_SPACELESS(run) else (run,)))
    return words


def _pairs(run: str) -> list[str]:
    return [run[start : start + 2] for start in range(len(run) - 1)]
