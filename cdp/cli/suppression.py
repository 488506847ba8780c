"""`cdp suppress`: people who are not taken in."""

import click

from cdp.cli.render import counted, say
from cdp.cli.session import opened, operator
from cdp.cli.usage import Command
from cdp.errors import BadInput


@click.command("suppress", cls=Command)
@click.argument("people", nargs=-1, metavar="PERSON...")
@click.option("--reason", default="", metavar="TEXT", help="Why. Kept sealed.")
@click.option("--lift", is_flag=True, help="Take them in again.")
@click.option("--word", default="", metavar="TEXT", help="With --lift: her word; nobody erased returns without.")
def suppress(*, people: tuple[str, ...], reason: str, lift: bool, word: str) -> None:
    """Have people not taken in, by imports, events or any other entry.

    PERSON is an identifier such as `email:ann@example.org`, whether she is known here or not, or the id of a customer.
    What is stored of her stays; `cdp erase` is for that, and suppresses whom it erases. Without anybody, say how many
    identifiers are suppressed.
    """
    from cdp.services import suppress as service

    if word and not lift:
        raise BadInput("usage", "`--word` goes with `--lift`", hint="`cdp suppress --help` explains it")
    with opened(compare=False) as platform:
        if not people:
            found = service.count_suppressed(platform)
            say(f"{found.get('erased', 0):,} of erased people, {found.get('suppressed', 0):,} others")
        elif lift:
            number = service.lift(platform, people, principal=operator(), word=word)
            say(f"{counted(number, 'identifier')} no longer suppressed")
        else:
            number = service.suppress(platform, people, principal=operator(), reason=reason)
            say(f"{counted(number, 'identifier')} suppressed")
