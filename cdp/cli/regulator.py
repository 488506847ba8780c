"""`cdp regulator add|list|revoke`: programs that ask for suppressions and erasures."""

from dataclasses import asdict

import click

from cdp.cli.render import say, show_json, show_table
from cdp.cli.session import opened, operator
from cdp.cli.usage import Group


@click.group(cls=Group)
def regulator() -> None:
    """Register programs that have people suppressed or erased by user id.

    Each has a key, which clients of Segment's and RudderStack's regulations are given as a bearer token. It reads and
    adds nothing.
    """


@regulator.command()
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Print `key` for a program.")
def add(*, name: str, as_json: bool) -> None:
    """Add a regulator and show its key, this once."""
    from cdp.services.regulations.keys import add_regulator

    with opened(compare=False) as platform:
        made, key = add_regulator(platform, name, principal=operator())
    if as_json:
        show_json({"regulator": made.name, "key": key})
        return
    say(f"regulator  {made.name}")
    say(f"key        {key}")
    say("the key is kept nowhere and cannot be shown again")


@regulator.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_(*, as_json: bool) -> None:
    """List the regulators, with those that are revoked."""
    from cdp.services.regulations.keys import list_regulators

    with opened(compare=False) as platform:
        found = list_regulators(platform)
    if as_json:
        show_json([asdict(each) for each in found])
        return
    rows = [[each.name, each.created_at[:10], (each.revoked_at or "")[:10]] for each in found]
    show_table(["regulator", "added", "revoked"], rows)


@regulator.command()
@click.argument("name")
def revoke(*, name: str) -> None:
    """Let a key count no more, from the next request on. What was asked for before is still done."""
    from cdp.services.regulations.keys import revoke_regulator

    with opened(compare=False) as platform:
        revoke_regulator(platform, name, principal=operator())
    say(f"the key of {name} counts no more")
