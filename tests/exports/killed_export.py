"""Kills the making of an export with SIGKILL at its n-th side effect, for every fifth n, then its recovery.

    python -m tests.exports.killed_export HOME DATABASE_URL KEYS_URL

Prints what became of each in the end, as one line of JSON.
"""

import json
import sys
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from audit.entries import HERSELF
from cdp.bootstrap import open_platform
from cdp.pages.takeaway import takeaway_page
from cdp.services.exports.build import carry_out
from cdp.services.exports.fetch import fetch_export
from cdp.services.exports.jobs import ask_export, newest_job
from cdp.services.exports.verify import verify_export
from tests import samples
from tests.support.killing import FILES, fuse, in_child


def main(home: str, database_url: str, keys_url: str) -> None:
    settings = samples.settings(Path(home), database_url, keys_url)
    with open_platform(settings) as platform, platform._database.reading() as conn:
        ids = list(conn.exec_driver_sql("SELECT customer_id FROM customer ORDER BY ordinal").scalars())

    def first(whose: str, number: int) -> None:
        with open_platform(settings) as platform:
            now = datetime.now(UTC)
            ask_export(platform, whose, principal=HERSELF, language="en", now=now)
            with fuse(number, FILES):
                carry_out(platform, takeaway_page, now=now)

    def recover(number: int) -> None:
        with open_platform(settings) as platform, fuse(1 + 5 * number % 23, FILES):
            carry_out(platform, takeaway_page, now=datetime.now(UTC) + timedelta(hours=1))

    def look(whose: str) -> None:
        with open_platform(settings) as platform:
            carry_out(platform, takeaway_page, now=datetime.now(UTC) + timedelta(hours=2))
            before = newest_job(platform, whose)
            archive = Path(home) / "export.zip"
            leaving = fetch_export(platform, whose, principal=HERSELF, now=datetime.now(UTC))
            archive.write_bytes(b"".join(leaving.pieces))
            verify_export(archive, log=platform.keeper.verifier)
            print(json.dumps({"state": before.state, "rows": before.rows_done}), flush=True)

    for place, whose in enumerate(ids):
        number = 1 + 5 * place
        status = in_child(partial(first, whose, number))
        in_child(partial(recover, number))
        if in_child(partial(look, whose)) != 0:
            sys.exit(f"the export does not come after a kill at {number}")
        if status == 0:
            return
    sys.exit("there were not people enough")


if __name__ == "__main__":
    main(*sys.argv[1:])
