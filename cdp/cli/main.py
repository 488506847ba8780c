"""The group `cdp` and its entry point.

Design section 8. Commands import what they need when they run, so that `cdp --help` is quick.
"""

import io
import os
import signal
import sys
from collections.abc import Sequence
from typing import NoReturn

import click

from cdp.cli import (
    access,
    app,
    break_glass,
    canary,
    consent,
    correction,
    demo,
    erasure,
    export,
    held,
    identity,
    imports,
    ingest,
    init,
    keys,
    log,
    model,
    policy,
    provenance,
    read,
    recipient,
    regulator,
    release,
    report,
    request,
    retention,
    serve,
    source,
    staff,
    statement,
    suppression,
    witness,
)
from cdp.cli.errors import guarded
from cdp.cli.usage import Group
from cdp.errors import BadInput


def _version(context: click.Context, _param: click.Parameter, wanted: bool) -> None:  # noqa: FBT001 -- click's own form
    if wanted:
        from importlib.metadata import version

        click.echo(f"cdp {version('customer-data-platform')}")
        context.exit()


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Show the version.")
def group() -> None:
    r"""Customer data that is read only through views.

    A view decides, for each read, what leaves: from the sensitivity of each field, the opt-outs of each customer,
    the role of the reader and the purpose of the view. Every read is on the log before its first row leaves.

    \b
    To begin:  cdp init                      make a store in ./.cdp from two files
               cdp import customers.csv      fill it
               cdp read care_desk --as agent

    Settings come from the environment or `.env`: CDP_HOME, CDP_DATABASE_URL, CDP_KEYS_URL, CDP_KEK, CDP_CATALOGUE,
    CDP_POLICY. Exit codes: 0 done, 1 it cannot be done now, 2 the input is wrong, 3 refused, 4 not found.
    """


for _command in (
    init.init,
    demo.demo,
    model.model,
    policy.policy,
    statement.statement,
    imports.import_,
    read.read,
    consent.opt_out,
    consent.opt_in,
    consent.consent,
    request.request,
    correction.correction,
    recipient.recipient,
    erasure.erase,
    erasure.erasure,
    export.export,
    held.held,
    identity.identity,
    suppression.suppress,
    release.release,
    retention.retention,
    log.log,
    witness.witness,
    app.app,
    break_glass.break_glass,
    access.access,
    canary.canary,
    keys.keys,
    serve.serve,
    source.source,
    staff.staff,
    provenance.provenance,
    report.report,
    regulator.regulator,
    ingest.ingest,
    ingest.unclassified,
):
    group.add_command(_command)


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code."""
    return guarded(lambda: _invoke(arguments))


def main() -> NoReturn:
    """Run the command line of this process."""
    for stream in (sys.stdout, sys.stderr):  # a terminal that cannot show a sign gets another one, not an error
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    for number in (signal.SIGTERM, signal.SIGHUP):  # so that unfinished files are removed
        if signal.getsignal(number) is signal.SIG_DFL:  # under nohup it is not
            signal.signal(number, lambda caught, _frame: sys.exit(128 + caught))
    if "_CDP_COMPLETE" in os.environ:
        group(prog_name="cdp")
    sys.exit(run(sys.argv[1:]))


def _invoke(arguments: Sequence[str]) -> None:
    for number, argument in enumerate(arguments, 1):
        _require_text(argument, f"argument {number}")
    with group.make_context("cdp", list(arguments)) as context:
        group.invoke(context)


def _require_text(argument: str, path: str) -> None:
    try:
        argument.encode()
    except UnicodeEncodeError:  # Python hands on bytes that are no UTF-8 as lone surrogates
        raise BadInput("not_utf8", "this is not UTF-8 text", path=path) from None
    if "\0" in argument:
        raise BadInput("not_text", "a NUL is no text", path=path)


if __name__ == "__main__":
    main()
