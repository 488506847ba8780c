"""The keyed blind index: tokens by which an identifier or a word is found, and which say nothing without the key.

Keyed BLAKE2b (RFC 7693) with 16-byte digests, one context for each use:

    token = BLAKE2b-128(key, person = "cdp/identifier/1" or "cdp/word/1",
                        length of entity (u8) ‖ entity ‖ length of kind or field (u8) ‖ kind or field ‖ text in UTF-8)

Among n tokens of one entity and kind two different texts share one with probability below n² / 2^129: 10^-18 for 10^10.
A reader checks what it found again after unsealing, so that even then nobody gets another person's row.

What the tokens do tell whoever reads the database: which rows have the same identifier or share a word, and how often
each occurs. Frequent words (family names, single characters) can be guessed from that. Search words only where needed.
"""

import hashlib
from collections.abc import Iterable
from typing import Final

from cdp.vault.identifier import normalise
from cdp.vault.words import query_words, stored_words

TOKEN_BYTES: Final = 16

_IDENTIFIER: Final = b"cdp/identifier/1"
_WORD: Final = b"cdp/word/1"


class BlindIndex:
    """Makes tokens under one platform key. Holds a prepared context for each entity and kind, which is only copied."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._prepared: dict[tuple[bytes, str, str], hashlib.blake2b] = {}

    def token(self, entity: str, kind: str, text: str) -> bytes | None:
        """The token of an identifier in any spelling; None for a blank, which must never equal another blank."""
        normal = normalise(kind, text)
        if normal is None:
            return None
        return self._tokens(_IDENTIFIER, entity, kind, (normal,))[0]

    def words(self, entity: str, field: str, text: str) -> frozenset[bytes]:
        """What to store with a field so that it is found by its words (`cdp.vault.words.stored_words`)."""
        return frozenset(self._tokens(_WORD, entity, field, stored_words(text)))

    def query_words(self, entity: str, field: str, text: str) -> frozenset[bytes]:
        """What all has to be stored with a field for it to match. Empty when the text has no words: matches nothing."""
        return frozenset(self._tokens(_WORD, entity, field, query_words(text)))

    def _tokens(self, use: bytes, entity: str, name: str, texts: Iterable[str]) -> list[bytes]:
        context = self._prepared.get((use, entity, name))
        if context is None:
            context = hashlib.blake2b(digest_size=TOKEN_BYTES, key=self._key, person=use)
            for part in (entity.encode(), name.encode()):
                context.update(bytes((len(part),)) + part)
            self._prepared[use, entity, name] = context
        tokens = []
        for text in texts:
            token = context.copy()
            token.update(text.encode())
            tokens.append(token.digest())
        return tokens
