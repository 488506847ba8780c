"""`cdp log who-saw CUSTOMER`: every read and every change that the log has about one customer."""

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from cdp.cli.render import SIGNS, WORDS, Cell, counted, note, say, show_json, show_table
from cdp.cli.session import opened, operator
from cdp.cli.usage import Command

if TYPE_CHECKING:
    from cdp.services.who_saw import Access, Shown

_MOST = 100
"""How many rows a table has at most, unless the caller says how many."""


@click.command("who-saw", cls=Command)
@click.argument("customer")
@click.option("--format", "format_", type=click.Choice(("table", "json")), default="table", help="By default a table.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="At most so many, the newest first.")
@click.option(
    "--for", "audience", type=click.Choice(("officer", "person")), default="officer",
    help="For the person, reasons are left out that were given for reads of others, too.",
)  # fmt: skip
def who_saw(*, customer: str, format_: str, limit: int | None, audience: str) -> None:
    """Show who saw a customer: role, purpose, view, recipient, the shape of each field, when and why, newest first.

    CUSTOMER is an id, or an identifier such as `email:ann@example.org`. The log holds no values: it knows in which
    shape a field was due to her, not whether there was anything in it. Looking is itself an access, and is on the log.
    """
    from cdp.services.who_saw import Audience, who_saw as look_up

    most = limit if limit is not None else _MOST + 1 if format_ == "table" else None
    with opened() as platform:
        found = list(look_up(platform, customer, principal=operator(), audience=Audience(audience), limit=most))
    if format_ == "json":
        show_json([asdict(each) for each in found])
        return
    shown = found if limit is not None else found[:_MOST]
    heads = ("entry", "when (UTC)", "who", "what", "for", "what of her", "reason")
    show_table(heads, [_row(each) for each in shown], right=[0])
    say("   ".join(f"{sign} {WORDS[shape]}" for shape, sign in SIGNS.items()) + "   ◌ cannot be said")
    say(f"{counted(len(shown), 'access', 'accesses')}, newest first")
    if len(found) > len(shown):
        note("there are more; `--limit N` shows them, and `--format json` gives them all")


def _row(access: "Access") -> tuple[Cell, ...]:
    who = "herself" if access.by_herself else f"{access.principal} ({access.role})" if access.role else access.principal
    what = f"{access.act} {access.view}" if access.view else access.act
    aim = ", ".join(part for part in (access.purpose, access.recipient and f"to {access.recipient}") if part)
    reason = access.reason or ("given, not shown" if access.has_reason else "")
    when = access.at[:19].replace("T", " ")
    return str(access.entries[0]), when, who, what, aim, "  ".join(map(_field, access.fields)), reason


def _field(shown: "Shown") -> str:
    return f"{SIGNS[shown.applied] if shown.applied else '◌'} {shown.name}"
