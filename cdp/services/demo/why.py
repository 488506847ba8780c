"""Why a customer's views differ: one line for each difference, from what the plans decided.

Design section 2, line 3: the explanation is the plan, printed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from cdp.services.demo.look import UNLISTED, Look, Sight
from cdp.terms import Shape

ROW: Final = "the row"
OTHERS: Final = "other fields"


@dataclass(frozen=True)
class Why:
    """One difference: in which view, what becomes of what, and why. `own`: it holds for this customer, not for all."""

    view: str
    shape: Shape | None
    what: tuple[str, ...]
    reason: str
    own: bool = False


def differences(look: Look) -> tuple[Why, ...]:
    """Return why what is not clear is not clear, view by view."""
    return tuple(why for sight in look.sights for why in _of(sight))


def _of(sight: Sight) -> Iterator[Why]:
    name = sight.view.name
    if not sight.cells:
        yield Why(name, None, (ROW,), sight.absent, own=True)
        return
    groups: dict[tuple[Shape | None, str, bool], list[str]] = {}
    for field, cell in sight.cells.items():
        if cell.shape is not Shape.CLEAR:
            groups.setdefault((cell.shape, cell.why, bool(cell.refused)), []).append(field)
    unlisted = groups.pop((None, UNLISTED, False), None)
    for (shape, reason, own), fields in groups.items():
        yield Why(name, shape, tuple(fields), reason, own)
    if sight.alike:
        alike = f"one of {sight.alike} alike; the row does not say whose it is"
        yield Why(name, Shape.GENERAL, (ROW,), alike, own=True)
    if unlisted:
        yield Why(name, None, (OTHERS,), UNLISTED)


def changed(before: Look, after: Look) -> list[tuple[Sight, Sight]]:
    """Return the views that show something else than before, as pairs."""
    return [(old, new) for old, new in zip(before.sights, after.sights, strict=True) if old.cells != new.cells]
