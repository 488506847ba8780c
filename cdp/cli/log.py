"""`cdp log …`: whether the log is the one that was written, and what of it goes outside."""

from pathlib import Path

import click

from cdp.cli.log_events import ocsf
from cdp.cli.log_export import export
from cdp.cli.log_unusual import unusual
from cdp.cli.render import progress, say
from cdp.cli.session import opened, operator
from cdp.cli.usage import Group
from cdp.cli.who_saw import who_saw


@click.group(cls=Group)
def log() -> None:
    """Verify the log, and show it: every read, every change and every refusal has an entry there."""


@log.command()
@click.option("--witness", "witnesses", metavar="KEY", multiple=True, help="Demand a cosignature by this key.")
@click.option("--quorum", type=int, metavar="N", help="How many of the witnesses must have cosigned; by default all.")
@click.option(
    "--checkpoint", "kept", type=click.Path(path_type=Path), multiple=True, metavar="OLD",
    help="A checkpoint or bundle that you have kept: the log must have grown out of it.",
)  # fmt: skip
def verify(*, witnesses: tuple[str, ...], quorum: int | None, kept: tuple[Path, ...]) -> None:
    """Verify the whole log against itself.

    Every entry, the tree over them, and what the entries commit to; with --witness also that witnesses have cosigned
    the newest checkpoint. When something was changed beneath the program, it says where, and the exit code is 1.
    """
    from cdp.services.log_export import read_checkpoint
    from cdp.services.verify_log import verify_log

    notes = [read_checkpoint(path) for path in kept]
    with opened(compare=False) as platform, progress("entries verified") as done:
        verified = verify_log(platform, done, witnesses=witnesses, quorum=quorum, kept=notes)
    for step in verified.steps:
        say(f"✓ {step}")
    for finding in verified.findings:
        say(f"! {finding}")
    say("the log is whole")


@log.command()
@click.option("--vkey", is_flag=True, help="Print the key that verifies it instead.")
def checkpoint(*, vkey: bool) -> None:
    """Print the newest signed checkpoint, with the cosignatures it has.

    Keep it elsewhere: whoever has it sees later whether the log is still the one it was.
    """
    from cdp.services.log_public import read_checkpoint, read_vkey

    with opened(compare=False) as platform:
        click.echo(read_vkey(platform) if vkey else read_checkpoint(platform).decode(), nl=vkey)


@log.command()
@click.option(
    "--days", type=click.IntRange(min=1), required=True, metavar="N", help="Drop entries that are older than N days."
)
def drop(*, days: int) -> None:
    """Drop what the log said before its retention, by whole tiles of 256 entries.

    What an entry said, whom it was about and why is gone for good; its hash stays, so that the log still verifies and
    old checkpoints and proofs still hold. The log has an entry that says up to where.
    """
    from datetime import UTC, datetime, timedelta

    from cdp.services.drop_log import drop_log

    with opened(compare=False) as platform:
        gone = drop_log(platform, datetime.now(UTC) - timedelta(days=days), principal=operator())
    say(f"{gone:,} entries are dropped by now, counted from the first")


@log.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--entries", is_flag=True, help="Publish the entries, too: they name who read, and when.")
def publish(folder: Path, *, entries: bool) -> None:
    """Write the log as static files, for any web server (C2SP tlog-tiles).

    Only what is new is written, and the checkpoint last.
    """
    from cdp.services.publish_log import publish_log

    with opened(compare=False) as platform, progress("files written") as done:
        published = publish_log(platform, folder, entries=entries, progress=done)
    say(f"{folder} holds the log of {published.entries:,} entries ({published.files:,} files written)")


@log.command()
@click.argument("number", type=click.IntRange(min=0), metavar="ENTRY")
def proof(*, number: int) -> None:
    """Print the proof that an entry is in the log, as C2SP has it: a `.tlog-proof`, with the signed checkpoint.

    ENTRY is its number, as `cdp log who-saw` gives it.
    """
    from cdp.services.log_public import prove_inclusion

    with opened(compare=False) as platform:
        click.echo(prove_inclusion(platform, number).decode(), nl=False)


for _command in (who_saw, unusual, export, ocsf):
    log.add_command(_command)
