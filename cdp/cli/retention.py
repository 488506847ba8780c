"""`cdp retention`: what is older than it may be is deleted, or renewed by asking the person."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from cdp.cli.render import counted, say, show_table
from cdp.cli.session import opened, operator
from cdp.cli.usage import Group

if TYPE_CHECKING:
    from cdp.services.retention.run import Outcome


@click.group(cls=Group)
def retention() -> None:
    """Delete what is older than it may be, or have people renew it.

    The catalogue says with `retention` how long a field or a row is kept, and with `when_outdated` what then becomes of
    it. Run it every night.
    """


@retention.command()
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@click.option("--patience", type=click.IntRange(1, 3650), default=30, show_default=True, metavar="DAYS",
              help="How long people have to answer whether something is still right.")  # fmt: skip
def run(*, dry_run: bool, patience: int) -> None:
    """Delete, ask, and end holds whose time is over, as of today (UTC).

    A run that is cut off is simply run again. Letters are queued to people who are asked, and sent until the mail takes
    them; what people do not answer in time is deleted by a later run. The log says how many, by entity and field, and
    never what.
    """
    from cdp.services.letters.outbox import send_letters
    from cdp.services.retention import run as service

    sent = 0
    with opened(compare=False) as platform:
        today, principal = datetime.now(UTC).date(), operator()
        if dry_run:
            outcome = service.dry_run(platform, principal=principal, today=today, patience=patience)
        else:
            outcome = service.run(platform, principal=principal, today=today, patience=patience)
            sent = send_letters(platform)
    _show(outcome, dry_run=dry_run)
    if not dry_run:
        say(f"letters sent: {sent}")


def _show(outcome: "Outcome", *, dry_run: bool) -> None:
    rows = [
        [entity, name or "(row)", str(verdict), f"{count:,}"]
        for (entity, name, verdict), count in sorted(outcome.counts.items())
    ]
    rows += [[entity, "(row)", "begin", f"{count:,}"] for entity, count in sorted(outcome.begun.items()) if count]
    show_table(["entity", "field", "what", "how many"], rows, right=[3])
    say(f"{counted(outcome.holds, 'hold')} {'would end' if dry_run else 'ended'}; "
        f"{'nothing was done' if dry_run else 'done'}")  # fmt: skip
