"""P6: the full view, every sealed value opened, through policy, door and log, against the bare cryptography.

The peer has everything in memory already: it unwraps each customer's key, decrypts her two segments and parses them
(the formats are in `cdp.vault.seal` and `cdp.vault.wrapping`), and does nothing else: no database, no policy, no log.
"""

import os
from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import itemgetter

import orjson
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import select

from cdp.store.tables import build_schema
from cdp.terms import CUSTOMER
from tests.bench.ground import Ground, first_customers
from tests.bench.measure import Case
from tests.bench.scan import read_whole

HEADER, NONCE = 7, 12
MOST = 100_000
"""The most customers that are held in memory for this; the time for each does not depend on how many there are."""


def cases(ground: Ground) -> Iterator[Case]:
    """The row P6."""
    amount = min(ground.size, MOST)
    yield Case(
        "P6", "full view, door and log", "bare unwrap, decrypt, parse", "row", amount,
        lambda: read_whole(ground, "everything", limit=amount), BareUnsealing(ground, amount).run,
    )  # fmt: skip


class BareUnsealing:
    """The segments of every customer, and their keys wrapped under a key that is ours to use."""

    def __init__(self, ground: Ground, amount: int) -> None:
        self._wrapping = AESGCM(os.urandom(32))
        self._people: list[tuple[bytes, bytes, list[tuple[bytes, bytes]]]] = []
        table = build_schema(ground.platform.in_force().catalogue, ground.engine).sealed[CUSTOMER]
        mine = table.c.customer_id.in_(first_customers(ground, amount))
        rows = ground.store.execute(select(table).where(mine).order_by(table.c.customer_id)).all()
        wrapped = self._wrapped(ground, [row[0] for row in rows])
        for customer_id, segments in groupby(rows, itemgetter(0)):
            sealed = [
                (bytes(blob), f"cdp/seal/1|{CUSTOMER}_sealed|{customer_id}|{segment}|".encode() + bytes(blob[:HEADER]))
                for _, segment, blob in segments
            ]
            owner = b"cdp/key/1|\0\0\0\1customer|" + customer_id.encode()
            self._people.append((wrapped[customer_id], owner, sealed))

    def run(self) -> int:
        """Unwrap, decrypt and parse everything; return the number of values."""
        unwrap, values = self._wrapping.decrypt, 0
        for wrapped, owner, segments in self._people:
            cipher = AESGCM(unwrap(wrapped[:NONCE], wrapped[NONCE:], owner))
            for blob, bound in segments:
                nonce, sealed = blob[HEADER : HEADER + NONCE], blob[HEADER + NONCE :]
                values += len(orjson.loads(cipher.decrypt(nonce, sealed, bound)))
        return values

    def _wrapped(self, ground: Ground, ids: Sequence[str]) -> dict[str, bytes]:
        wrapped = {}
        for customer_id, key in ground.platform.vault.keys(sorted(set(ids))).items():
            nonce, owner = os.urandom(NONCE), b"cdp/key/1|\0\0\0\1customer|" + customer_id.encode()
            wrapped[customer_id] = nonce + self._wrapping.encrypt(nonce, key, owner)
        return wrapped
