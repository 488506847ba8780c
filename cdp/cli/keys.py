"""`cdp keys rotate`: new keys around the customers' keys."""

import click

from cdp.cli.render import progress, say
from cdp.cli.session import opened
from cdp.cli.usage import Group


@click.group(cls=Group)
def keys() -> None:
    """Look after the keys."""


@keys.command()
def rotate() -> None:
    """Wrap all keys anew and destroy the old key-encryption key.

    No value is sealed anew, and reads go on meanwhile. Afterwards older copies of the key store cannot be opened any
    more: make a new backup of it. Interrupted, it goes on where it stopped when it is run again.
    """
    from cdp.vault.rotate import rotate as rotate_keys

    with opened(compare=False) as platform, progress("keys wrapped anew") as done:
        rotate_keys(platform.vault, done)
    say("the keys are wrapped anew; older copies of the key store are void, so make a new backup of it")
