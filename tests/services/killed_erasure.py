"""Kills an erasure with SIGKILL at its n-th side effect, for every n, then the recovery, and opens the store once more.

    python -m tests.services.killed_erasure HOME DATABASE_URL KEYS_URL

Each n erases a customer of its own. Prints what was found of her in the end, as one line of JSON.
"""

import json
import sys
from functools import partial
from pathlib import Path

from cdp.bootstrap import open_platform
from cdp.services.customers import find_customer
from cdp.services.erase import erase
from cdp.services.verify_log import verify_log
from tests import samples
from tests.ingest.sending import in_parcels
from tests.support import gone
from tests.support.killing import FILES, fuse, in_child


def main(home: str, database_url: str, keys_url: str) -> None:
    settings = samples.settings(Path(home), database_url, keys_url)
    with open_platform(settings) as platform, platform._database.reading() as conn:
        addresses = [f"ann{number}@example.org" for number in range(60)]
        in_force = platform.in_force()
        ids = [find_customer(conn, in_force, platform.vault, f"email:{each}").customer_id for each in addresses]

    def first(number: int) -> None:
        with open_platform(settings) as platform, fuse(number, FILES):
            erase(platform, [ids[number]], principal=samples.TESTER, reason="she asked")

    def recover(number: int) -> None:
        with fuse(1 + 5 * number % 23, FILES), open_platform(settings):
            pass

    def look(number: int) -> None:
        with open_platform(settings) as platform:
            said = gone.register(platform, ids[number])
            found = {
                "left": gone.traces(platform, ids[number]),
                "key": ids[number] in platform.vault.keys([ids[number]]),
                "sealed": addresses[number] in in_parcels(platform),
                "others": addresses[0] in in_parcels(platform),
                "begun": said is not None,
                "finished": said is not None and said["finished_at"] is not None and said["entry"] is not None,
            }
            verify_log(platform)
            print(json.dumps(found), flush=True)

    for number in range(1, len(ids)):
        status = in_child(partial(first, number))
        in_child(partial(recover, number))
        if in_child(partial(look, number)) != 0:
            sys.exit(f"the store does not open after a kill at {number}")
        if status == 0:
            return
    sys.exit("there were not people enough")


if __name__ == "__main__":
    main(*sys.argv[1:])
