"""What somebody with all rights on the database can do to a log: clumsily, and as one who knows how it is made.

A clumsy change leaves the tree as it was. A thorough one makes leaves, tiles, head and side tables anew, so that the
log verifies by itself; only who remembers an earlier checkpoint sees it.
"""

import random
from collections.abc import Callable
from typing import Any

import orjson
from sqlalchemy import Connection, text

from audit.merkle import Frontier, leaf_hash
from audit.tiles import tile_hashes

Rows = list[tuple[Any, ...]]


class Intruder:
    """Changes a log within a transaction; each method is one way, at a place that the dice choose."""

    def __init__(self, conn: Connection, dice: random.Random) -> None:
        self._conn = conn
        self._dice = dice
        rows = self._all("SELECT number, entry FROM cdp_log_entry ORDER BY number")
        self._entries = [bytes(row[1]) for row in rows]

    def flip_entry(self) -> None:
        """A bit of an entry."""
        self._flip("cdp_log_entry", "entry", "number")

    def flip_leaf(self) -> None:
        """A bit of a leaf hash."""
        self._flip("cdp_log_entry", "leaf", "number")

    def flip_tile(self) -> None:
        """A bit of a tile hash."""
        self._flip("cdp_log_tile", "hash", "number")

    def flip_head(self) -> None:
        """A bit of the head."""
        self._flip("cdp_log_head", "frontier", "one")

    def flip_people(self) -> None:
        """A bit of a set of customers, or of its salt."""
        self._flip("cdp_log_subject", self._dice.choice(("members", "salt")), "entry")

    def flip_reason(self) -> None:
        """A bit of a sealed reason, or of its salt."""
        self._flip("cdp_log_note", self._dice.choice(("sealed", "salt")), "entry")

    def cut_middle(self) -> None:
        """An entry goes."""
        self._run("DELETE FROM cdp_log_entry WHERE number = :n", n=self._place())

    def cut_tail(self) -> None:
        """The newest entries go."""
        self._run("DELETE FROM cdp_log_entry WHERE number >= :n", n=self._place())

    def swap(self) -> None:
        """Two entries change places."""
        one, two = self._dice.sample(range(len(self._entries)), 2)
        for old, new in ((one, -1), (two, one), (-1, two)):
            self._run("UPDATE cdp_log_entry SET number = :new WHERE number = :old", old=old, new=new)

    def insert(self) -> None:
        """An entry comes behind the last."""
        entry = self._dice.choice(self._entries)
        values = {"n": len(self._entries), "e": entry, "l": leaf_hash(entry)}
        self._run("INSERT INTO cdp_log_entry (number, entry, leaf) VALUES (:n, :e, :l)", **values)

    def lose_people(self) -> None:
        """A set of customers goes, or comes to another entry, or is hidden from the search."""
        entry = self._dice.choice(self._all("SELECT entry FROM cdp_log_subject"))[0]
        how = self._dice.choice(
            (
                "DELETE FROM cdp_log_subject WHERE entry = :n",
                "UPDATE cdp_log_subject SET block = block + 1 WHERE entry = :n",
                "UPDATE cdp_log_subject SET low = 60000 WHERE entry = :n",
                "UPDATE cdp_log_subject SET entry = 100000 WHERE entry = :n",
            )
        )
        self._run(how, n=entry)

    def lose_reason(self) -> None:
        """A reason goes."""
        entry = self._dice.choice(self._all("SELECT entry FROM cdp_log_note"))[0]
        self._run("DELETE FROM cdp_log_note WHERE entry = :n", n=entry)

    def rewrite_entry(self) -> None:
        """An entry says something else, and all above it is made anew."""
        place = self._place()
        body = orjson.loads(self._entries[place])
        body["role"] = f"somebody{self._dice.randrange(10**6)}"
        self._entries[place] = orjson.dumps(body, option=orjson.OPT_SORT_KEYS)
        self._rebuild()

    def forget_tail(self) -> None:
        """The newest entries go, and the log is whole without them: last week's copy."""
        self._keep(self._place())
        self._rebuild()

    def fork(self) -> None:
        """From some entry on there is another history, which may be the longer one."""
        before, place = len(self._entries), self._place()
        self._keep(place)
        for number in range(place, before + self._dice.randrange(1, 20)):
            self._entries.append(self._refusal(number))
        self._rebuild()

    def slip_in(self) -> None:
        """An entry comes between two, and those behind it move on with all that is theirs."""
        place = self._place()
        self._entries.insert(place, self._refusal(place))
        self._move(place, 1)
        self._rebuild()

    def cut_out(self) -> None:
        """An entry goes, with all that is its own, and those behind it close the gap."""
        place = self._place()
        del self._entries[place]
        for table in ("cdp_log_subject", "cdp_log_note"):
            self._run(f"DELETE FROM {table} WHERE entry = :n", n=place)
        self._move(place + 1, -1)
        self._rebuild()

    def _refusal(self, number: int) -> bytes:
        body = {
            "act": "read", "at": orjson.loads(self._entries[-1])["at"], "code": f"other{self._dice.randrange(10**6)}",
            "customers": 0, "format": 1, "principal": "os:nobody", "role": "", "rows": number, "what": "refusal",
        }  # fmt: skip
        return orjson.dumps(body, option=orjson.OPT_SORT_KEYS)

    def _keep(self, size: int) -> None:
        del self._entries[size:]
        for table in ("cdp_log_subject", "cdp_log_note"):
            self._run(f"DELETE FROM {table} WHERE entry >= :n", n=size)

    def _move(self, start: int, by: int) -> None:
        for table in ("cdp_log_subject", "cdp_log_note"):
            self._run(f"UPDATE {table} SET entry = -1 - entry WHERE entry >= :n", n=start)
            self._run(f"UPDATE {table} SET entry = -1 - entry + :by WHERE entry < 0", by=by)

    def _rebuild(self) -> None:
        """Make everything anew that follows from the entries."""
        leaves = list(map(leaf_hash, self._entries))
        growth = Frontier().grow(leaves)
        self._run("DELETE FROM cdp_log_entry")
        self._run("DELETE FROM cdp_log_tile")
        rows = [{"n": n, "e": e, "l": leaf} for n, (e, leaf) in enumerate(zip(self._entries, leaves, strict=True))]
        self._conn.execute(text("INSERT INTO cdp_log_entry (number, entry, leaf) VALUES (:n, :e, :l)"), rows)
        for each in tile_hashes(growth):
            values = {"level": each.level, "number": each.index, "hash": each.hash}
            self._run("INSERT INTO cdp_log_tile (level, number, hash) VALUES (:level, :number, :hash)", **values)
        self._run("UPDATE cdp_log_head SET frontier = :f", f=growth.frontier.encode())

    def _flip(self, table: str, column: str, key: str) -> None:
        where, blob = self._dice.choice(self._all(f"SELECT {key}, {column} FROM {table} ORDER BY {key}"))
        data = bytearray(blob)
        data[self._dice.randrange(len(data))] ^= 1 << self._dice.randrange(8)
        self._run(f"UPDATE {table} SET {column} = :b WHERE {key} = :n", b=bytes(data), n=where)

    def _place(self) -> int:
        return self._dice.randrange(len(self._entries))

    def _all(self, statement: str) -> Rows:
        return [tuple(row) for row in self._conn.execute(text(statement))]

    def _run(self, statement: str, **values: Any) -> None:
        assert self._conn.execute(text(statement), values) is not None


CLUMSY: list[Callable[[Intruder], None]] = [
    Intruder.flip_entry, Intruder.flip_leaf, Intruder.flip_tile, Intruder.flip_head, Intruder.flip_people,
    Intruder.flip_reason, Intruder.cut_middle, Intruder.cut_tail, Intruder.swap, Intruder.insert, Intruder.lose_people,
    Intruder.lose_reason,
]  # fmt: skip
THOROUGH: list[Callable[[Intruder], None]] = [
    Intruder.rewrite_entry, Intruder.forget_tail, Intruder.fork, Intruder.slip_in, Intruder.cut_out
]  # fmt: skip
