"""How often Python's garbage collector looks for circles of objects (`gc` in Python's library reference).

It looks each time so many more objects were made than let go, at first through the new ones, and now and then through
all that the process holds. Here nearly everything goes as soon as nobody names it, and what was loaded at the start
stays; so it looks for next to nothing, the longer the more a program has loaded. Measured of processor time: a fifth
of an import's, three tenths of folding events.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_AFTER: Final = 50_000


def collect_rarely() -> None:
    """Have it look less often from now on, and never again at what is there: for a process that goes on for long."""
    gc.collect()
    gc.freeze()
    _look_after(_AFTER)


@contextmanager
def collecting_rarely() -> Iterator[None]:
    """Have it look less often meanwhile."""
    usual = gc.get_threshold()
    _look_after(_AFTER)
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def _look_after(objects: int) -> None:
    first, *others = gc.get_threshold()
    gc.set_threshold(max(objects, first), *others)
