"""Whether what the log is searched and counted by is what its entries say: a search must not leave anybody out.

`audit.verify_log` reads every entry anyhow, and hands what they say to this.
"""

from typing import Any

from sqlalchemy import Connection, func, or_, select

from audit.indexing import indexed_to, stored_piece
from audit.pieces import PIECE, Body, Piece
from cdp.errors import Unavailable
from cdp.store.searching import LOG_POSTING, LOG_TALLY


class IndexCheck:
    """Takes entries in the order of the log, and compares piece by piece.

    Args:
        conn: a snapshot of the log.
        gone: how many entries were dropped, from the first on.
    """

    def __init__(self, conn: Connection, gone: int) -> None:
        self._conn, self._gone = conn, gone
        self._end = indexed_to(conn.execute)
        self._made: Piece | None = None
        self.pieces = 0

    def take(self, bodies: dict[int, dict[str, Any]]) -> None:
        """Take the next entries.

        Raises:
            Unavailable: `log_broken`.
        """
        for number, body in bodies.items():
            if number >= self._end:
                return
            self._add(number, body)

    def _add(self, number: int, body: Body) -> None:
        if self._made is None:
            self._made = Piece(number // PIECE)
        self._made.add(number, body)
        if (number + 1) % PIECE == 0:
            made, self._made = self._made, None
            if stored_piece(self._conn, made.number) != (list(made.posting_rows()), list(made.tally_rows())):
                raise _broken(f"entries from {made.number * PIECE}")
            self.pieces += 1

    def finish(self) -> None:
        """See that there is nothing else.

        Raises:
            Unavailable: `log_broken`.
        """
        for table in (LOG_POSTING, LOG_TALLY):
            beyond = or_(table.c.piece >= self._end // PIECE, table.c.piece < self._gone // PIECE)
            if self._conn.execute(select(func.count()).select_from(table).where(beyond)).scalar_one():
                raise _broken(table.name)
        if self._made is not None:
            raise _broken("entries beyond the last")


def _broken(path: str) -> Unavailable:
    hint = "the log was changed beneath the program: keep this database for an expert, and restore a backup"
    return Unavailable("log_broken", "what the log is searched by is not what its entries say", path=path, hint=hint)
