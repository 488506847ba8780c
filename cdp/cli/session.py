"""What a command stands on: the settings, the open platform, and who acts.

Design section 8: `cdp read VIEW --as ROLE` is recorded as the operating-system user acting in that role.
"""

import os
import pwd
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from cdp.cli.drafts import note_drafts

if TYPE_CHECKING:  # they take half a second, and `--help` needs none of them
    from audit.entries import Principal
    from cdp.bootstrap import Platform


@contextmanager
def opened(*, compare: bool = True) -> "Iterator[Platform]":
    """Open the platform that the settings name.

    Args:
        compare: say on stderr when a draft differs from what is in force.

    Raises:
        CdpError: as `load_settings` and `open_platform`; `not_initialised`.
    """
    from cdp.bootstrap import open_platform
    from cdp.config import load_settings

    settings = load_settings()
    with open_platform(settings) as platform, platform.keeper.running():  # a long import is signed for as it goes
        if compare:
            note_drafts(settings, platform.in_force())
        yield platform


def operator() -> "Principal":
    """Return the operating-system user, in no role."""
    from audit.entries import Principal

    return Principal(f"os:{_user()}")


def acting(platform: "Platform", role: str) -> "Principal":
    """Return the operating-system user in a role.

    INVARIANT: an entry never holds a value; a word that is no role of the policy may be one, and is left out.
    """
    from audit.entries import Principal

    return Principal(f"os:{_user()}", role if role in platform.in_force().policy.roles else "")


def _user() -> str:
    """Return the name that the kernel's user id has; `$USER` says whatever one likes."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # a container may run under an id without a name
        return str(os.getuid())
