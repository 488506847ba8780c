"""What click refuses, as errors of ours: they name options and commands that exist, never what was typed.

Click's own sentences quote the words of the command line, and such a word may be anybody's e-mail address.
"""

from typing import Any, Final

import click

from cdp.errors import BadInput

_NAME: Final = "cdp"


class Command(click.Command):
    """A command whose errors know that they are its own; click forgets it for some."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.help = _with_marks(self.help)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """As click's."""
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            error.ctx = error.ctx or ctx
            raise


class Group(click.Group):
    """A group of such commands."""

    command_class = Command

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.help = _with_marks(self.help)


def usage_fault(error: click.ClickException) -> BadInput:
    """Return the error that an error of click becomes."""
    context = error.ctx if isinstance(error, click.UsageError) else None
    command = context.command_path if context else _NAME
    hint = f"`{command} --help` explains it"
    message = "the command line cannot be understood"
    if isinstance(error, click.NoSuchCommand):
        message, hint = "there is no such command", _did_you_mean(error.possibilities) or hint
    elif isinstance(error, click.NoSuchOption):
        message, hint = "there is no such option", _did_you_mean(error.possibilities) or hint
    elif isinstance(error, click.MissingParameter):
        message = f"{_name(error.param).strip('[]')} is missing"
    elif isinstance(error, click.BadParameter):
        message = f"{_name(error.param)} takes {_takes(error.param)}"
    elif isinstance(error, click.BadOptionUsage) and context:
        message = _bad_option(context.command, error.option_name)
    elif context and type(error) is click.UsageError:
        is_group = isinstance(context.command, click.Group)
        message = "a command is missing" if is_group else "there are more arguments than the command takes"
    return BadInput("usage", message, path=command.removeprefix(_NAME).strip(), hint=hint)


def _with_marks(text: str | None) -> str | None:
    """Give click its mark before paragraphs whose lines stay: a backspace, which a raw docstring spells out."""
    return text and text.replace("\\b\n", "\b\n")


def _did_you_mean(possibilities: list[str] | None) -> str:
    return f"did you mean `{possibilities[0]}`?" if possibilities else ""


def _name(param: click.Parameter | None) -> str:
    if isinstance(param, click.Option):
        return f"`{max(param.opts, key=len)}`"
    return param.make_metavar(click.get_current_context(silent=True) or _NOWHERE) if param else "a value"


def _takes(param: click.Parameter | None) -> str:
    kind = param.type if param else None
    if isinstance(kind, click.Choice):
        return "one of " + ", ".join(map(str, kind.choices))
    if isinstance(kind, click.IntRange):
        return f"a whole number from {kind.min}"
    return "another value"


def _bad_option(command: click.Command, name: str) -> str:
    for param in command.params:
        if isinstance(param, click.Option) and name in param.opts:
            return f"{_name(param)} takes no value" if param.is_flag else f"{_name(param)} needs a value"
    return "an option is used wrongly"


_NOWHERE: Final = click.Context(click.Command(_NAME))
