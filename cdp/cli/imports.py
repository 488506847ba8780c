"""`cdp import FILE`: rows of a file into the store."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cdp.cli.declaring import declaration_of, declaring
from cdp.cli.render import Cell, counted, note, progress, say, show_table, styled
from cdp.cli.session import opened, operator
from cdp.cli.usage import Command
from cdp.errors import BadInput, Refused

if TYPE_CHECKING:
    from cdp.ingest.guess import Guess
    from cdp.services.imports.load import ImportResult
    from cdp.services.imports.mapping import MappingFile
    from cdp.services.imports.rehearse import Rehearsal
    from cdp.services.provenance.declare import Declaration


@click.command("import", cls=Command)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--entity", default="customer", metavar="NAME", help="What the rows are; by default `customer`.")
@click.option(
    "--map", "pairs", multiple=True, metavar="COLUMN=FIELD", help="Which field a column is; `-` leaves it out."
)
@click.option(
    "--mapping",
    "mapping_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="YAML that says it of many columns: `column: field` on each line.",
)
@click.option("--guess", is_flag=True, help="Guess which field each column is, and ask.")
@click.option("--yes", is_flag=True, help="Take what is guessed without being asked.")
@click.option(
    "--rejects",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Where lines and reasons of rows go that do not fit.",
)
@click.option(
    "--keep-unknown",
    is_flag=True,
    help="Keep columns that the catalogue does not know sealed, until they are classified.",
)
@click.option("--again", is_flag=True, help="Import a file that was imported before.")
@click.option("--source", metavar="NAME", help="From where the rows come; by default `import`.")
@declaring
@click.option("--dry-run", is_flag=True, help="Say what would be created, changed and refused, and why.")
@click.option(
    "--format",
    "format",
    type=click.Choice(["csv", "ndjson", "parquet", "arrow"]),
    help="By default what FILE ends in.",
)
def import_(
    *,
    file: Path,
    entity: str,
    pairs: tuple[str, ...],
    mapping_file: Path | None,
    guess: bool,
    yes: bool,
    dry_run: bool,
    keep_unknown: bool,
    **options: Any,
) -> None:
    """Import a file of CSV, NDJSON, Parquet or Arrow.

    A column that has the name of a field needs no `--map`. `--guess` shows which field it takes each column for, by
    names and by what some cells look like, and leaves out what it cannot tell; nothing is imported before you agree.

    A column that is no field is an error, unless a mapping leaves it out (`-`) or has it kept (`+`). What is kept is
    sealed and seen by nobody; `cdp unclassified` lists it by name, and once a field has that name, it holds the values.

    A customer who is known by an identifier, such as her e-mail address, is updated; every other row is a new customer.
    Interrupted, the import goes on where it stopped when it is run again.

    A row that does not fit is left out and named in the file of rejects, with its line and the reason, but without its
    values; the others are imported, and the exit code is 0 all the same.

    `--purpose`, `--basis`, `--statement`, `--retain` and `--recipient` declare what the rows were collected for, as the
    section `provenance` of a mapping file does where none of them is given. A row is in no view of another purpose.
    What another import changes is for the purposes that both declare.
    """
    from cdp.ingest.guess import guess_mapping
    from cdp.services.imports.load import import_file
    from cdp.services.imports.mapping import read_mapping
    from cdp.services.imports.rehearse import rehearse_import

    source = options.pop("source")
    said = declaration_of(source or "import", options)
    with opened() as platform:
        in_file = None if mapping_file is None else read_mapping(platform, mapping_file, entity=entity)
        said = said or _declared(source, in_file)
        mapping = {**(in_file.columns if in_file else {}), **_mapping(pairs)}
        if keep_unknown:
            mapping |= {"*": "+"}
        if guess:
            mapping = _confirmed(
                guess_mapping(platform, file, entity=entity, given=mapping, format_=options["format"]),
                is_agreed=yes or dry_run,
            )
        given = {"principal": operator(), "entity": entity, "mapping": mapping or None, **options}
        if said is not None:
            given["declared"] = said
        if not dry_run:
            with progress("rows imported") as done:
                result = import_file(platform, file, progress=done, **given)
            _tell(result)
            return
        with progress("rows looked at") as done:
            found = rehearse_import(platform, file, progress=done, **given)
        _foretell(found)


_WORDS = {"": "left out", "+": "kept sealed"}


def _confirmed(guess: "Guess", *, is_agreed: bool) -> dict[str, str]:
    """Show what is guessed; return it once somebody agrees."""
    rows: list[list[Cell]] = [
        [str(each.position), styled(each.shown), _WORDS.get(each.target, each.target), each.why]
        for each in guess.columns
    ]
    show_table(["column", "title", "is", "by"], rows, right=(0,))
    if is_agreed:
        return guess.mapping
    if not (sys.stdin.isatty() and click.confirm("Import it like this?", err=True)):
        hint = "agree with `--yes`, or say what a column is with `--map` or `--mapping`"
        raise Refused("guess_unconfirmed", "nobody agreed to what is guessed; nothing is imported", hint=hint)
    return guess.mapping


def _declared(source: str | None, in_file: "MappingFile | None") -> "Declaration | None":
    """Return what a mapping file declares, where the options declare nothing; its source may still be named by one."""
    from cdp.services.provenance.declare import Declaration

    found = in_file.declared if in_file else None
    if source is None:
        return found
    return replace(found, source=source) if found else Declaration(source)


def _mapping(pairs: tuple[str, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for number, pair in enumerate(pairs, 1):
        column, equals, field = pair.rpartition("=")
        if not (column and equals and field) or column in found:
            message = "a mapping is written `column=field`, each column once"
            raise BadInput("bad_mapping", message, path=f"mapping {number}")
        found[column] = field
    return found


def _foretell(found: "Rehearsal") -> None:
    counts = found.counts
    figures = f"{counts.created:,} would be created, {counts.updated:,} updated, {counts.unchanged:,} left as they are"
    rows = counted(sum(vars(counts).values()), "row")
    say(f"{rows} read: {figures}, {counts.rejected:,} rejected; nothing is imported")
    if found.changes:
        show_table(["changes in", "rows"], [[name, f"{rows:,}"] for name, rows in sorted(found.changes.items())])
    if found.kept:
        kept: list[list[Cell]] = [
            [styled(title), f"{cells:,}", category] for title, (cells, category) in found.kept.items()
        ]
        show_table(["kept sealed", "cells", "suggested category"], kept, right=(1,))
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
