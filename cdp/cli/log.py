"""`cdp log verify`: whether the log is the one that was written."""

import click

from cdp.cli.render import progress, say
from cdp.cli.session import opened
from cdp.cli.usage import Group


@click.group(cls=Group)
def log() -> None:
    """Verify the log: every read, every change and every refusal has an entry there."""


@log.command()
def verify() -> None:
    """Verify the whole log against itself.

    Every entry, the tree over them, and what the entries commit to. When something was changed beneath the program, it
    says where, and the exit code is 1.
    """
    from cdp.services.verify_log import verify_log

    with opened(compare=False) as platform, progress("entries verified") as done:
        verified = verify_log(platform, done)
    for step in verified.steps:
        say(f"✓ {step}")
    for finding in verified.findings:
        say(f"! {finding}")
    say("the log is whole")
