"""What several commands take to say where rows come from, and what for."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import click

if TYPE_CHECKING:
    from cdp.services.provenance.declare import Declaration

_OPTIONS: Final = (
    click.option("--statement", default="", metavar="VERSION", help="Which version of what people were told."),
    click.option("--basis", default="", metavar="BASIS", help="On what legal basis: `consent`, `contract`, …"),
    click.option(
        "--purpose", "purposes", multiple=True, metavar="PURPOSE",
        help="For what the rows may be used, and for nothing else; may be repeated. By default all purposes of now.",
    ),
    click.option("--retain", default="", metavar="PERIOD", help="For how long they may be kept, such as `P2Y`."),
    click.option(
        "--recipient", "recipients", multiple=True, metavar="NAME",
        help="To whom alone they may be disclosed; may be repeated.",
    ),
)  # fmt: skip


def declaring(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options that declare what rows are collected for."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def declaration_of(source: str, options: dict[str, Any]) -> "Declaration | None":
    """Take the options of `declaring` out of a command's, and return what they declare; None when nothing is said."""
    from cdp.services.provenance.declare import Declaration

    statement, basis, retain = (options.pop(name) for name in ("statement", "basis", "retain"))
    purposes, recipients = options.pop("purposes"), options.pop("recipients")
    if not (statement or basis or retain or purposes or recipients):
        return None
    return Declaration(source, purposes or None, statement, basis, retain, recipients or None)
