"""What a reader asks for: a view, as which role, and what of it.

No request can choose a purpose: it belongs to the view (attacks, "Authority"). A credential may be bound to one; then
it reads no view that serves another.
"""

from dataclasses import dataclass, field

from cdp.errors import BadInput
from views.conditions import Condition, outline

MAX_ORDER = 8
MAX_ROWS = 2**53
MAX_REASON = 1_000


@dataclass(frozen=True, slots=True)
class Order:
    """One key of the order: a column, its direction, and where nulls go."""

    column: str
    descending: bool = False
    nulls_first: bool = False


@dataclass(frozen=True, slots=True)
class ViewRequest:
    """A request for one view. `select` None means every column; `limit` None means every row.

    `purpose` is what the reader's credential is bound to, if it is. `after` is the key of the row after which to go on,
    where no order is asked for. `parents` asks for the rows that belong to rows of those ids, each with that id at its
    end, and `keeps_row` for the id of each row at its end: what embeds one view in another cuts both off again.
    `break_glass` is the id of a grant by which a role reads that the view is not for; whether it stands is asked when
    the rows are read (`views.run.Held`).
    """

    view: str
    role: str
    select: tuple[str, ...] | None = None
    where: tuple[Condition, ...] = ()
    order: tuple[Order, ...] = ()
    limit: int | None = None
    offset: int = 0
    reason: str = ""
    release: int | None = None
    purpose: str = ""
    after: int | str | None = None
    parents: tuple[str, ...] | None = None
    keeps_row: bool = False
    break_glass: str = field(default="", repr=False)

    def outline(self) -> "ViewRequest":
        """Return the request without operands and numbers: all that a compiled statement may depend on."""
        where = tuple(outline(condition) for condition in self.where)
        parents = None if self.parents is None else ()
        return ViewRequest(self.view, self.role, self.select, where, self.order, release=self.release, parents=parents)


def parse_select(text: str) -> tuple[str, ...] | None:
    """Parse `a,b,c`; `*` or nothing means every column."""
    if text.strip() in ("", "*"):
        return None
    return tuple(part.strip() for part in text.split(","))


def parse_order(text: str) -> tuple[Order, ...]:
    """Parse `a,b.desc,c.asc.nullsfirst`; by default nulls come last ascending and first descending.

    Raises:
        BadInput: `bad_order`.
    """
    orders = []
    for part in text.split(",") if text else ():
        column, *words = part.strip().split(".")
        direction = [word for word in words if word in ("asc", "desc")]
        nulls = [word for word in words if word in ("nullsfirst", "nullslast")]
        if not column or len(direction) > 1 or len(nulls) > 1 or words != direction + nulls:
            raise BadInput("bad_order", "an order is written `column.asc`, `column.desc.nullslast`", path="order")
        descending = direction == ["desc"]
        orders.append(Order(column, descending, nulls == ["nullsfirst"] if nulls else descending))
    if len(orders) > MAX_ORDER or len({order.column for order in orders}) != len(orders):
        raise BadInput("bad_order", f"an order has at most {MAX_ORDER} keys, each once", path="order")
    return tuple(orders)


def check_reason(reason: str) -> None:
    """Refuse a reason that the log could not keep.

    Raises:
        BadInput: `bad_reason`.
    """
    try:
        fits = len(reason) <= MAX_REASON and "\0" not in reason and len(reason.encode()) >= len(reason)
    except UnicodeEncodeError:  # its text holds the reason
        fits = False
    if not fits:
        raise BadInput("bad_reason", f"a reason is text of at most {MAX_REASON:,} characters", path="reason")


def check_window(limit: int | None, offset: int) -> None:
    """Refuse a negative or absurd window.

    Raises:
        BadInput: `bad_window`.
    """
    if not 0 <= offset <= MAX_ROWS or (limit is not None and not 0 <= limit <= MAX_ROWS):
        raise BadInput("bad_window", "limit and offset are whole numbers from 0", path="limit")
