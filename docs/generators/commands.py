"""The generated part of `docs/cli.md`: every command with its arguments and options, as `--help` tells it."""

import inspect
from collections.abc import Callable, Iterator
from typing import Final

import click

from cdp.cli.main import group
from docs.generators.markdown import table


def _commands() -> str:
    return "\n".join(part for context in _contexts(group) for part in _command(context))


def _contexts(command: click.Command, parent: click.Context | None = None) -> Iterator[click.Context]:
    """Yield the context of a command and of all below it, in the order of `--help`."""
    context = click.Context(command, parent, info_name=command.name if parent else "cdp")
    yield context
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            yield from _contexts(command.commands[name], context)


def _command(context: click.Context) -> Iterator[str]:
    command = context.command
    if context.parent is None:
        return
    yield f"## {context.command_path}\n"
    if not isinstance(command, click.Group):
        pieces = (piece for piece in command.collect_usage_pieces(context) if piece != "[OPTIONS]")
        options = " [options]" if any(isinstance(param, click.Option) for param in command.params) else ""
        yield f"```text\n{' '.join((context.command_path, *pieces))}{options}\n```\n"
    for paragraph in inspect.cleandoc(command.help or "").split("\n\n"):
        as_it_is = paragraph.startswith("\b\n")
        lines = paragraph.removeprefix("\b\n")
        yield f"```text\n{inspect.cleandoc(lines)}\n```\n" if as_it_is else " ".join(lines.split()) + "\n"
    records = (param.get_help_record(context) for param in command.params if isinstance(param, click.Option))
    rows = [(f"`{form}`", meaning) for form, meaning in filter(None, records)]
    if rows:
        yield table(["option", ""], rows)


PARTS: Final[dict[str, Callable[[], str]]] = {"commands": _commands}
