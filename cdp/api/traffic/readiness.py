"""Whether a platform can serve: its database, its keys, its log."""

import time
from typing import Final

from cdp.bootstrap import Platform
from cdp.errors import CdpError

KEPT_SECONDS: Final = 1.0


class Readiness:
    """Asks at most once a second, so that nobody keeps the database busy by asking."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._found: tuple[float, str] | None = None

    def fault(self) -> str:
        """Return the code of what keeps it from serving, or nothing."""
        now = time.monotonic()
        if self._found is None or now - self._found[0] > KEPT_SECONDS:
            self._found = (now, self._ask())
        return self._found[1]

    def _ask(self) -> str:
        try:
            self._platform.check()
        except CdpError as error:
            return error.code
        except Exception:  # noqa: BLE001 -- whatever it is, this does not serve; a probe is answered, and told no more
            return "internal"
        return ""
