"""Taking the log in, so that it can be searched and counted: a few pieces at a time (`audit.indexing`).

A server does so besides. Where none runs the searches read what is not taken in, and say the same.
"""

from collections.abc import Callable
from typing import Final

from audit.indexing import head_of, indexed_to, take_in
from cdp.bootstrap import Platform

AT_ONCE: Final = 4
"""So many pieces in one go: under a second in which the thread that does it does nothing else."""


def take_log_in(platform: Platform, *, most: int = AT_ONCE) -> int:
    """Take in at most so many full pieces; return how many there were."""
    done = 0
    while done < most and take_in(platform.door.lookup, platform.door.keep):
        done += 1
    return done


def take_all_in(platform: Platform, progress: Callable[[int, int], None] = lambda _done, _total: None) -> None:
    """Take in all that is full."""
    while take_log_in(platform, most=1):
        progress(indexed_to(platform.door.lookup), head_of(platform.door.lookup))
