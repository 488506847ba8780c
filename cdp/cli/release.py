"""`cdp release build|list`: what analysis reads."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from cdp.cli.render import Cell, counted, say, show_json, show_table, styled
from cdp.cli.session import opened, operator
from cdp.cli.usage import Group

if TYPE_CHECKING:
    from cdp.services.releases import Release

_FORM = click.option("--format", "format_", type=click.Choice(["table", "json"]), default="table", help="Or json.")


@click.group(cls=Group)
def release() -> None:
    """Build and list the releases of anonymized views.

    An anonymized view is read from its newest release: a table that never changes, made of groups of at least k
    customers. Nobody in it can be told from the others of her group by the fields of the view.
    """


@release.command()
@click.argument("view")
def build(*, view: str) -> None:
    """Build the next release of an anonymized view."""
    from cdp.services.releases import build_release

    with opened() as platform:
        built = build_release(platform, view, principal=operator())
    rows, left_out = counted(built.size, "row"), counted(built.suppressed, "row")
    say(f"release {built.release} of {built.view}: {rows} in groups of at least {built.k}; {left_out} left out")


@release.command("list")
@click.argument("view", required=False)
@_FORM
def list_(*, view: str | None, format_: str) -> None:
    """List the releases, newest first."""
    from cdp.services.releases import list_releases

    with opened() as platform:
        found = list_releases(platform, view)
    if format_ == "json":
        show_json([asdict(each) for each in found])
    elif found:
        _show(found)
    else:
        say("there is no release yet; `cdp release build VIEW` builds one")


def _show(found: "Sequence[Release]") -> None:
    heads = ["release", "view", "k", "rows", "left out", "built", "columns"]
    rows: list[list[Cell]] = [
        [
            str(each.release), each.view, str(each.k), f"{each.size:,}", f"{each.suppressed:,}", each.created_at[:19],
            styled(", ".join(each.columns)),
        ]
        for each in found
    ]  # fmt: skip
    show_table(heads, rows, right=(0, 2, 3, 4))
