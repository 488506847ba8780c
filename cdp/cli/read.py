"""`cdp read VIEW --as ROLE`: the rows of a view, for people and for programs."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict, Unpack

import click

from cdp.cli.output import destination
from cdp.cli.session import acting, opened
from cdp.cli.usage import Command
from cdp.errors import BadInput
from cdp.services.formats.encode import BINARY, FORMATS, TABLE, encoder

if TYPE_CHECKING:
    from cdp.bootstrap import Platform
    from views.request import ViewRequest


class Asked(TypedDict):
    """What of a view is asked for."""

    where: tuple[str, ...]
    select: str
    order: str
    limit: int | None
    offset: int
    reason: str


@click.command("read", cls=Command)
@click.argument("view")
@click.option("--as", "role", required=True, metavar="ROLE", help="The role to read in; the log names it and you.")
@click.option("--where", multiple=True, metavar="'COLUMN=OP.VALUE'", help="Only rows that match; all of several must.")
@click.option("--select", default="", metavar="A,B", help="Only these columns, in this order.")
@click.option("--order", default="", metavar="A,B.desc", help="Sort by these columns.")
@click.option("--limit", type=click.IntRange(min=0), metavar="N", help="At most so many rows.")
@click.option("--offset", type=click.IntRange(min=0), default=0, metavar="N", help="Leave out the first rows.")
@click.option(
    "--reason", default="", metavar="TEXT", help="Why you read; some views need it. Kept sealed with the log."
)
@click.option("--explain", is_flag=True, help="Show what the view does to each column and why, and read nothing.")
@click.option("--format", "format_", type=click.Choice(FORMATS), help="By default what FILE ends in, or a table.")
@click.option("--output", type=click.Path(path_type=Path), metavar="FILE", help="Write to a file, whole or not at all.")
def read(
    *, view: str, role: str, explain: bool, format_: str | None, output: Path | None, **asked: Unpack[Asked]
) -> None:
    r"""Read a view in a role.

    The policy decides what the role gets: which rows, which columns, and each value clear, masked, generalised or
    withheld. A withheld value is null. Conditions and order see only what the view shows.

    A condition is written as in PostgREST: eq neq gt gte lt lte in is like ilike fts, with `not.` before it and groups:

    \b
        --where 'loyalty=eq.gold'            --where 'postcode=in.(94*,95*)'
        --where 'email=like.a*'              --where 'or=(loyalty.is.null,income.gte.50000)'

    For programs: `json` is an array of objects, `ndjson` an object a line, `csv` follows RFC 4180 with CRLF, empty for
    null, and an apostrophe before text that a spreadsheet would take for a formula; `arrow` (IPC stream) and `parquet`
    have typed columns, decimals as text. Nothing but the data goes to stdout. A table stops at 100 rows.
    """
    from cdp.cli.explained import explain as show_explained

    format_ = _format(format_, output, explain=explain)
    request = _request(view, role, asked)
    with opened() as platform:
        if explain:
            show_explained(platform, request, as_json=format_ != TABLE)
        elif format_ == TABLE:
            _show(platform, request)
        else:
            _write(platform, request, format_, output)


def _format(named: str | None, output: Path | None, *, explain: bool) -> str:
    """Return the format, once it is sure that the answer can be given in it: a read is on the log, delivered or not."""
    ending = output.suffix[1:] if output and not explain else ""
    chosen = named or (ending if ending in FORMATS else TABLE)
    if explain and (output or chosen not in (TABLE, "json")):
        raise BadInput("bad_format", "a plan is shown as table or json, on stdout", path="--format")
    if chosen == TABLE and output:
        raise BadInput("bad_format", "a table is for the screen", path="--format", hint="name another format")
    if chosen in BINARY and not output and sys.stdout.isatty():
        raise BadInput("bad_format", f"{chosen} is not for the screen", path="--format", hint="give `--output FILE`")
    return chosen


def _request(view: str, role: str, asked: Asked) -> "ViewRequest":
    from views.conditions import parse_conditions
    from views.request import ViewRequest, parse_order, parse_select

    pairs = []
    for index, text in enumerate(asked["where"]):
        name, equals, value = text.partition("=")
        if not equals:
            raise BadInput("bad_condition", "a condition is written `column=op.value`", path=f"where[{index}]")
        pairs.append((name, value))
    return ViewRequest(
        view,
        role,
        select=parse_select(asked["select"]),
        where=parse_conditions(pairs),
        order=parse_order(asked["order"]),
        limit=asked["limit"],
        offset=asked["offset"],
        reason=asked["reason"],
    )


def _show(platform: "Platform", request: "ViewRequest") -> None:
    from dataclasses import replace

    from cdp.cli.answers import SHOWN_ROWS, show_answer
    from cdp.services.read import read_view

    most = None
    if request.limit is None:
        most = SHOWN_ROWS
        request = replace(request, limit=SHOWN_ROWS + 1)  # the one beyond tells whether there is more
    show_answer(read_view(platform, request, principal=acting(platform, request.role)), most=most)


def _write(platform: "Platform", request: "ViewRequest", format_: str, output: Path | None) -> None:
    from cdp.services.read import read_view

    encode = encoder(format_)
    with destination(output) as sink:
        answer = read_view(platform, request, principal=acting(platform, request.role))
        for piece in encode(answer.plan.columns, answer.chunks):
            sink.write(piece)
