"""Kills the carrying out of regulations with SIGKILL at its n-th side effect, for every n, and lets another go on.

    python -m tests.ingest.killed_regulation HOME DATABASE_URL KEYS_URL

Prints how many moments there were.
"""

import sys
from functools import partial
from pathlib import Path

from cdp.bootstrap import open_platform
from cdp.services.regulations import work
from tests import samples
from tests.support.killing import FILES, fuse, in_child


def main(home: str, database_url: str, keys_url: str) -> None:
    settings = samples.settings(Path(home), database_url, keys_url)

    def go_on(number: int) -> None:
        with open_platform(settings) as platform, fuse(number, FILES):
            work.carry_out(platform)

    number = 1
    while in_child(partial(go_on, number)) != 0:
        number += 1
    print(number)


if __name__ == "__main__":
    main(*sys.argv[1:])
