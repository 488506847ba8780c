"""`cdp held`: what a law keeps of people who were erased."""

from datetime import UTC, datetime

import click

from cdp.cli.render import say, show_table
from cdp.cli.session import acting, opened, operator
from cdp.cli.usage import Group


@click.group(cls=Group)
def held() -> None:
    """See what a law keeps of people who were erased, and read it for what it is kept for.

    The catalogue says with `hold` which fields, why and how long. `cdp retention run` deletes what is over.
    """


@held.command("list")
def list_() -> None:
    """List what is held, the first to end first, without the values."""
    from cdp.services.held import list_held

    with opened(compare=False) as platform:
        found = list_held(platform, principal=operator())
    rows = [[each.hold_id, each.erasure_id, each.purpose, each.until, str(each.rows)] for each in found]
    show_table(["hold", "erasure", "purpose", "until", "rows"], rows, right=[4])


@held.command()
@click.argument("hold", metavar="HOLD")
@click.option("--as", "role", required=True, metavar="ROLE", help="The role in which to read.")
@click.option("--purpose", required=True, metavar="PURPOSE", help="For what; it must be what it is held for.")
@click.option("--reason", default="", metavar="TEXT", help="Why. Kept sealed.")
def read(*, hold: str, role: str, purpose: str, reason: str) -> None:
    """Read held values, one row a line as JSON. The reading is on the log."""
    import orjson

    from cdp.services.held import read_held

    with opened(compare=False) as platform:
        today = datetime.now(UTC).date()
        rows = read_held(platform, hold, principal=acting(platform, role), purpose=purpose, reason=reason, today=today)
    for row in rows:
        say(orjson.dumps({"entity": row.entity, **row.values}).decode())
