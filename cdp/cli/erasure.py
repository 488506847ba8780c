"""`cdp erase` and `cdp erasure`: customers go for good, and what certifies it."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cdp.cli.output import destination
from cdp.cli.render import counted, say, show_table
from cdp.cli.session import opened, operator
from cdp.cli.usage import Command, Group
from cdp.errors import BadInput

if TYPE_CHECKING:
    from cdp.erasure.register import Erasure


@click.command("erase", cls=Command)
@click.argument("customers", nargs=-1, metavar="CUSTOMER...")
@click.option("--reason", default="", metavar="TEXT", help="Why, for example the number of her request. Kept sealed.")
@click.option("--resume", is_flag=True, help="Go on with every erasure that was cut off.")
def erase(*, customers: tuple[str, ...], reason: str, resume: bool) -> None:
    """Erase customers for good.

    CUSTOMER is an id, or an identifier such as `email:ann@example.org`. Her key is destroyed, and with it all that is
    sealed of her, in backups too; her rows in every table go; her identifiers are not taken in again by imports or
    events. An erasure that is cut off goes on when the store is next opened. The files are written anew, which takes a
    while for a large store: erase several at once.
    """
    from cdp.services import erase as service

    if resume == bool(customers):
        raise BadInput("usage", "name customers, or say `--resume`", hint="`cdp erase --help` explains it")
    with opened(compare=False) as platform:
        principal = operator()
        if resume:
            done = service.resume(platform, principal=principal)
        else:
            done = service.erase(platform, customers, principal=principal, reason=reason)
    for each in done:
        say(f"customer {each.customer_id} is erased: {counted(sum(each.counts.values()), 'row')} in all;"
            f" log entry {each.entry}, `cdp erasure certificate {each.erasure_id}`")  # fmt: skip
    if not done:
        say("no erasure was left to finish")


@click.group(cls=Group)
def erasure() -> None:
    """See what was erased."""


@erasure.command("list")
def list_() -> None:
    """List the newest erasures."""
    from cdp.services.erase import list_erasures

    with opened(compare=False) as platform:
        found = list_erasures(platform, principal=operator())
    show_table(["erasure", "customer", "begun", "finished", "entry"], [_row(each) for each in found])


@erasure.command()
@click.argument("erasure_id", metavar="ERASURE")
@click.option("--output", type=click.Path(path_type=Path), metavar="FILE", help="Write it to a file.")
def certificate(*, erasure_id: str, output: Path | None) -> None:
    """Print the signed certificate of an erasure."""
    from cdp.services.certificates import certify
    from cdp.services.erase import find_erasure

    with opened(compare=False) as platform:
        text = certify(platform, find_erasure(platform, erasure_id, principal=operator()))
    with destination(output) as file:
        file.write(text.encode())


@erasure.command()
@click.argument("file", type=click.Path(path_type=Path))
def verify(*, file: Path) -> None:
    """Verify a certificate that this platform signed."""
    from cdp.services.certificates import verify_certificate

    try:
        note = file.read_bytes()
    except OSError:
        raise BadInput("file_unreadable", "the file cannot be read", path=str(file)) from None
    with opened(compare=False) as platform:
        say(verify_certificate(platform, note).rstrip("\n").replace("\n", "; "))


def _row(each: "Erasure") -> list[str]:
    return [each.erasure_id, each.customer_id, each.begun_at, each.finished_at or "unfinished", str(each.entry or "")]
