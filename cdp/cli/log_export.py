"""`cdp log export`: the log, or one person's entries, in a file that anyone can check."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click

from cdp.cli.output import destination
from cdp.cli.render import counted, say
from cdp.cli.session import opened, operator
from cdp.cli.usage import Command
from cdp.errors import BadInput

_FILE: Final = click.Path(path_type=Path)
_NUMBER: Final = re.compile(r"[0-9]{1,18}")
_BOUND: Final = "The {} entry: its number, or a time in UTC such as 2026-03-01 or 2026-03-01T12:00."


@click.command("export", cls=Command)
@click.option("--output", type=_FILE, required=True, metavar="PATH", help="Write to this file, whole or not at all.")
@click.option(
    "--customer", default="", metavar="CUSTOMER", help="Only her entries, each with the proof that it is there."
)
@click.option("--from", "since", default="", metavar="WHEN", help=_BOUND.format("first"))
@click.option("--to", "until", default="", metavar="WHEN", help=_BOUND.format("last") + " It is not exported itself.")
@click.option(
    "--checkpoint", "held", type=_FILE, multiple=True, metavar="OLD",
    help="A checkpoint, or earlier bundle, that the receiver holds: the proof that the log grew out of it is put in.",
)  # fmt: skip
def export(*, output: Path, customer: str, since: str, until: str, held: tuple[Path, ...]) -> None:
    """Write the log into a bundle that is checked without this store: `python -m audit.verify PATH`.

    A bundle has entries, the signed checkpoint with its cosignatures, earlier checkpoints and the proofs between them.
    A customer's bundle has her entries only, and says nothing of others. The export itself is on the log.
    """
    from audit.export import Range
    from cdp.services.log_export import export_log, read_checkpoint

    which = Range(_bound(since, "--from"), _bound(until, "--to"))
    earlier = [read_checkpoint(path) for path in held]
    with opened(compare=False) as platform, destination(output) as sink:
        count = export_log(platform, sink.write, principal=operator(), customer=customer, which=which, earlier=earlier)
    say(f"{counted(count, 'entry', 'entries')} in {output}; whoever has it runs `python -m audit.verify {output}`")


def _bound(text: str, option: str) -> int | str | None:
    """Return a number, or a time as entries have it."""
    if not text:
        return None
    if _NUMBER.fullmatch(text):
        return int(text)
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        hint = "give a number, or a time such as 2026-03-01T12:00"
        raise BadInput("bad_bound", "this is neither a number nor a time", path=option, hint=hint) from None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return at.astimezone(UTC).isoformat(timespec="microseconds")
