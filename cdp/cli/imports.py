"""`cdp import FILE`: rows of a file into the store."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cdp.cli.render import counted, note, progress, say, show_table
from cdp.cli.session import opened, operator
from cdp.cli.usage import Command
from cdp.errors import BadInput

if TYPE_CHECKING:
    from cdp.services.imports.load import ImportResult
    from cdp.services.imports.rehearse import Rehearsal


@click.command("import", cls=Command)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--entity", default="customer", metavar="NAME", help="What the rows are; by default `customer`.")
@click.option(
    "--map", "mapping", multiple=True, metavar="COLUMN=FIELD", help="Which field a column is; `-` leaves it out."
)
@click.option(
    "--rejects",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Where lines and reasons of rows go that do not fit.",
)
@click.option("--again", is_flag=True, help="Import a file that was imported before.")
@click.option("--dry-run", is_flag=True, help="Say what would be created, changed and refused, and why.")
@click.option(
    "--format",
    "format_",
    type=click.Choice(["csv", "ndjson", "parquet", "arrow"]),
    help="By default what FILE ends in.",
)
def import_(
    *,
    file: Path,
    entity: str,
    mapping: tuple[str, ...],
    rejects: Path | None,
    again: bool,
    dry_run: bool,
    format_: str | None,
) -> None:
    """Import a file of CSV, NDJSON, Parquet or Arrow.

    A column that has the name of a field needs no `--map`. A customer who is known by an identifier, such as her
    e-mail address, is updated; every other row is a new customer. Interrupted, the import goes on where it stopped
    when it is run again.

    A row that does not fit is left out and named in the file of rejects, with its line and the reason, but without its
    values; the others are imported, and the exit code is 0 all the same.
    """
    from cdp.services.imports.load import import_file
    from cdp.services.imports.rehearse import rehearse_import

    if dry_run:
        with opened() as platform, progress("rows looked at") as done:
            found = rehearse_import(
                platform, file, principal=operator(), progress=done, entity=entity, mapping=_mapping(mapping),
                format=format_,
            )  # fmt: skip
        _foretell(found)
        return
    with opened() as platform, progress("rows imported") as done:
        result = import_file(
            platform, file, principal=operator(), progress=done, entity=entity, mapping=_mapping(mapping),
            format=format_, rejects=rejects, again=again,
        )  # fmt: skip
    _tell(result)


def _mapping(pairs: tuple[str, ...]) -> dict[str, str] | None:
    found: dict[str, str] = {}
    for number, pair in enumerate(pairs, 1):
        column, equals, field = pair.rpartition("=")
        if not (column and equals and field) or column in found:
            message = "a mapping is written `column=field`, each column once"
            raise BadInput("bad_mapping", message, path=f"mapping {number}")
        found[column] = field
    return found or None


def _foretell(found: "Rehearsal") -> None:
    counts = found.counts
    figures = f"{counts.created:,} would be created, {counts.updated:,} updated, {counts.unchanged:,} left as they are"
    rows = counted(sum(vars(counts).values()), "row")
    say(f"{rows} read: {figures}, {counts.rejected:,} rejected; nothing is imported")
    if found.changes:
        show_table(["changes in", "rows"], [[name, f"{rows:,}"] for name, rows in sorted(found.changes.items())])
    if found.reasons:
        table = [[reason, field, f"{found.reasons[reason, field]:,}", f"{line:,}"]
                for (reason, field), line in sorted(found.first.items())]  # fmt: skip
        show_table(["rejected because", "field", "times", "first in line"], table)


def _tell(result: "ImportResult") -> None:
    if result.already:
        say("this file has been imported already: nothing changed (`--again` imports it once more)")
        return
    resumed = f", going on after row {result.resumed_at:,}" if result.resumed_at else ""
    figures = f"{result.created:,} created, {result.updated:,} updated, {result.unchanged:,} unchanged"
    say(f"{counted(result.rows, 'row')} read{resumed}: {figures}, {result.rejected:,} rejected")
    if result.rejected:
        note(f"{counted(result.rejected, 'row')} did not fit; see {result.rejects_path}")
