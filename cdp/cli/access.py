"""`cdp access list|confirm`: who may see what is confirmed again and again, by somebody else."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from cdp.cli.render import Cell, say, show_json, show_table, styled
from cdp.cli.session import opened, operator
from cdp.cli.usage import Group
from cdp.errors import BadInput

if TYPE_CHECKING:
    from cdp.bootstrap import Platform
    from cdp.services.confirm_access import Access, Kind


@click.group(cls=Group)
def access() -> None:
    """Confirm again and again who may see what.

    What an app or somebody of staff may see counts from when it was given or last confirmed. After CDP_ACCESS_DAYS it
    waits to be confirmed; with CDP_ACCESS_ENFORCED it is refused until then.
    """


@access.command("list")
@click.option("--due", is_flag=True, help="Only those that wait to be confirmed.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_(*, due: bool, as_json: bool) -> None:
    """List the apps and the staff that may act, those that wait longest first."""
    with opened() as platform:
        found = _all(platform, due=due)
    if as_json:
        show_json([asdict(each) for each in found])
        return
    now = datetime.now(UTC)
    heads = ["access", "role", "views", "settled", "by", "due"]
    rows: list[list[Cell]] = [
        [
            styled(each.principal), each.role, styled(", ".join(each.views)), each.settled_at[:10],
            each.confirmed_by or each.given_by, "now" if each.is_due(now) else each.due_at[:10],
        ]
        for each in found
    ]  # fmt: skip
    if rows:
        show_table(heads, rows)
    else:
        say("nothing waits to be confirmed" if due else "there is no app and no account yet")


@access.command()
@click.argument("who", metavar="app:NAME|staff:NAME")
def confirm(*, who: str) -> None:
    """Confirm that an app or somebody of staff still needs what it may see; that is on the log."""
    from cdp.services.confirm_access import confirm as confirm_access

    kind, name = _named(who)
    with opened() as platform:
        found = confirm_access(platform, kind, name, principal=operator())
    say(f"{found.principal} may still see {', '.join(found.views) or 'no customer'} as {found.role}")


def _named(who: str) -> "tuple[Kind, str]":
    kind, _, name = who.partition(":")
    if kind == "app":
        return "app", name
    if kind == "staff":
        return "staff", name
    raise BadInput("bad_access", "this names no access", path="who", hint="write `app:NAME` or `staff:NAME`")


def _all(platform: "Platform", *, due: bool) -> "list[Access]":
    from cdp.services.confirm_access import accesses

    now, found, after = datetime.now(UTC), [], None
    while page := accesses(platform, after=after, most=1_000):
        found += [each for each in page if each.is_due(now) or not due]
        after = page[-1].settled_at, page[-1].key
    return found
