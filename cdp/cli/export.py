"""`cdp export`: all that is kept about a customer, in one archive that anybody can check."""

from pathlib import Path

import click

from cdp.cli.output import destination
from cdp.cli.render import counted, say
from cdp.cli.session import opened, operator
from cdp.cli.usage import Group
from cdp.errors import BadInput

_FILE = click.Path(path_type=Path)


@click.group(cls=Group)
def export() -> None:
    """Give a customer all that is kept about her, and check such an archive."""


@export.command()
@click.argument("customer")
@click.option("--output", type=_FILE, required=True, metavar="FILE", help="Write to this file, whole or not at all.")
@click.option("--reason", default="", metavar="TEXT", help="Why, for example the number of her request. Kept sealed.")
@click.option(
    "--language", type=click.Choice(["en", "zh-Hans"]), default="en", show_default=True, help="Of the page in it."
)
def customer(*, customer: str, output: Path, reason: str, language: str) -> None:
    """Write an archive of all that is kept about a customer, as she would get it herself in the portal.

    CUSTOMER is an id, or an identifier such as `email:ann@example.org`. It holds a page for people, JSON and CSV with
    their schema, the receipt of her choices, her entries of the log with their proofs, and a signed manifest. What the
    views of the role `customer` give is in it, in full: hand it to nobody but her.
    """
    from cdp.pages.takeaway import takeaway_page
    from cdp.services.exports.now import export_now

    with opened(compare=False) as platform, destination(output) as sink:
        job = export_now(
            platform, customer, sink.write, principal=operator(), language=language, reason=reason, render=takeaway_page
        )
    say(f"{counted(job.files, 'file')} and {counted(job.rows_done, 'row')} are in {output}; "
        f"whoever has it runs `cdp export verify {output}`")  # fmt: skip


@export.command()
@click.argument("file", type=_FILE)
@click.option("--key", metavar="VKEY", help="Who signs for the log there. By default this platform.")
@click.option("--receipts-key", metavar="VKEY", help="Who signs receipts there. By default this platform.")
def verify(*, file: Path, key: str | None, receipts_key: str | None) -> None:
    """Verify an archive, and say what was checked. With `--key` no store is needed.

    `cdp log checkpoint --vkey` prints the key of the log, and `/log/vkey` serves it.
    """
    from cdp.services.exports.verify import verify_export
    from cdp.services.receipts.issue import receipts_key as own_key
    from cdp.services.receipts.verify import parse_verifier

    if receipts_key and not key:
        raise BadInput("usage", "`--receipts-key` comes with `--key`", hint="`cdp consent receipt keys` prints both")
    if key:
        receipts = parse_verifier(receipts_key, "--receipts-key") if receipts_key else None
        verified = verify_export(file, log=parse_verifier(key, "--key"), receipts=receipts)
    else:
        with opened(compare=False) as platform:
            verified = verify_export(file, log=platform.keeper.verifier, receipts=own_key(platform))
    for number, step in enumerate(verified.steps, 1):
        say(f"{number}. {step}")
    say(f"made {verified.manifest.made_at}; the export holds")
