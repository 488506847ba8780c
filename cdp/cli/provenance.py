"""`cdp provenance list|show|change`: what rows were collected for, and changing it for all of them at once."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

import click

from cdp.cli.render import Cell, counted, say, show_json, show_table
from cdp.cli.session import opened, operator
from cdp.cli.usage import Group

if TYPE_CHECKING:
    from cdp.services.provenance.sets import ProvenanceSet

_TITLES: Final = ["set", "declared by", "legal basis", "purposes", "recipients", "kept for"]


@click.group(cls=Group)
def provenance() -> None:
    """Look at what rows were collected for, and change it.

    Every row points to a set: from where it comes, by which version of the statement, on what legal basis, for which
    purposes, for how long, for whom. A row that came from several has the set of all of them.
    """


@provenance.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_(*, as_json: bool) -> None:
    """List the sets."""
    from cdp.services.provenance.sets import list_sets

    with opened() as platform:
        found = list_sets(platform)
    if as_json:
        show_json([asdict(each) for each in found])
        return
    show_table(_TITLES, [_row(each) for each in found])


@provenance.command()
@click.argument("number", metavar="SET", type=int)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def show(*, number: int, as_json: bool) -> None:
    """Show one set, and how many rows have it."""
    from cdp.services.provenance.sets import show_set

    with opened() as platform:
        found, rows = show_set(platform, number, principal=operator())
    if as_json:
        show_json({**asdict(found), "rows": rows})
        return
    for each in found.parts:
        by = " ".join(filter(None, (each.source, each.statement)))
        kept = each.retention or "as long as the catalogue says"
        say(f"declared by  {by}: {each.legal_basis or 'no legal basis said'}, kept for {kept}")
    say(f"purposes     {', '.join(found.purposes) or 'none'}")
    if found.withdrawn:
        say(f"withdrawn    {', '.join(found.withdrawn)}")
    say(f"recipients   {_recipients(found)}")
    say(f"rows         {', '.join(f'{name} {number:,}' for name, number in rows.items())}")


@provenance.command()
@click.argument("number", metavar="[SET]", type=int, required=False)
@click.option("--source", default="", metavar="NAME", help="All sets that this source declared.")
@click.option("--statement", metavar="VERSION", help="Of those, the ones of this version of its statement.")
@click.option("--all", "everything", is_flag=True, help="All declared sets.")
@click.option("--withdraw", multiple=True, metavar="PURPOSE", help="Rows serve this purpose no more; may be repeated.")
@click.option("--allow", multiple=True, metavar="PURPOSE", help="Rows serve this purpose besides; may be repeated.")
@click.option("--retain", "retention", metavar="PERIOD", help="For how long rows may be kept; empty: no limit.")
@click.option("--recipient", "recipients", multiple=True, metavar="NAME", help="To whom alone rows may be disclosed.")
@click.option("--reason", default="", help="Why; it is kept sealed, and the log commits to it.")
def change(
    *, number: int | None, source: str, statement: str | None, everything: bool, reason: str, **options: Any
) -> None:  # fmt: skip
    """Change what rows may serve, for every row of some sets at once.

    It counts from the next read on. A row that came from several sets serves what all of them allow. What is withdrawn
    stays withdrawn from what the source declares later under the same version of its statement.
    """
    from cdp.services.provenance.change import SetChange, Which, change_sets

    wanted = SetChange(
        options["withdraw"], options["allow"], options["retention"], options["recipients"] or None
    )  # fmt: skip
    which = Which(number, source, statement, everything)
    with opened() as platform:
        changed = change_sets(platform, which, wanted, principal=operator(), reason=reason)
    say(f"{counted(len(changed), 'set')} changed")
    show_table(_TITLES, [_row(each) for each in changed])


def _row(found: "ProvenanceSet") -> list[Cell]:
    by = " + ".join(" ".join(filter(None, (each.source, each.statement))) for each in found.parts)
    bases = dict.fromkeys(each.legal_basis for each in found.parts if each.legal_basis)
    periods = dict.fromkeys(each.retention for each in found.parts if each.retention)
    return [
        str(found.provenance), by, ", ".join(bases), ", ".join(found.purposes) or "none", _recipients(found),
        ", ".join(periods),
    ]  # fmt: skip


def _recipients(found: "ProvenanceSet") -> str:
    return "anybody" if found.recipients is None else ", ".join(found.recipients) or "nobody"
