"""P1 and P2: what masks and refusals cost a scan.

P1 reads the view `masked` against as many columns of the bare table, both by key in chunks of 5,000 rows: once from
statement to rows, once through policy, door and log. P2 reads a view with and without the flag that its purpose tests.
"""

from collections.abc import Callable, Iterator

from sqlalchemy import Connection, bindparam, select

from cdp.services.read import read_view
from cdp.store.statement import Statement
from cdp.terms import CHUNK_ROWS
from tests.bench.ground import BENCH, Ground
from tests.bench.measure import Case
from tests.bench.people import ROLE, SHOWN
from views.compile import compile_view
from views.request import ViewRequest


def masked(ground: Ground) -> Iterator[Case]:
    """The rows P1."""
    bare = bare_scan(ground, SHOWN)
    yield Case(
        "P1", "masked view, our statement", f"{len(SHOWN)} bare columns", "row", ground.size,
        view_scan(ground, "masked"), bare, goal=1.0,
    )  # fmt: skip
    yield Case(
        "P1", "masked view, door and log", f"{len(SHOWN)} bare columns", "row", ground.size,
        lambda: read_whole(ground, "masked"), bare,
    )  # fmt: skip


def filtered(ground: Ground) -> Iterator[Case]:
    """The row P2."""
    yield Case(
        "P2", "refusal filter, our statement", "the same without the flag", "row", ground.size,
        view_scan(ground, "filtered"), view_scan(ground, "unfiltered"), goal=1.02,
    )  # fmt: skip


def read_whole(ground: Ground, view: str, *, limit: int | None = None) -> int:
    """Read a whole view through policy, door and log; return the number of rows."""
    request = ViewRequest(view, ROLE, reason="a benchmark", limit=limit)
    return sum(len(chunk) for chunk in read_view(ground.platform, request, principal=BENCH).chunks)


def view_scan(ground: Ground, view: str) -> Callable[[], int]:
    """A scan by the statement that the policy compiles to, past the door."""
    force = ground.platform.in_force()
    plan = compile_view(force.catalogue, force.policy, ViewRequest(view, ROLE))
    return lambda: _scan(ground.store, Statement(plan.template.chunk, ground.engine), ground.size)


def bare_scan(ground: Ground, names: tuple[str, ...]) -> Callable[[], int]:
    """A scan of columns of the bare table."""
    c = ground.twin.c
    rows = select(c.number, c.customer_id, *(c[name] for name in names)).where(c.number > bindparam("after"))
    statement = Statement(rows.order_by(c.number).limit(bindparam("take")), ground.engine)
    return lambda: _scan(ground.bare, statement, ground.size)


def _scan(conn: Connection, statement: Statement, size: int) -> int:
    """Read everything in chunks; the first column is the one to go on after."""
    after, read = -1, 0
    while rows := statement.rows(conn, {"after": after, "take": CHUNK_ROWS}):
        after, read = rows[-1][0], read + len(rows)
    assert read == size, "both must read every row, or the times mean nothing"
    return read
