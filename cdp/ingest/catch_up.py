"""Reading anew all that was kept under an older catalogue: events, then columns of files."""

from collections.abc import Callable
from typing import Final

from cdp.bootstrap import Platform
from cdp.errors import Unavailable
from cdp.ingest.reread import Done, reread
from cdp.ingest.reread_files import reread_files

ATTEMPTS: Final = 5


def catch_up(platform: Platform, is_stopped: Callable[[], bool] = lambda: False) -> int:
    """Read all anew that was read with an older catalogue; return how many events and rows.

    Raises:
        Unavailable: the database, the keys or the log cannot serve; it goes on when it is called again.
    """
    done = 0
    for step in (reread, reread_files):
        failures = 0
        while not is_stopped():
            try:
                done += step(platform)
                failures = 0
            except Done:
                break
            except Unavailable as error:
                failures += 1
                if error.code != "store_conflict" or failures == ATTEMPTS:
                    raise
    return done
