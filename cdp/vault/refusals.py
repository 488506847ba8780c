"""Refusals beside the keys: what a copy of the data that is restored has forgotten, and must be told again.

Design section 10, invariants 3 and 4; why they lie here is in decision 40. Each is written before the transaction of
its act commits, so one that was acknowledged is here. One whose act failed may be here, too; it can only tighten.
`cdp.acts` writes them and reads them back.
"""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from sqlalchemy import bindparam, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite

from cdp.database.database import Database
from cdp.vault.tables import REFUSAL

_R: Final = REFUSAL.c
_COLUMNS: Final = (_R.customer_id, _R.event_id, _R.choice, _R.effective_at)


class Refusal(NamedTuple):
    """An act by which a customer refused: whose it is, its id, of what, and from when it counts."""

    customer_id: str
    event_id: str
    choice: str
    effective_at: str


START: Final = Refusal("", "", "", "")
"""Before all of them."""


class KeptRefusals:
    """The refusals that one key store keeps."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, refusals: Iterable[Refusal], *, size: int) -> None:
        """Have these on disk when it returns; one that is here already stays as it is.

        Args:
            size: how many entries the log has by now; that of the act will not be before them.
        """
        rows = [{**each._asdict(), "size": size} for each in sorted(refusals)]
        if not rows:
            return
        add = postgresql.insert if self._database.is_postgresql else sqlite.insert
        row = add(REFUSAL).values({name: bindparam(name) for name in rows[0]}).on_conflict_do_nothing()
        self._database.write(lambda connection: connection.execute(row, rows))

    def since(self, size: int, *, limit: int) -> Sequence[Refusal]:
        """Return the newest ones of those that were kept when the log had at least so many entries."""
        newest = select(*_COLUMNS).where(_R.size >= size).order_by(_R.size.desc()).limit(limit)
        return self._database.read(lambda connection: [Refusal(*row) for row in connection.execute(newest)])

    def after(self, last: Refusal, *, limit: int) -> Sequence[Refusal]:
        """Return the next ones, in the order of customers and acts."""
        here = tuple_(_R.customer_id, _R.event_id) > tuple_(last.customer_id, last.event_id)
        following = select(*_COLUMNS).where(here).order_by(_R.customer_id, _R.event_id).limit(limit)
        return self._database.read(lambda connection: [Refusal(*row) for row in connection.execute(following)])
