"""Cursors: where a page ended, sealed, for the same app to go on with the same question.

AES-SIV (RFC 5297) under a key of the platform. What is sealed is the key of a row and a number of rows, padded; bound
to it are the app, the view, and the whole question with its operands and its children. So a cursor tells nothing,
cannot be made up or changed, and is none for another app, view or question. It is deterministic: two pages that end
alike have one cursor.
"""

import base64
import binascii
from collections.abc import Sequence
from typing import Final

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from cdp.errors import BadInput
from cdp.services.embed import Child
from views.request import ViewRequest

KEY: Final = "cursors"
_SIZE: Final = 64
MAX_CURSOR: Final = 256


Position = tuple[int | str | None, int]
"""After which row to go on, None where an order is asked for, and how many rows came before."""


class Cursors:
    """Seals and opens the cursors of one platform."""

    def __init__(self, key: bytes) -> None:
        self._siv = AESSIV(HKDF(SHA512(), 64, salt=None, info=b"cdp/cursor/1").derive(key))

    def seal(self, app: str, request: ViewRequest, children: Sequence[Child], position: Position) -> str:
        """Return the cursor for going on after a row, which is the so many-th."""
        sealed = self._siv.encrypt(orjson.dumps(position).ljust(_SIZE), [app.encode(), _question(request, children)])
        return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()

    def open(self, app: str, request: ViewRequest, children: Sequence[Child], cursor: str) -> Position:
        """Return after which row, or after how many, to go on.

        Raises:
            BadInput: `bad_cursor`, whatever is wrong with it.
        """
        bad = BadInput("bad_cursor", "the cursor is none for this question", path="cursor")
        if not 0 < len(cursor) <= MAX_CURSOR:
            raise bad
        try:
            sealed = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
            after, offset = orjson.loads(self._siv.decrypt(sealed, [app.encode(), _question(request, children)]))
        except (InvalidTag, ValueError, binascii.Error):
            raise bad from None
        return after, offset


def _question(request: ViewRequest, children: Sequence[Child]) -> bytes:
    """Return everything that a page depends on but its window."""
    asked = (request.view, request.role, request.purpose, request.select, request.where, request.order, children)
    return repr(asked).encode()
