"""Kills a run of the retention with SIGKILL at every third side effect, then the next run, and lets one end.

    python -m tests.retention.killed_retention HOME DATABASE_URL KEYS_URL

Each n has four people of its own who are due that night. Prints what became of them, as one line of JSON.
"""

import json
import sys
from datetime import timedelta
from functools import partial
from pathlib import Path

from cdp.bootstrap import Platform, open_platform
from cdp.catalogue.keeping import midnight
from cdp.database.database import Database
from cdp.services.retention.run import dry_run, run
from cdp.services.verify_log import verify_log
from tests import samples
from tests.retention.test_run import TODAY
from tests.samples import TESTER
from tests.support import gone
from tests.support.killing import Place, fuse, in_child

SETS = 30
STEP = 3
"""Of the side effects every third, beginning with the first."""

EACH = 4
PLACES: list[Place] = [(Database, name) for name in ("_sqlite_anew", "_postgresql_anew", "truncate_log")]


def aged(platform: Platform, number: int) -> None:
    """Have the people of a set be old: an income, a creed, an order, and one of whom nothing was heard for long."""
    income, creed, order, all_of_her = (f"Number{number * EACH + place}" for place in range(EACH))
    days = {income: 400, creed: 100, order: 1, all_of_her: 6 * 366}
    named = {str(row[1]).removeprefix("Ann "): str(row[0]) for row in samples.rows_of(platform, "privacy_office")}
    with platform._database.writing() as conn:
        for name, count in days.items():
            at = int(midnight(TODAY - timedelta(days=count)).timestamp())
            conn.exec_driver_sql(f"UPDATE customer SET cdp__collected = {at} WHERE customer_id = '{named[name]}'")
        at = int(midnight(TODAY - timedelta(days=4 * 366)).timestamp())
        conn.exec_driver_sql(f"UPDATE \"order\" SET cdp__collected = {at} WHERE customer_id = '{named[order]}'")


def asked(platform: Platform, customer_id: str) -> list[str]:
    """About which fields she was asked, each time that she was."""
    with platform._database.reading() as conn:
        wanted = f"SELECT field FROM cdp_renewal WHERE customer_id = '{customer_id}'"
        return list(conn.exec_driver_sql(wanted).scalars())


def written(platform: Platform, customer_id: str) -> int:
    """How many letters were queued to her."""
    with platform._database.reading() as conn:
        wanted = f"SELECT count(*) FROM cdp_letter WHERE customer_id = '{customer_id}'"
        return int(conn.exec_driver_sql(wanted).scalar_one())


def night(platform: Platform) -> None:
    run(platform, principal=TESTER, today=TODAY)


def main(home: str, database_url: str, keys_url: str) -> None:
    settings = samples.settings(Path(home), database_url, keys_url)
    with open_platform(settings) as platform:
        ids = {str(row[1]).removeprefix("Ann "): str(row[0]) for row in samples.rows_of(platform, "privacy_office")}

    def first(number: int) -> None:
        with open_platform(settings) as platform:
            aged(platform, number)
            with fuse(number * STEP + 1, PLACES):
                night(platform)

    def again(number: int) -> None:
        with fuse(1 + 5 * number % 17, PLACES), open_platform(settings) as platform:
            night(platform)

    def look(number: int) -> None:
        with open_platform(settings) as platform:
            dry = dry_run(platform, principal=TESTER, today=TODAY)
            done = run(platform, principal=TESTER, today=TODAY)
            mine = [ids[f"Number{number * EACH + place}"] for place in range(EACH)]
            rows = {row[0]: row for row in samples.rows_of(platform, "privacy_office")}
            shown = samples.rows_of(platform, "office_orders", role="privacy_officer")
            orders = {row[0]: list(row[2:]) for row in shown}
            found = {
                "alike": (dry.counts, dry.begun, dry.holds) == (done.counts, done.begun, done.holds),
                "income": [rows[each][5] is not None for each in mine[:3]],
                "asked": asked(platform, mine[1]),
                "written": written(platform, mine[1]),
                "order": [value is not None for value in orders[mine[2]]],
                "erased": mine[3] not in rows and gone.traces(platform, mine[3]) == {},
                "others": len(rows) + number + 1 == SETS * EACH,
            }
            verify_log(platform)
            print(json.dumps(found), flush=True)

    for number in range(SETS):
        status = in_child(partial(first, number))
        in_child(partial(again, number))
        if in_child(partial(look, number)) != 0:
            sys.exit(f"the store does not open after a kill at {number * STEP + 1}")
        if status == 0:
            return
    sys.exit("there were not people enough")


if __name__ == "__main__":
    main(*sys.argv[1:])
