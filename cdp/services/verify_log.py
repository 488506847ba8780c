"""Verifying the log of the store."""

from audit.verify_log import Progress, Verified
from cdp.bootstrap import Platform


def verify_log(platform: Platform, progress: Progress = lambda _done, _total: None) -> Verified:
    """Verify the stored log.

    Raises:
        Unavailable: `log_broken`.
    """
    return platform.door.verify(progress)
