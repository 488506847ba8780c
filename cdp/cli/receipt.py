"""`cdp consent receipt`: receipts of what a customer refused and allowed, issued and verified."""

from pathlib import Path

import click

from cdp.cli.output import destination
from cdp.cli.render import say
from cdp.cli.session import opened, operator
from cdp.cli.usage import Group
from cdp.errors import BadInput

_MOST = 8_000_001


class _WithoutVerb(Group):
    """`cdp consent receipt CUSTOMER` is `cdp consent receipt issue CUSTOMER`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """As click's; what is no command of this group names a customer."""
        if args and args[0] not in self.commands and args[0] not in ctx.help_option_names:
            args = ["issue", *args]
        return super().parse_args(ctx, args)


@click.group(cls=_WithoutVerb)
def receipt() -> None:
    """Issue and verify receipts of what a customer refused and allowed.

    `cdp consent receipt CUSTOMER` issues one. It is JSON-LD by ISO/IEC TS 27560 in the terms of DPV, signed and bound
    to an entry of the log.
    """


@receipt.command()
@click.argument("customer")
@click.option("--act", metavar="ID", help="Only of this act, by its `event_id` in `cdp consent history --format json`.")
@click.option("--output", type=click.Path(path_type=Path), metavar="FILE", help="Write it to a file.")
def issue(*, customer: str, act: str | None, output: Path | None) -> None:
    """Issue a receipt: of the whole state with every act, or of one act. Issuing it is on the log."""
    from cdp.services.receipts.issue import issue_receipt

    with opened() as platform:
        data = issue_receipt(platform, customer, principal=operator(), act=act)
    with destination(output) as file:
        file.write(data)


@receipt.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--key", metavar="VKEY", help="Who signs receipts there. By default this platform.")
@click.option("--log-key", metavar="VKEY", help="Who signs for the log there. By default this platform.")
def verify(*, file: Path, key: str | None, log_key: str | None) -> None:
    """Verify a receipt, and say what was checked. With both keys no store is needed."""
    from cdp.services.receipts.issue import receipts_key
    from cdp.services.receipts.verify import parse_verifier, verify_receipt

    try:
        with file.open("rb") as source:
            data = source.read(_MOST)
    except OSError:
        raise BadInput("receipt_unreadable", "the file cannot be read", path=str(file)) from None
    if key and log_key:
        verified = verify_receipt(data, key=parse_verifier(key, "--key"), log=parse_verifier(log_key, "--log-key"))
    elif key or log_key:
        raise BadInput("usage", "`--key` and `--log-key` come together", hint="`cdp consent receipt keys` prints both")
    else:
        with opened(compare=False) as platform:
            verified = verify_receipt(data, key=receipts_key(platform), log=platform.keeper.verifier)
    for number, step in enumerate(verified.steps, 1):
        say(f"{number}. {step}")
    say("the receipt holds")


@receipt.command()
def keys() -> None:
    """Print the keys by which anybody verifies receipts: of who signs them, and of the log."""
    from cdp.services.receipts.issue import receipts_key

    with opened(compare=False) as platform:
        say(receipts_key(platform).format())
        say(platform.keeper.verifier.format())
