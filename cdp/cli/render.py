"""What people see: sentences, tables, signs, progress. The signs are the same on every page and every screen.

A clear value is ●, a masked one ◐, a generalised one ◍, a withheld one ○; each has its word in the legend. Sentences
and tables go to stdout, everything that accompanies an answer to stderr.
"""

import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeAlias

import click

if TYPE_CHECKING:  # tables take time to import, and a sentence needs none
    from rich.console import Console, RenderableType
    from rich.style import Style
    from rich.text import Text

SIGNS: Final = {"clear": "●", "masked": "◐", "general": "◍", "hidden": "○"}
WORDS: Final = {"clear": "clear", "masked": "masked", "general": "generalised", "hidden": "withheld"}
HUES: Final = {"identifying": "slate_blue1", "personal": "dark_cyan", "sensitive": "indian_red", "none": "bright_black"}
"""One hue for each sensitivity; never without its word somewhere near."""

Cell: TypeAlias = "str | Text"

# Control characters, what turns the direction of writing, line and paragraph separators, halves of pairs.
_STEERING: Final = re.compile("[\\x00-\\x1f\\x7f-\\x9f\\u2028-\\u202e\\u2066-\\u2069\\ud800-\\udfff]")

_WIDE: Final = 10_000
"""Nothing is cut off that goes to a file or another program."""


class Progress(Protocol):
    """What long work calls as it goes on."""

    def __call__(self, done: int, total: int, number: int | None = None, /) -> None:
        """Tell how much is done and of how much, and how many things that is if it is measured otherwise."""


def say(text: str) -> None:
    """Print a line of the answer."""
    click.echo(printable(text))


def note(text: str) -> None:
    """Print a line that accompanies the answer."""
    click.echo(printable(text), err=True)


def printable(text: str) -> str:
    """Return a text that cannot steer a terminal: values, and names of files and keys, were written by others."""
    return _STEERING.sub("�", text.replace("\n", "↵"))


def styled(text: str, style: "str | Style" = "") -> "Text":
    """Return a cell; its text is never read as markup."""
    from rich.text import Text

    return Text(printable(text), style)


def show_table(heads: Sequence[Cell], rows: Sequence[Sequence[Cell]], *, right: Sequence[int] = ()) -> None:
    """Print a table; where the terminal is too narrow for it, print each row as a list instead.

    Args:
        right: the columns that are aligned right.
    """
    console = _console()
    table = _table(heads, rows, right)
    natural = console.measure(table, options=console.options.update(max_width=_WIDE)).maximum
    if natural <= console.width or not rows:
        console.print(table)
        return
    for number, row in enumerate(rows, 1):
        console.print(styled(f"row {number}", "dim"))
        console.print(_pairs(heads, row))


def show_json(value: object) -> None:
    """Print a value as JSON, as it is."""
    import orjson

    click.echo(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode())


def show(renderable: "RenderableType") -> None:
    """Print something of rich's own."""
    _console().print(renderable)


@contextmanager
def progress(label: str, *, passing: bool = False) -> Iterator[Progress]:
    """Yield what long work calls as it goes on: a bar on a terminal, elsewhere a line for every tenth.

    Args:
        passing: the bar goes when the work is done, for what is said in words then.
    """
    if not sys.stderr.isatty():
        yield _tenths(label)
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress as Bar, TaskProgressColumn, TextColumn, TimeRemainingColumn

    number = TextColumn("{task.fields[number]:,} {task.description}")
    columns = (number, BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Bar(*columns, console=Console(stderr=True), transient=passing) as bar:
        task = bar.add_task(label, total=None, number=0)

        def move(done: int, total: int, number: int | None = None) -> None:
            bar.update(task, completed=done, total=total, number=done if number is None else number)

        yield move


def counted(number: int, noun: str, plural: str = "") -> str:
    """Return a number with its noun, as `1 row` and `2,000 rows`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def _tenths(label: str) -> Progress:
    last = 0

    def line(done: int, total: int, number: int | None = None) -> None:
        nonlocal last
        tenth = 10 * done // total if total else 0
        if tenth > last:
            last = tenth
            note(f"{done if number is None else number:,} {label} ({tenth * 10} %)")

    return line


def _console() -> "Console":
    from rich.console import Console

    return Console(highlight=False, markup=False, emoji=False, width=None if sys.stdout.isatty() else _WIDE)


def _table(heads: Sequence[Cell], rows: Sequence[Sequence[Cell]], right: Sequence[int]) -> Any:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="bold")
    for index, head in enumerate(heads):
        table.add_column(head, justify="right" if index in right else "left", overflow="fold")
    for row in rows:
        table.add_row(*row)
    return table


def _pairs(heads: Sequence[Cell], row: Sequence[Cell]) -> Any:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for head, cell in zip(heads, row, strict=True):
        table.add_row(head, cell)
    return table
