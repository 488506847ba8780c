"""Writing rows anew for the next version of the catalogue: a batch at a time, each row knowing how far it has come.

Design sections 4 (Versions) and 5, invariant 7. `shaped_with` of a row is the version that it was last written for, so
that work which was cut off goes on where it was, however it was cut off.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, bindparam, false, func, select, update

from cdp.catalogue.model import Catalogue
from cdp.catalogue.places import place
from cdp.store.arriving import EVENT, SOURCE
from cdp.store.changes import transitional
from cdp.store.conversion import Conversion
from cdp.store.given import Given, NamedRows
from cdp.store.people import SAID
from cdp.store.platform import IDENTIFIER
from cdp.store.records import Stored, read_ordinals
from cdp.store.shaper import shaper
from cdp.store.tables import build_schema
from cdp.store.write import Claim, Writer
from cdp.terms import Shape
from cdp.vault.vault import Vault

SPAN: Final = 2_000
"""How many ordinals one batch spans."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What one batch did.

    Attributes:
        rows: how many rows it wrote, those of erased customers among them.
        subjects: the ordinals of their customers.
        lost: how many values of which field did not convert.
        claimed: how many identifiers are only claimed, because somebody else bears them.
    """

    rows: int
    subjects: tuple[int, ...]
    lost: Mapping[str, int]
    claimed: int


class Reshaper:
    """Writes the rows of one entity anew.

    Args:
        meanwhile: under which names columns of the old catalogue are found, by their table.
    """

    def __init__(
        self, old: Catalogue, new: Catalogue, entity: str, *, version: int, vault: Vault, dialect: str,
        meanwhile: Mapping[str, Mapping[str, str]],
    ) -> None:  # fmt: skip
        self.entity = entity
        self._old, self._new, self._version = old, new, version
        self._vault, self._dialect = vault, dialect
        before = build_schema(old, dialect).rows[entity]
        self._before = transitional(before, meanwhile.get(entity, {}))
        self._after = build_schema(new, dialect).rows[entity]
        self._customer = build_schema(new, dialect).customer
        self._conversion = Conversion(old.entities[entity], new.entities[entity])
        self._writer = Writer(new, new.entities[entity], version=version, vault=vault, dialect=dialect)
        self._plain = tuple(name for name in new.entities[entity].fields if self._is_plain(name))
        self._position = 0

    def left(self, conn: Connection) -> int:
        """Return how many rows are still as the old catalogue has them."""
        c = self._after.c
        return int(conn.execute(select(func.count()).where(c.shaped_with != self._version)).scalar_one())

    def next_batch(self, conn: Connection) -> Batch | None:
        """Write the next rows anew within the caller's transaction; None when this process finds no more."""
        c = self._after.c
        behind = select(func.min(c.ordinal)).where(c.shaped_with != self._version, c.ordinal >= self._position)
        start = conn.execute(behind).scalar_one()
        if start is None:
            return None
        span = range(start, start + SPAN)
        rows = read_ordinals(
            conn, self._old, self._old.entities[self.entity], span, keys=self._vault, version=self._version,
            table=self._before,
        )  # fmt: skip
        converted, lost = [], Counter[str]()
        for row in sorted(rows, key=lambda each: each.ordinal):
            values, gone = self._conversion.convert(row.values)
            converted.append(Stored(row.customer_id, row.row_id, row.ordinal, values))
            lost.update(gone)
        claims = self._claims(conn, converted)
        self._clear(conn, self._writer.replace(conn, converted, claims=claims))
        self._position = span.stop
        return Batch(len(rows), self._subjects(conn, rows), dict(lost), len(claims))

    def _clear(self, conn: Connection, erased: Sequence[Stored]) -> None:
        """Write what is left of rows whose customers have no key any more: only what stood, and stands, in the clear.

        No shape of the old catalogue may stay; what was sealed, or is to be, is out of reach for good.
        """
        if not erased:
            return
        shape = shaper(self._new, self.entity)
        values: dict[str, Any] = {name: bindparam(name) for name in (*shape.columns, "shaped_with")}
        statement = update(self._after).where(self._after.c.ordinal == bindparam("_ordinal")).values(values)
        rows = []
        for row in erased:
            plain = {name: row.values[name] for name in self._plain if name in row.values}
            rows.append({**shape.shape(plain).columns, "shaped_with": self._version, "_ordinal": row.ordinal})
        conn.execute(statement, rows)

    def _is_plain(self, name: str) -> bool:
        """Whether a field's clear value stands in a column, before and after."""
        before, after = (each.entities[self.entity].fields.get(name) for each in (self._old, self._new))
        places = [place(field, Shape.CLEAR) for field in (before, after) if field is not None]
        return len(places) == 2 and all(found is not None and found.segment is None for found in places)

    def _claims(self, conn: Connection, rows: Sequence[Stored]) -> frozenset[Claim]:
        """Return which identifiers of these rows must not count as verified.

        1. What a row only claimed it only claims.
        2. What another row has, verified, it keeps; nobody is merged, and nobody's is taken away.
        3. Of rows that come to it at once, the first has it.
        4. What was no identifier until now is not verified where a source added to the row that verifies nothing.
        """
        wanted = self._writer.identifiers(rows)
        if not wanted:
            return frozenset()
        mine = dict(self._held(conn, rows))
        taken = {(kind, token): row_id for row_id, kind, token in self._bearers(conn, wanted)}
        of_strangers = self._of_strangers(conn, rows) if {*wanted} - mine.keys() else frozenset()
        claims = set()
        for claim in sorted(wanted, key=lambda each: not mine.get(each, False)):
            row_id, kind, token = claim
            if (
                mine.get(claim, row_id not in of_strangers) is False
                or taken.setdefault((kind, token), row_id) != row_id
            ):
                claims.add(claim)
        return frozenset(claims)

    def _held(self, conn: Connection, rows: Sequence[Stored]) -> Iterator[tuple[Claim, bool]]:
        """Yield the identifiers that these rows have now, and whether they are verified."""
        c = IDENTIFIER.c
        named = NamedRows(self._new.entities[self.entity], self._dialect)
        mine = select(c.row_id, c.kind, c.token, c.verified).where(
            c.entity == self.entity, named.of(IDENTIFIER, "row_id")
        )
        for row_id, kind, token, verified in conn.execute(
            mine, named.values((row.customer_id, row.row_id) for row in rows)
        ):
            yield (row_id, kind, token), bool(verified)

    def _of_strangers(self, conn: Connection, rows: Sequence[Stored]) -> frozenset[str]:
        """Return the rows to which a source has added something that verifies nothing."""
        given = Given(self._dialect, 1)
        if self._after is self._customer:
            row_id, owner, of = SAID.c.customer_id, SAID.c.customer_id, SAID.c.source == SOURCE.c.name
        else:
            row_id, owner, of = EVENT.c.row_id, EVENT.c.customer_id, EVENT.c.source == SOURCE.c.source
        theirs = select(row_id).join(SOURCE, of).where(SOURCE.c.trusted.is_(false()), given.holds(owner))
        found = conn.execute(theirs, given.values((each,) for each in {row.customer_id for row in rows}))
        return frozenset(found.scalars())

    def _bearers(self, conn: Connection, wanted: Sequence[Claim]) -> Iterator[Claim]:
        """Yield who has these identifiers now, verified."""
        c, given = IDENTIFIER.c, Given(self._dialect, 2)
        theirs = select(c.row_id, c.kind, c.token).where(
            c.entity == self.entity, c.verified, given.holds(c.kind, c.token)
        )
        for row in conn.execute(theirs, given.values((kind, token) for _, kind, token in wanted)):
            yield row.row_id, row.kind, row.token

    def _subjects(self, conn: Connection, rows: Sequence[Stored]) -> tuple[int, ...]:
        if self._after is self._customer:
            return tuple(row.ordinal for row in rows)
        c, given = self._customer.c, Given(self._dialect, 1)
        theirs = select(c.ordinal).where(given.holds(c.customer_id))
        ids = sorted({row.customer_id for row in rows})
        return tuple(conn.execute(theirs, given.texts(ids)).scalars())
