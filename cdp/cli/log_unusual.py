"""`cdp log unusual`: reads that are unlike the reader's own habit, each with the numbers by which it stands out."""

from dataclasses import asdict

import click

from cdp.cli.render import counted, note, progress, say, show_json, show_table
from cdp.cli.session import opened, operator
from cdp.cli.usage import Command


@click.command("unusual", cls=Command)
@click.option("--days", type=click.IntRange(1, 90), default=7, metavar="N", help="Of the last N days; by default 7.")
@click.option("--format", "format_", type=click.Choice(("table", "json")), default="table", help="By default a table.")
def unusual(*, days: int, format_: str) -> None:
    """Show what stands out: many more customers than usual, reads outside of working hours, many more refusals.

    Each reader is held against his own days before, never against others. The last line says how many days stand out.
    That somebody looked is on the log.
    """
    from datetime import UTC, datetime

    from cdp.services.watching.take_in import take_all_in
    from cdp.services.watching.unusual import unusual_reads

    with opened(compare=False) as platform, progress("entries taken in") as done:
        take_all_in(platform, done)
        found = unusual_reads(platform, principal=operator(), now=datetime.now(UTC), days=days)
    if format_ == "json":
        show_json([asdict(each) for each in found])
        return
    if found:
        heads = ("day", "who", "rule", "count", "usual", "speaks from", "days compared")
        rows = [
            (each.day, each.principal, str(each.rule), f"{each.count:,}", f"{each.usual:,}", f"{each.limit:,}",
             str(each.days))
            for each in found
        ]  # fmt: skip
        show_table(heads, rows, right=(3, 4, 5, 6))
        note("unusual is not forbidden: look at the entries, and ask")
    say(f"{counted(len(found), 'thing')} stand out" if len(found) != 1 else "1 thing stands out")
